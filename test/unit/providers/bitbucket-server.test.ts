import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Facts, OrderSignal } from "../../../src/core/delivery.ts";
import { bitbucketServer } from "../../../src/providers/bitbucket-server.ts";
import { normalized, told } from "../../support/normalized.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const COMMIT = "c100000000000000000000000000000000000001";
const OTHER = "c100000000000000000000000000000000000002";
const ZEROS = "0".repeat(40);
const DATE = "2026-03-01T11:00:00+0100";
const repository = { slug: "engine", project: { key: "ADA" } };

type Change = { readonly ref: { readonly id: string }; readonly fromHash?: string; readonly toHash?: string };
const change = (id: string, fromHash: string, toHash: string): Change => ({ ref: { id }, fromHash, toHash });
const changed = (...changes: readonly Change[]): Facts =>
  normalized(bitbucketServer, { eventKey: "repo:refs_changed", date: DATE, repository, changes });

describe("a push of one ref", () => {
  test("is a link that carries the server's time", () => {
    expect(changed(change("refs/heads/a", COMMIT, OTHER)).order).toEqual({
      kind: "chain",
      before: COMMIT,
      after: OTHER,
      forced: false,
      mark: "2026-03-01T10:00:00.000000000Z",
    });
  });

  test.each([
    ["zeros at both ends", ZEROS, ZEROS],
    ["an abbreviated hash before", COMMIT.slice(0, 12), OTHER],
    ["an abbreviated hash after", COMMIT, OTHER.slice(0, 12)],
  ])("is no link with %s", (_name, from, to) => {
    expect(changed(change("refs/heads/a", from, to)).order).toBeNull();
  });

  test("is no link where an end is missing: none is written as zeros", () => {
    expect(changed({ ref: { id: "refs/heads/a" }, toHash: OTHER }).order).toBeNull();
    expect(changed({ ref: { id: "refs/heads/a" }, fromHash: COMMIT }).order).toBeNull();
  });

  test("has no commit when it is a tag: the hash can be that of the tag itself", () => {
    expect(changed(change("refs/tags/v1", ZEROS, COMMIT)).commit_sha).toBeNull();
    expect(changed(change("refs/heads/tags", ZEROS, COMMIT)).commit_sha).toBe(COMMIT);
  });

  test("has no commit without a ref that says what it is", () => {
    const changes = [{ fromHash: ZEROS, toHash: COMMIT }];
    expect(normalized(bitbucketServer, { repository, changes })).toMatchObject({ ref: null, commit_sha: null });
  });
});

test("several refs have no ref, subject or order, and the commit that all share if one is a branch", () => {
  const hash = fc.constantFrom(COMMIT, OTHER, COMMIT.slice(0, 12), ZEROS);
  const ref = fc.constantFrom("refs/heads/a", "refs/heads/b", "refs/tags/v1");
  fc.assert(
    fc.property(fc.array(fc.record({ ref, to: hash }), { minLength: 2, maxLength: 5 }), (moves) => {
      const left = moves.filter(({ to }) => to !== ZEROS);
      const [first] = left;
      const same = first !== undefined && first.to.length === 40 && left.every(({ to }) => to === first.to);
      const shared = same && left.some((move) => move.ref !== "refs/tags/v1") ? first.to : null;
      expect(changed(...moves.map((move) => change(move.ref, ZEROS, move.to)))).toMatchObject({
        ref: null,
        subject_key: null,
        order: null,
        commit_sha: shared,
      });
    }),
  );
});

test("a mirror that has the same push says nothing of the series of the push", () => {
  const body = { date: DATE, repository, changes: [change("refs/heads/a", COMMIT, OTHER)] };
  const [push, mirrored] = [body, { ...body, mirrorServer: { id: "M1" } }].map((sent) =>
    normalized(bitbucketServer, sent),
  );
  expect(mirrored?.commit_sha).toBe(OTHER);
  expect([push?.subject_key, mirrored?.subject_key]).toEqual([
    "bitbucket-server:ADA/engine:refs/heads/a",
    "bitbucket-server:ADA/engine:mirror:M1:refs/heads/a",
  ]);
});

describe("a pull request", () => {
  const pullRequest = (date: string, version: unknown): OrderSignal | null =>
    normalized(bitbucketServer, { date, pullRequest: { id: 1, version, toRef: { repository } } }).order;

  test("is in order over both shapes of dates, and within a second by its version", () => {
    expect(
      told([
        pullRequest("2026-03-01T11:00:00+0100", 0),
        pullRequest("2026-03-01T11:00:00+0100", 1),
        pullRequest("2026-03-01T11:00:01+0100", 1),
        pullRequest("2026-03-01T10:00:01.500Z", 1),
        pullRequest("2026-03-01T10:00:02Z", 10),
        pullRequest("2026-03-01T10:00:02Z", 11),
      ]),
    ).toEqual(["later", "later", "later", "later", "later"]);
  });

  test("says nothing of the order of what leaves its version, within a second", () => {
    expect(told([pullRequest(DATE, 3), pullRequest(DATE, 3)])).toEqual(["unknown"]);
  });

  test.each([[-1], [1.5], ["many"], [null], [1e12], [true]])("of version %j has rank 0", (version) => {
    expect(pullRequest(DATE, version)).toMatchObject({ kind: "mark", rank: 0 });
  });

  test("is anchored to the full head of where it comes from, and to nothing else", () => {
    const commitOf = (latestCommit: string): string | null =>
      normalized(bitbucketServer, {
        pullRequest: {
          id: 1,
          fromRef: { id: "refs/heads/a", latestCommit },
          toRef: { latestCommit: OTHER, repository },
          properties: { mergeCommit: { id: OTHER } },
        },
      }).commit_sha;
    expect([commitOf(COMMIT), commitOf(COMMIT.slice(0, 11)), commitOf(ZEROS)]).toEqual([COMMIT, null, null]);
  });
});

test("a project is its key and its repository's slug, or the key where it is changed itself", () => {
  const projectOf = (body: unknown): string | null => normalized(bitbucketServer, body).project;
  expect(projectOf({ repository })).toBe("ADA/engine");
  expect(
    projectOf({
      pullRequest: { fromRef: { repository: { slug: "x", project: { key: "F" } } }, toRef: { repository } },
    }),
  ).toBe("ADA/engine");
  expect(projectOf({ repository: { slug: "engine" } })).toBeNull();
  expect(projectOf({ new: { key: "ADA" } })).toBe("ADA");
  expect(projectOf({ repository: { slug: "s".repeat(200), project: { key: "K".repeat(200) } } })).toBeNull();
});

test("the event's name is the signed one, and the header's where there is none", () => {
  const typeOf = (body: unknown): string | null =>
    normalized(bitbucketServer, body, { "x-event-key": "diagnostics:ping" }).event_type;
  expect([typeOf({ test: true }), typeOf({ eventKey: "pr:merged" })]).toEqual(["diagnostics:ping", "pr:merged"]);
});
