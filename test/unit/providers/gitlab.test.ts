import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OrderSignal } from "../../../src/core/delivery.ts";
import { gitlab } from "../../../src/providers/gitlab.ts";
import { normalized, told } from "../../support/normalized.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const COMMIT = "c100000000000000000000000000000000000001";
const project = { id: 7, path_with_namespace: "ada/engine" };

describe("the preset", () => {
  test("keeps no header that is the secret itself, and each that a signature rests on", () => {
    const kept = new Set(gitlab.headers_kept);
    const secrets = gitlab.schemes.filter(({ algorithm }) => algorithm === "token").flatMap(({ headers }) => headers);
    const signing = gitlab.schemes.filter(({ algorithm }) => algorithm !== "token");
    expect(secrets).toEqual(["x-gitlab-token"]);
    expect(secrets.filter((name) => kept.has(name))).toEqual([]);
    expect(
      signing.flatMap(({ headers, id_headers, timestamp }) => [
        ...headers,
        ...(id_headers ?? []),
        ...(timestamp?.names ?? []),
      ]),
    ).toEqual(["webhook-signature", "webhook-id", "webhook-timestamp"]);
    expect(["webhook-signature", "webhook-id", "webhook-timestamp"].every((name) => kept.has(name))).toBe(true);
  });

  test("answers 200, which its documentation asks for", () => {
    expect(gitlab.acknowledgement).toEqual({ status: 200, body: "receipt" });
  });
});

describe("the delivery id", () => {
  const id = (headers: Record<string, string | readonly string[]>): string =>
    normalized(gitlab, "{}", headers).delivery_id;
  const ofBody = id({});

  test("is the webhook-id before the idempotency key, which is the same where both come", () => {
    expect(id({ "webhook-id": "msg_1", "idempotency-key": "key-1" })).toBe("msg_1");
    expect(id({ "idempotency-key": "key-1" })).toBe("key-1");
  });

  test("is never the UUID that hooks share which set off each other, nor that of the hook", () => {
    expect(id({ "x-gitlab-event-uuid": "e-1", "x-gitlab-webhook-uuid": "w-1" })).toBe(ofBody);
  });

  test.each([
    ["repeated", ["msg_1", "msg_2"]],
    ["with a blank", "msg 1"],
    ["empty", ""],
    ["beyond ASCII", "мсг"],
  ])("is not taken from a header that is %s", (_name, value) => {
    expect(id({ "webhook-id": value })).toBe(ofBody);
  });
});

type Attributes = Readonly<Record<string, unknown>>;
const mergeRequest = (object_attributes: Attributes): OrderSignal | null =>
  normalized(gitlab, { object_kind: "merge_request", project, object_attributes: { iid: 1, ...object_attributes } })
    .order;
const note = (at: string, state: string): OrderSignal | null =>
  normalized(gitlab, {
    object_kind: "note",
    project,
    object_attributes: { updated_at: at, action: "create" },
    merge_request: { iid: 1, state },
  }).order;
const pipeline = (status: string, finished_at: string | null = null): OrderSignal | null =>
  normalized(gitlab, {
    object_kind: "pipeline",
    project,
    object_attributes: { id: 1, status, created_at: "2026-03-01 10:00:00 UTC", finished_at },
  }).order;
const job = (build_status: string, started: string | null = null, finished: string | null = null): OrderSignal | null =>
  normalized(gitlab, {
    object_kind: "build",
    project_id: 7,
    build_id: 1,
    build_status,
    build_created_at: "2026-03-01 10:00:00 UTC",
    build_started_at: started,
    build_finished_at: finished,
  }).order;
const deployment = (status: string, status_changed_at: string): OrderSignal | null =>
  normalized(gitlab, { object_kind: "deployment", project, deployment_id: 1, status, status_changed_at }).order;

describe("a lifecycle that is told in order is in order", () => {
  test("a merge request, over both shapes of times", () => {
    expect(
      told([
        mergeRequest({ action: "open", state: "opened", updated_at: "2026-03-01 10:00:00 UTC" }),
        mergeRequest({ action: "update", state: "opened", updated_at: "2026-03-01T10:00:00Z" }),
        note("2026-03-01T10:00:01.100Z", "opened"),
        mergeRequest({ action: "approved", state: "opened", updated_at: "2026-03-01 12:00:02 +0200" }),
        mergeRequest({ action: "merge", state: "merged", updated_at: "2026-03-01 10:00:02 UTC" }),
      ]),
    ).toEqual(["later", "later", "later", "later"]);
  });

  test("a pipeline", () => {
    const statuses = ["created", "pending", "running"].map((status) => pipeline(status));
    expect(told([...statuses, pipeline("success", "2026-03-01 10:09:00 UTC")])).toEqual(["later", "later", "later"]);
  });

  test("a pipeline that is run again keeps the time of its first end until the second", () => {
    const first = "2026-03-01 10:09:00 UTC";
    const second = "2026-03-01 10:19:00 UTC";
    expect(
      told([
        pipeline("running"),
        pipeline("failed", first),
        pipeline("pending", first),
        pipeline("running", first),
        pipeline("success", second),
      ]),
    ).toEqual(["later", "later", "later", "later"]);
  });

  test("a job that waits for a person", () => {
    const started = "2026-03-01 10:05:00 UTC";
    expect(
      told([
        job("skipped"),
        job("manual"),
        job("pending"),
        job("running", started),
        job("canceling", started),
        job("canceled", started, "2026-03-01 10:06:00 UTC"),
      ]),
    ).toEqual(["later", "later", "later", "later", "later"]);
  });

  test("a deployment within one second", () => {
    const at = "2026-03-01 12:00:00 +0200";
    expect(told(["created", "running", "success"].map((status) => deployment(status, at)))).toEqual(["later", "later"]);
  });
});

describe("nothing is said of the order", () => {
  const at = "2026-03-01 10:00:00 UTC";
  test.each([
    [
      "a close and a reopening within a second",
      ["close", "reopen"].map((action) => mergeRequest({ action, updated_at: at })),
    ],
    [
      "a change and a comment within a second",
      [mergeRequest({ action: "update", updated_at: at }), note(at, "opened")],
    ],
    [
      "a merge and a comment on what is merged",
      [mergeRequest({ state: "merged", updated_at: at }), note(at, "merged")],
    ],
    ["a pipeline that runs and one that is blocked", ["running", "manual"].map((status) => pipeline(status))],
    ["a pipeline that is blocked and one that runs", ["manual", "running"].map((status) => pipeline(status))],
    ["a job that is skipped and then run after all", ["skipped", "created"].map((status) => job(status))],
    ["two statuses that are not known", ["brewing", "steeping"].map((status) => job(status))],
  ])("of %s", (_name, orders) => {
    expect(orders.map((order) => order?.kind)).toEqual(["mark", "mark"]);
    expect(told(orders)).toEqual(["unknown"]);
  });

  test("of a deletion that was told before the creation: the chain's ends are as GitLab says", () => {
    const zeros = "0".repeat(40);
    const push = (before: string, after: string): OrderSignal | null =>
      normalized(gitlab, { object_kind: "push", ref: "refs/heads/a", project, before, after }).order;
    expect(push(zeros, COMMIT)).toMatchObject({ before: null, after: COMMIT });
    expect(push(COMMIT, zeros)).toMatchObject({ before: COMMIT, after: null });
    expect(push(zeros, zeros)).toBeNull();
    expect(push(COMMIT.slice(0, 12), COMMIT)).toBeNull();
  });
});

/** Every place that a commit is taken from. */
const commitPlaces: readonly (readonly [string, (hash: unknown) => unknown])[] = [
  ["push", (hash) => ({ object_kind: "push", ref: "refs/heads/a", project, checkout_sha: hash })],
  ["push without checkout", (hash) => ({ object_kind: "push", ref: "refs/heads/a", project, after: hash })],
  ["tag push", (hash) => ({ object_kind: "tag_push", ref: "refs/tags/a", project, checkout_sha: hash })],
  ["merge request", (hash) => ({ object_kind: "merge_request", object_attributes: { last_commit: { id: hash } } })],
  ["pipeline", (hash) => ({ object_kind: "pipeline", object_attributes: { sha: hash } })],
  ["job", (hash) => ({ object_kind: "build", sha: hash })],
  ["release", (hash) => ({ object_kind: "release", commit: { id: hash } })],
  ["comment on a commit", (hash) => ({ object_kind: "note", commit: { id: hash } })],
  ["comment on a merge request", (hash) => ({ object_kind: "note", merge_request: { last_commit: { id: hash } } })],
  ["system hook", (hash) => ({ event_name: "repository_update", changes: [{ ref: "refs/heads/a", after: hash }] })],
];

describe.each(commitPlaces)("the commit of a %s", (_name, body) => {
  const commitOf = (hash: unknown): string | null => normalized(gitlab, body(hash)).commit_sha;

  test("is a full hash, in lower case", () => {
    expect([commitOf(COMMIT), commitOf(COMMIT.toUpperCase()), commitOf("d".repeat(64))]).toEqual([
      COMMIT,
      COMMIT,
      "d".repeat(64),
    ]);
  });

  test("is never one that is short, all zeros, too long, or no hash", () => {
    const hex = fc.stringMatching(/^[0-9a-f]{0,70}$/).filter(({ length }) => length !== 40 && length !== 64);
    const none = fc.oneof(
      hex,
      fc.constantFrom("0".repeat(40), "0".repeat(64), `${COMMIT} `, "g".repeat(40)),
      fc.jsonValue(),
    );
    fc.assert(
      fc.property(none, (hash) => {
        expect(commitOf(hash)).toBeNull();
      }),
    );
  });
});

test("a job, a deployment and a tag have no commit where another event has it", () => {
  const elsewhere = { after: COMMIT, commit: { id: COMMIT, sha: COMMIT }, short_sha: COMMIT };
  for (const object_kind of ["build", "deployment", "tag_push"])
    expect(normalized(gitlab, { object_kind, project, ...elsewhere }).commit_sha).toBeNull();
});

test("what is said of a merge request, of its comments and of reactions to them is one series", () => {
  const subjects = [
    { object_kind: "merge_request", project, object_attributes: { iid: 3 } },
    { object_kind: "note", project, object_attributes: { id: 9 }, merge_request: { iid: 3 } },
    { object_kind: "emoji", project, object_attributes: { id: 9 }, note: { id: 9 }, merge_request: { iid: 3 } },
  ].map((body) => normalized(gitlab, body).subject_key);
  expect(new Set(subjects)).toEqual(new Set(["gitlab:ada/engine:merge_request:3"]));
});

test("one number of an issue, a merge request, a pipeline and a job is four subjects, in two projects eight", () => {
  const subjects = ["ada/engine", "ada/loom"].flatMap((path_with_namespace) =>
    ["issue", "merge_request", "pipeline", "build"].map(
      (object_kind) =>
        normalized(gitlab, {
          object_kind,
          project: { path_with_namespace },
          object_attributes: { id: 1, iid: 1 },
          build_id: 1,
        }).subject_key,
    ),
  );
  expect(new Set(subjects).size).toBe(8);
  expect(subjects).not.toContain(null);
});

test.each(["__proto__", "constructor", "toString", "hasOwnProperty"])(
  "an event named %s is one that is not known",
  (name) => {
    expect(normalized(gitlab, `{"object_kind":"${name}","ref":"main"}`)).toMatchObject({
      event_type: name,
      ref: "main",
      subject_key: null,
      order: null,
    });
  },
);

test("an action that is no name leaves the event's kind", () => {
  const body = { object_kind: "issue", object_attributes: { action: "a".repeat(255) } };
  expect(normalized(gitlab, body).event_type).toBe("issue");
});
