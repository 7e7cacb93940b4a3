/** What the page of a run says in words: rows, decisions, actions and claims. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ACTION_WORDS, actionCall, type ActionName } from "../../../../src/console/run/action-words.ts";
import { claimsOf } from "../../../../src/console/run/claims.ts";
import { changedFields, commandOf, digestShown, isTyped } from "../../../../src/console/run/confirmed.ts";
import { BLOCK_ROWS, blocksOf, gapText, timelineRows } from "../../../../src/console/run/rows.ts";
import type { DraftView } from "../../../../src/http/shapes/drafts.ts";
import type { JournalRow } from "../../../../src/http/shapes/runs.ts";
import { ActionAllowed } from "../../../../src/http/shapes/run-page.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const row = (over: Partial<JournalRow> = {}): JournalRow => ({
  seq: 0,
  at: "2026-03-01T12:00:00.000Z",
  event: "init",
  from: null,
  to: "received",
  by: "ingress",
  observations: [],
  ...over,
});

describe("a row of the timeline", () => {
  test("has the time since the row before it, and the first has none", () => {
    const rows = timelineRows([row(), row({ seq: 1, at: "2026-03-01T12:00:01.250Z" })]);
    expect(rows.map(({ gap }) => gap)).toEqual(["", "+1.3 s"]);
  });
  test("keeps the value of an observation as JSON, so that a text is told from a number", () => {
    const values = ["420.00", 420, null, ["<b>"], { a: "\u202e" }] as const;
    const observations = values.map((value) => ({ name: "n", value, basis: [] }));
    expect(timelineRows([row({ observations: [...observations] })])[0]?.observations.map(({ value }) => value)).toEqual(
      ['"420.00"', "420", "null", '["<b>"]', '{"a":"\u202e"}'],
    );
  });
  test.each([
    [0, "+0 ms"],
    [999, "+999 ms"],
    [1000, "+1.0 s"],
    [59_000, "+59 s"],
    [61_000, "+1 min 1 s"],
    [3_600_000, "+1 h 0 min"],
    [90_000_000, "+1 d 1 h"],
    [-1500, "−1.5 s"],
  ])("of %i ms later says %s", (ms, says) => expect(gapText(ms)).toBe(says));
  test("stands in exactly one block, in order", () => {
    fc.assert(
      fc.property(fc.nat(400), (count) => {
        const rows = Array.from({ length: count }, (_, at) => at);
        const blocks = blocksOf(rows);
        expect(blocks.flat()).toEqual(rows);
        expect(blocks.every((block) => block.length > 0 && block.length <= BLOCK_ROWS)).toBe(true);
      }),
    );
  });
});

const digest = `3fa9${"0".repeat(60)}`;
const draft = (over: Partial<DraftView> = {}): DraftView => ({
  draft: 2,
  state: "open",
  file: "orders/proposed/2.toml",
  digest,
  digest_proposed: "d".repeat(64),
  changed: false,
  says: "buy 1",
  fields: [],
  limits: [],
  reason: null,
  approved_by: [],
  decision: null,
  ...over,
});

describe("a decision", () => {
  test.each([
    ["3fa9", true],
    [" 3FA9 ", true],
    ["", false],
    ["3fa", false],
    ["3fa90", false],
    ["3fa8", false],
  ])("typed as %j counts: %s", (typed, counts) => expect(isTyped(typed, digest)).toBe(counts));
  test("is over the digest that is shown; a draft that cannot be read is only rejected, as it was proposed", () => {
    const unreadable = draft({ digest: null });
    expect([digestShown(draft(), "approve"), digestShown(draft(), "reject")]).toEqual([digest, digest]);
    expect([digestShown(unreadable, "approve"), digestShown(unreadable, "reject")]).toEqual([null, "d".repeat(64)]);
  });
  test("has its line for a terminal, with run, draft and digest", () => {
    expect(commandOf("RUN", draft(), "approve")).toBe(`qoc approve RUN --draft 2 --digest ${digest}`);
    expect(commandOf("RUN", draft(), "reject")).toBe(`qoc reject RUN --draft 2 --digest ${digest} --reason TEXT`);
    expect(commandOf("RUN", draft({ digest: null }), "approve")).toBe("qoc approve RUN --draft 2");
  });
  test("marks what differs between two views of a draft: changed, new and gone fields, also under hostile names", () => {
    const before = draft({
      fields: [
        ["qty", "1"],
        ["side", "buy"],
        ["__proto__", "a"],
        ["twice", "x"],
        ["twice", "y"],
        ["gone", "1"],
      ],
    });
    const after = draft({
      fields: [
        ["qty", "10"],
        ["side", "buy"],
        ["__proto__", "b"],
        ["twice", "y"],
        ["twice", "x"],
        ["new", "1"],
      ],
    });
    expect([...changedFields(before, after)].toSorted()).toEqual(["__proto__", "gone", "new", "qty", "twice"]);
    expect(changedFields(before, before).size).toBe(0);
  });
});

describe("an action", () => {
  const names = ActionAllowed.shape.action.options;
  test.each(names)("%s has a word and a call, with the reason trimmed", (name: ActionName) => {
    expect(ACTION_WORDS[name]).not.toBe("");
    expect(actionCall(name, "  because  ").body.reason).toBe("because");
  });
  test("that settles an order is a resume, and one that makes a new run a release", () => {
    expect(actionCall("settle_executed", "r")).toEqual({ verb: "resume", body: { reason: "r", settles: "executed" } });
    expect(actionCall("settle_failed", "r")).toEqual({ verb: "resume", body: { reason: "r", settles: "failed" } });
    expect(actionCall("release_as_new", "r")).toEqual({ verb: "release", body: { reason: "r", as_new: true } });
  });
});

describe("what an envelope claims", () => {
  test("is nothing more than what it says: a closed leaf is not claimed, and counted", () => {
    const { sentences, closed } = claimsOf([
      { pointer: "/execution/outcome", value: undefined },
      { pointer: "/subject/kind", value: '"task_run"' },
      { pointer: "/subject/id", value: '"\\u003cscript>"' },
      { pointer: "/subject/anchored", value: "false" },
    ]);
    expect(sentences.join(" ")).toContain("It is about task_run <script>, not anchored");
    expect(sentences.join(" ")).not.toContain("ended");
    expect(closed).toBe(1);
  });
  test("is nothing of a file that could not be read", () => {
    expect(claimsOf([])).toEqual({ sentences: [], redactions: [], closed: 0 });
  });
});
