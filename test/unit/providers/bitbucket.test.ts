import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Facts, OrderSignal } from "../../../src/core/delivery.ts";
import { bitbucket } from "../../../src/providers/bitbucket.ts";
import { normalized, told } from "../../support/normalized.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const COMMIT = "c100000000000000000000000000000000000001";
const OTHER = "c100000000000000000000000000000000000002";
const repository = { full_name: "ada/engine" };

type Target = { readonly type: string; readonly name: string; readonly target: { readonly hash: string } };
type Change = {
  readonly old?: Target | null;
  readonly new?: Target | null;
  readonly created?: boolean;
  readonly closed?: boolean;
  readonly forced?: unknown;
};
const branch = (name: string, hash: string): Target => ({ type: "branch", name, target: { hash } });
const pushed = (...changes: readonly Change[]): Facts => normalized(bitbucket, { push: { changes }, repository });

describe("a push of one ref", () => {
  test("is a link from what was to what is", () => {
    expect(pushed({ old: branch("main", COMMIT), new: branch("main", OTHER) }).order).toEqual({
      kind: "chain",
      before: COMMIT,
      after: OTHER,
      forced: false,
      mark: null,
    });
  });

  test.each([
    [true, true],
    [false, false],
    ["true", false],
    [1, false],
    [undefined, false],
  ])("is forced %j: %j", (forced, expected) => {
    const change = { old: branch("main", COMMIT), new: branch("main", OTHER), forced };
    expect(pushed(change).order).toMatchObject({ forced: expected });
  });

  test("begins a chain where nothing was, and ends it where nothing is left", () => {
    expect(pushed({ old: null, new: branch("a", COMMIT) }).order).toMatchObject({ before: null, after: COMMIT });
    expect(pushed({ old: branch("a", COMMIT), new: null }).order).toMatchObject({ before: COMMIT, after: null });
  });

  test.each([
    ["says nothing of either end", {}],
    ["had something before that is not said", { created: false, new: branch("a", COMMIT) }],
    ["has something left that is not said", { closed: false, old: branch("a", COMMIT) }],
    ["was at an abbreviated hash", { old: branch("a", COMMIT.slice(0, 12)), new: branch("a", OTHER) }],
    ["is at an abbreviated hash", { old: branch("a", COMMIT), new: branch("a", OTHER.slice(0, 12)) }],
  ])("that %s is no link", (_name, change) => {
    expect(pushed(change).order).toBeNull();
  });

  test("of a branch and of a tag with one name is about two things", () => {
    const tag = { ...branch("v1", COMMIT), type: "tag" };
    expect([pushed({ new: branch("v1", COMMIT) }).subject_key, pushed({ new: tag }).subject_key]).toEqual([
      "bitbucket:ada/engine:branch:v1",
      "bitbucket:ada/engine:tag:v1",
    ]);
  });
});

describe("a push of several refs", () => {
  const hash = fc.constantFrom(COMMIT, OTHER, COMMIT.slice(0, 12), "0".repeat(40));
  const change = fc.record({ old: fc.option(hash), new: fc.option(hash) });

  test("has no ref, subject or order, and the one full hash that all refs that are left share", () => {
    fc.assert(
      fc.property(fc.array(change, { minLength: 2, maxLength: 5 }), (changes) => {
        const left = changes.map((moved) => moved.new).filter((end) => end !== null && !end.startsWith("0"));
        const [first = null] = left;
        const shared = first?.length === 40 && left.every((end) => end === first) ? first : null;
        const facts = pushed(
          ...changes.map((moved, index) => ({
            old: moved.old === null ? null : branch(`b${index}`, moved.old),
            new: moved.new === null ? null : branch(`b${index}`, moved.new),
          })),
        );
        expect(facts).toMatchObject({ ref: null, subject_key: null, order: null, commit_sha: shared });
      }),
    );
  });

  test("has no commit beyond a thousand of them, and takes them one by one up to there", () => {
    const same = (count: number): readonly Change[] =>
      Array.from({ length: count }, () => ({ new: branch("a", COMMIT) }));
    expect([pushed(...same(1_000)).commit_sha, pushed(...same(1_001)).commit_sha]).toEqual([COMMIT, null]);
  });
});

test.each([
  ["an object", { changes: { 0: { new: branch("a", COMMIT) } } }],
  ["empty", { changes: [] }],
  ["of no objects", { changes: [null] }],
])("a list of changes that is %s has no ref and no commit", (_name, push) => {
  expect(normalized(bitbucket, { push, repository })).toMatchObject({ ref: null, commit_sha: null, order: null });
});

describe("a pull request", () => {
  const pullRequest = (updated_on: string, state = "OPEN"): OrderSignal | null =>
    normalized(bitbucket, { repository, pullrequest: { id: 1, state, updated_on } }).order;

  test("is in order from its opening to its merging", () => {
    expect(
      told([
        pullRequest("2026-03-01T10:00:00.140000+00:00"),
        pullRequest("2026-03-01T10:00:00.140001+00:00"),
        pullRequest("2026-03-01T12:20:00+02:00"),
        pullRequest("2026-03-01T10:20:00.000000+00:00", "MERGED"),
      ]),
    ).toEqual(["later", "later", "later"]);
  });

  test("has no commit of 12 characters, and one of 40 if Bitbucket comes to send it", () => {
    const commitOf = (hash: string): string | null =>
      normalized(bitbucket, { repository, pullrequest: { id: 1, source: { commit: { hash } } } }).commit_sha;
    expect([commitOf(COMMIT.slice(0, 12)), commitOf("0".repeat(40)), commitOf(COMMIT)]).toEqual([null, null, COMMIT]);
  });
});

test("a build is in order, and of another commit another subject", () => {
  const status = (state: string, hash = COMMIT): Facts =>
    normalized(bitbucket, {
      repository,
      commit_status: { key: "K", state, commit: { hash }, updated_on: "2026-03-01T10:00:00.000000+00:00" },
    });
  expect(told([status("INPROGRESS").order, status("SUCCESSFUL").order])).toEqual(["later"]);
  expect(status("FAILED").subject_key).not.toBe(status("FAILED", OTHER).subject_key);
});

test("the header names the event and no other fact rests on it", () => {
  const body = { repository, push: { changes: [{ new: branch("a", COMMIT) }] } };
  const [one, other] = ["repo:push", "pullrequest:created"].map((key) =>
    normalized(bitbucket, body, { "x-event-key": key }),
  );
  expect(one?.event_type).toBe("repo:push");
  expect({ ...other, event_type: "repo:push" }).toEqual(one);
});

test("a delivery is known by its request's UUID, whichever attempt it is", () => {
  const id = (headers: Record<string, string>): string => normalized(bitbucket, "{}", headers).delivery_id;
  expect(id({ "x-request-uuid": "u-1", "x-attempt-number": "2", "x-hook-uuid": "h" })).toBe("u-1");
  expect(id({ "x-hook-uuid": "h" })).toBe(id({}));
});
