/** Times, states and foreign texts in words. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { waitBefore } from "../../../src/console/backoff.ts";
import {
  ageOf,
  clockTime,
  countdownOf,
  countOf,
  cutTo,
  lookOf,
  shortId,
  stateWord,
  waitWord,
} from "../../../src/console/words.ts";
import { visible } from "../../../src/core/visible.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const [S, MIN, H, D] = [1000, 60_000, 3_600_000, 86_400_000];

describe("an age", () => {
  test.each([
    [0, "0 s"],
    [-5 * S, "0 s"],
    [NaN, "0 s"],
    [59_999, "59 s"],
    [MIN, "1 min"],
    [59 * MIN + 59 * S, "59 min"],
    [H, "1 h"],
    [47 * H, "47 h"],
    [48 * H, "2 d"],
    [400 * D, "400 d"],
  ])("of %d ms reads %s", (ms, says) => expect(ageOf(ms)).toBe(says));
});

describe("a countdown", () => {
  test.each([
    [1, "0:01"],
    [61 * S, "1:01"],
    [H, "1:00:00"],
    [H + 5 * MIN + 9 * S, "1:05:09"],
    [3 * D + 4 * H, "3 d 4 h"],
    [0, null],
    [-1, null],
    [NaN, null],
  ])("of %d ms reads %s", (ms, says) => expect(countdownOf(ms)).toBe(says));
});

test("a time of day has its date unless it is today", () => {
  const noon = new Date(2026, 2, 1, 12, 0, 0).getTime();
  expect(clockTime(new Date(2026, 2, 1, 3, 4, 5).getTime(), noon)).toBe("03:04:05");
  expect(clockTime(new Date(2026, 1, 28, 3, 4, 5).getTime(), noon)).toBe("2026-02-28 03:04:05");
  expect(clockTime(NaN, noon)).toBe("?");
});

describe("a state", () => {
  const shown = { outcome: null, waiting_for: null, parked: false };
  test("reads without its inner part, beside an outcome that says more", () => {
    expect(stateWord({ state: "awaiting-approval.asked", ...shown })).toBe("awaiting approval");
    expect(stateWord({ ...shown, state: "sealed", outcome: "completed" })).toBe("sealed");
    expect(stateWord({ ...shown, state: "sealed", outcome: "denied" })).toBe("sealed, denied");
    expect(stateWord({ ...shown, state: "refused", outcome: "refused" })).toBe("refused");
    expect(stateWord({ ...shown, state: "executing.performing", parked: true })).toBe("executing, set aside");
  });

  test.each([
    [{ ...shown, state: "sealed", outcome: "completed" }, "good"],
    [{ ...shown, state: "sealed", outcome: "failed" }, "bad"],
    [{ ...shown, state: "sealed", outcome: "expired" }, "rest"],
    [{ ...shown, state: "refused" }, "bad"],
    [{ ...shown, state: "stuck", waiting_for: "operator" }, "bad"],
    [{ ...shown, state: "received", parked: true }, "bad"],
    [{ ...shown, state: "awaiting-approval.asked", waiting_for: "approval" }, "you"],
    [{ ...shown, state: "held.for-context", waiting_for: "context" }, "wait"],
    [{ ...shown, state: "executing.performing", waiting_for: "effect" }, "work"],
    [{ ...shown, state: "erased", outcome: "completed" }, "rest"],
    [{ ...shown, state: "of-a-later-version" }, "work"],
  ])("%o looks %s", (given, look) => expect(lookOf(given)).toBe(look));
});

test("what a run waits for has a word, and one of a later version is shown as it is", () => {
  expect([waitWord("approval"), waitWord(null), waitWord("the moon")]).toEqual(["your decision", null, "the moon"]);
});

test("a text from outside is cut, and never through a character", () => {
  expect(cutTo("abc", 3)).toBe("abc");
  expect(cutTo("ab😀d", 3)).toBe("ab…");
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 40 }), fc.integer({ min: 1, max: 30 }), (text, length) => {
      const cut = cutTo(text, length);
      expect(cut.length).toBeLessThanOrEqual(length + 1);
      expect([text, !isWellFormed(text) || isWellFormed(cut)]).toEqual([text, true]);
    }),
  );
});

test("long ids keep their ends, and counts their plural", () => {
  expect(shortId("0192f0c4-0000-7000-8000-000000000001")).toBe("0192f0c4…0001");
  expect([countOf(1, "run"), countOf(1200, "run"), countOf(2, "more", "more")]).toEqual([
    "1 run",
    "1,200 runs",
    "2 more",
  ]);
});

test("a connection is tried again later and later, at most every ten seconds, and not by all pages at once", () => {
  expect([0, 1, 2, 3].map((failures) => waitBefore(failures, 1))).toEqual([250, 500, 1000, 2000]);
  expect([waitBefore(50, 1), waitBefore(50, 0), waitBefore(Infinity, 1)]).toEqual([10_000, 5000, 10_000]);
});

function isWellFormed(text: string): boolean {
  try {
    encodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}

describe("what cannot be seen", () => {
  test.each([
    ["10\u202e00", "10\\u202e00"],
    ["pay\u200bpal\u00ad", "pay\\u200bpal\\u00ad"],
    ["\u0000\u001b[2J\u0085", "\\u0000\\u001b[2J\\u0085"],
    ["\u{e0041}", "\\u{e0041}"],
    ["a\rb", "a\\u000db"],
  ])("%j stands there as what it is", (text, shown) => expect(visible(text)).toBe(shown));

  test.each(["two\nlines\r\nand a\ttab", "Grüße, 你好, שלום, مرحبا", "👩‍👩‍👧‍👦 👍🏽 ⚠️", "420.00"])(
    "is nothing in %j",
    (text) => expect(visible(text)).toBe(text),
  );
});
