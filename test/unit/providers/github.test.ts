/** What rows of a table cannot say: which deliveries share a subject, and what is not taken for a fact. The facts of each stand in test/golden/github.yaml. */
import { describe, expect, test } from "vitest";
import type { Facts } from "../../../src/core/delivery.ts";
import { sha256Of } from "../../../src/core/ids.ts";
import { BODY_BYTES_MAX } from "../../../src/core/limits.ts";
import { github } from "../../../src/providers/github.ts";
import { readPayload } from "../../../src/providers/payload.ts";

const SHA = sha256Of("ab".repeat(32));
const repository = { full_name: "octo-org/octo-repo" };

type Headers = Readonly<Record<string, readonly string[]>>;

function facts(event: string, body: object, headers: Headers = {}): Facts {
  const payload = readPayload(Buffer.from(JSON.stringify({ repository, ...body })));
  const sent = new Map(Object.entries({ "x-github-event": [event], ...headers }));
  return github.normalize({ headers: sent, sha256: SHA, payload }, { event: "/event" });
}

describe("the preset", () => {
  test("looks at the sha256 signature alone", () => {
    expect(github.schemes).toEqual([
      expect.objectContaining({
        algorithm: "sha256",
        encoding: "hex",
        headers: ["x-hub-signature-256"],
        field: "sha256",
        signed: "{body}",
        timestamp: null,
      }),
    ]);
  });

  test("takes what GitHub sends: bodies up to 25 MiB, JSON in a form, one id over redeliveries, any 2xx", () => {
    expect([github.body_limit_bytes, github.form_json, github.dedupe]).toEqual([BODY_BYTES_MAX, "payload", "id+body"]);
    expect([github.acknowledgement, github.handshake]).toEqual([{ status: 202, body: "receipt" }, null]);
  });

  test("keeps what tells of the delivery and signs it, and no credentials", () => {
    expect(github.headers_kept.toSorted()).toEqual([
      "content-length",
      "content-type",
      "user-agent",
      "x-github-delivery",
      "x-github-event",
      "x-github-hook-id",
      "x-github-hook-installation-target-id",
      "x-github-hook-installation-target-type",
      "x-hub-signature-256",
    ]);
  });
});

describe("the delivery's id", () => {
  test("is the header's, also where the body cannot be read", () => {
    const id = "72d3162e-cc78-11e3-81ab-4c9367dc0958";
    expect(facts("push", {}, { "x-github-delivery": [id] }).delivery_id).toBe(id);
  });

  test.each([
    ["missing", []],
    ["repeated", ["a", "b"]],
    ["with a blank", ["a b"]],
  ])("is the body's hash when the header is %s", (_how, values) => {
    expect(facts("push", {}, { "x-github-delivery": values }).delivery_id).toBe(SHA);
  });
});

describe("the event's type", () => {
  test.each([
    ["the event with its action", "pull_request", { action: "synchronize" }, "pull_request.synchronize"],
    ["the event where there is no action", "push", {}, "push"],
    ["the event where the action is no text", "push", { action: ["opened"] }, "push"],
    [
      "the event where the action would make it too long",
      "repository_dispatch",
      { action: "a".repeat(250) },
      "repository_dispatch",
    ],
    ["the event where the action cannot be a name", "repository_dispatch", { action: "a\nb" }, "repository_dispatch"],
  ])("is %s", (_how, event, body, type) => {
    expect(facts(event, body).event_type).toBe(type);
  });

  test("is nothing where the header is repeated, for then it is not known which of the two was meant", () => {
    expect(facts("push", { ref: "refs/heads/main" }, { "x-github-event": ["push", "create"] })).toMatchObject({
      event_type: null,
      ref: null,
      project: "octo-org/octo-repo",
    });
  });
});

describe("an event that is not known", () => {
  test.each([["__proto__"], ["toString"], ["a/b"], ["A"], ["~"], ["x".repeat(65)]])(
    "and is called %s has what every payload has, and no object",
    (event) => {
      const member = JSON.parse(`{${JSON.stringify(event)}:{"id":1,"updated_at":"2026-01-01T00:00:00Z"}}`);
      expect(facts(event, { ...member, sender: { login: "ada" } })).toMatchObject({
        event_type: event,
        external_event_id: null,
        actor: "ada",
        project: "octo-org/octo-repo",
        subject_key: null,
        order: null,
      });
    },
  );

  test("and is called as objects' own members are is looked for among those that were sent", () => {
    expect(facts("constructor", {})).toMatchObject({ external_event_id: null, subject_key: null });
    expect(facts("constructor", { constructor: { id: 1 } }).external_event_id).toBe("1");
  });

  test("never anchors: what it calls a hash may be anything", () => {
    const space_station = { id: 1, sha: "b".repeat(40), head_sha: "b".repeat(40) };
    expect(facts("space_station", { space_station, sha: "b".repeat(40), after: "b".repeat(40) }).commit_sha).toBeNull();
  });
});

describe("deliveries about one thing share a subject:", () => {
  const number = 7;
  const pull_request = { id: 1, number };
  const linked = { number, pull_request: { url: "https://api.github.com/repos/octo-org/octo-repo/pulls/7" } };

  test("a pull request, its reviews, and comments of either kind", () => {
    const subjects = [
      facts("pull_request", { pull_request }),
      facts("pull_request_review", { pull_request, review: { id: 2 } }),
      facts("pull_request_review_comment", { pull_request, comment: { id: 3 } }),
      facts("pull_request_review_thread", { pull_request, thread: { node_id: "T4" } }),
      facts("issue_comment", { issue: linked, comment: { id: 5 } }),
    ].map(({ subject_key }) => subject_key);
    expect(new Set(subjects)).toEqual(new Set(["github:octo-org/octo-repo:pull:7"]));
  });

  test("an issue and its comments, and not the pull request of its number", () => {
    const issue = facts("issues", { issue: { id: 1, number } });
    const comment = facts("issue_comment", { issue: { id: 1, number }, comment: { id: 2 } });
    expect([issue.subject_key, comment.subject_key]).toEqual(Array(2).fill("github:octo-org/octo-repo:issue:7"));
  });

  test.each([
    ["branch", "refs/heads/v1"],
    ["tag", "refs/tags/v1"],
  ])("the creation of a %s, the pushes to it, and its deletion", (ref_type, ref) => {
    const subjects = [
      facts("create", { ref: "v1", ref_type }),
      facts("push", { ref }),
      facts("delete", { ref: "v1", ref_type }),
    ].map(({ subject_key }) => subject_key);
    expect(new Set(subjects)).toEqual(new Set([`github:octo-org/octo-repo:${ref}`]));
  });

  test("a deployment and its statuses; the run that waits for a review of it is another", () => {
    const deployment = { id: 1 };
    expect(facts("deployment", { deployment }).subject_key).toBe("github:octo-org/octo-repo:deployment:1");
    expect(facts("deployment_status", { deployment, deployment_status: { id: 2 } }).subject_key).toBe(
      "github:octo-org/octo-repo:deployment:1",
    );
    expect(facts("deployment_review", { workflow_run: { id: 3 } }).subject_key).toBe(
      facts("workflow_run", { workflow_run: { id: 3 } }).subject_key,
    );
  });

  test("a repository, under whatever name", () => {
    const before = facts("repository", { repository: { id: 1, full_name: "octo-org/old" } });
    const after = facts("repository", { repository: { id: 1, full_name: "octo-org/new" } });
    expect([before.subject_key, after.subject_key]).toEqual(Array(2).fill("github:repository:1"));
  });

  test("a team, whether or not the delivery tells of a repository", () => {
    const body = { team: { id: 1 }, organization: { login: "octo-org" } };
    expect(facts("team", body).subject_key).toBe(facts("team", { ...body, repository: undefined }).subject_key);
  });

  test("and none where it is not said what the number counts in", () => {
    const { subject_key, order } = facts("issues", {
      issue: { number, updated_at: "2026-01-01T00:00:00Z" },
      repository: null,
    });
    expect([subject_key, order]).toEqual([null, null]);
  });
});

describe("an anchor", () => {
  const head = { ref: "change", sha: "b".repeat(40) };

  test("is never the trial merge of a pull request", () => {
    const merged = { number: 7, merged: true, merge_commit_sha: "f".repeat(40), head: { ref: "change" } };
    expect(facts("pull_request", { action: "closed", pull_request: merged }).commit_sha).toBeNull();
  });

  test.each([
    ["is abbreviated", "a".repeat(12)],
    ["is all zero", "0".repeat(40)],
    ["is missing", null],
  ])("of a review is the head where the hash that was reviewed %s", (_how, commit_id) => {
    const review = { id: 1, commit_id };
    expect(facts("pull_request_review", { review, pull_request: { number: 7, head } }).commit_sha).toBe(head.sha);
  });

  test("of a commit that several branches hold has no ref", () => {
    const status = { sha: "b".repeat(40), context: "ci", branches: [{ name: "main" }, { name: "change" }] };
    expect(facts("status", status)).toMatchObject({ ref: null, commit_sha: "b".repeat(40) });
    expect(facts("status", { ...status, branches: [{ name: "main" }] }).ref).toBe("main");
  });
});
