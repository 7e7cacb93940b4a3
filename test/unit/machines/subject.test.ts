import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subject } from "../../../machines/subject.ts";
import type { OrderSignal } from "../../../src/core/delivery.ts";
import type { ActorEvent } from "../../../src/engine/ports.ts";
import { arrived, followed, runOf, settledRun } from "../../support/delivery-words.ts";
import { given, tell, untaken, type Actor } from "../../support/machine-given.ts";

fc.configureGlobal({ seed: 1, numRuns: 100 });

const push = (before: string | null, after: string): OrderSignal => ({ kind: "chain", before, after });
const mark = (text: string, rank = 0): OrderSignal => ({ kind: "mark", mark: text, rank });
const inOrder = (...orders: readonly OrderSignal[]): Actor =>
  followed(...orders.map((order, index) => arrived(index + 1, { order })));

const pushed = inOrder(push(null, "a"), push("a", "b"), push("b", "c"));
const heldForB = followed(
  arrived(1, { order: push(null, "a") }),
  arrived(3, { order: push("b", "c"), waits: true, commit_sha: "c" }),
);
const heldForContext = followed(arrived(1, { waits: true }));

type Row = readonly [says: string, actor: Actor, when: ActorEvent, gives: readonly string[]];
const verdict = (order: string): readonly string[] => [`order_checked = ${order}`, "asks tellOrder"];

const rows: readonly Row[] = [
  ["the first link of a chain", followed(), arrived(9, { order: push(null, "a") }), verdict("in_order")],
  ["a link whose past is unheard of", followed(), arrived(9, { order: push("x", "a") }), verdict("unknown")],
  ["the next link", pushed, arrived(9, { order: push("c", "d") }), verdict("in_order")],
  ["a link back to an older commit", pushed, arrived(9, { order: push("c", "a") }), verdict("in_order")],
  ["a link that came before", pushed, arrived(9, { order: push("a", "b") }), verdict("stale")],
  ["a link that leaves some out", pushed, arrived(9, { order: push("e", "f") }), verdict("gap")],
  ["a link from the middle", pushed, arrived(9, { order: push("a", "z") }), verdict("forked")],
  ["a chain that begins anew", pushed, arrived(9, { order: push(null, "n") }), verdict("unknown")],
  ["no order at all", pushed, arrived(9), verdict("unknown")],
  ["the first mark", followed(), arrived(9, { order: mark("2026-01-01") }), verdict("in_order")],
  ["a higher mark", inOrder(mark("2026-01-01")), arrived(9, { order: mark("2026-01-02") }), verdict("in_order")],
  ["a lower mark", inOrder(mark("2026-01-02")), arrived(9, { order: mark("2026-01-01") }), verdict("stale")],
  ["a higher rank", inOrder(mark("2026", 1)), arrived(9, { order: mark("2026", 2) }), verdict("in_order")],
  ["a lower rank", inOrder(mark("2026", 2)), arrived(9, { order: mark("2026", 1) }), verdict("stale")],
  ["the same mark and rank", inOrder(mark("2026", 1)), arrived(9, { order: mark("2026", 1) }), verdict("unknown")],
  [
    "the missing link",
    heldForB,
    arrived(2, { order: push("a", "b") }),
    [...verdict("stale"), "asks tellPredecessorArrived"],
  ],
  ["a link that nobody waits for", heldForB, arrived(4, { order: push("c", "d") }), verdict("in_order")],
  [
    "the missing context",
    heldForContext,
    arrived(2, { commit_sha: "a" }),
    [...verdict("unknown"), "asks tellContextArrived"],
  ],
  ["an arrival without context", heldForContext, arrived(2), verdict("unknown")],
  ["a waiting run that has ended", heldForB, settledRun(3), [`run_settled = ${runOf(3)}`]],
];

describe("a subject tells", () => {
  test.each(rows)("%s", (_says, actor, when, gives) => {
    expect(given(actor).when(when).gives).toEqual(["following", ...gives]);
  });

  test("whom a missing link sets free", () => {
    const freed = tell(heldForB, arrived(2, { order: push("a", "b") }));
    expect(freed.record.pending.at(-1)?.params).toEqual({ to: `delivery/${runOf(3)}`, by_run: runOf(2) });
  });

  test("what commit a later delivery brought", () => {
    const freed = tell(heldForContext, arrived(2, { commit_sha: "a" }));
    const params = { to: `delivery/${runOf(1)}`, by_run: runOf(2), commit_sha: "a" };
    expect(freed.record.pending.at(-1)?.params).toEqual(params);
  });

  test("each waiting run once", () => {
    const freed = tell(heldForContext, arrived(2, { commit_sha: "a" }));
    expect(given(freed).when(arrived(3, { commit_sha: "b" })).gives).toEqual(["following", ...verdict("unknown")]);
  });

  test("a run that has ended nothing more", () => {
    const ended = tell(heldForContext, settledRun(1));
    expect(given(ended).when(arrived(2, { commit_sha: "a" })).gives).toEqual(["following", ...verdict("unknown")]);
  });
});

test("a run that does not wait is not remembered when it ends", () => {
  expect(given(pushed).when(settledRun(1)).gives).toEqual(["ignored"]);
});

test("every arrow of the chart is taken by a row above", () => {
  expect(
    untaken(
      subject,
      rows.flatMap(([, actor, when]) => tell(actor, when).entries),
    ),
  ).toEqual([]);
});

test("a chain told in order is in order throughout, however long", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (length) => {
      const chain = Array.from({ length }, (_, index) => push(index === 0 ? null : `c${index - 1}`, `c${index}`));
      const told = inOrder(...chain).entries.slice(1);
      expect(new Set(told.map(({ guard }) => guard))).toEqual(new Set(["inOrder"]));
    }),
    { numRuns: 5 },
  );
});

test("its memory is bounded", () => {
  const orders = Array.from({ length: 300 }, (_, n) => arrived(n, { order: push(`x${n}`, `y${n}`), waits: true }));
  const { snapshot } = followed(...orders).record;
  expect(JSON.stringify(snapshot).length).toBeLessThan(32_768);
});
