import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { subject } from "../../../machines/subject.ts";
import type { OrderSignal } from "../../../src/core/delivery.ts";
import { deliveryAddress, subjectAddress } from "../../../src/core/ids.ts";
import type { ActorEvent } from "../../../src/engine/ports.ts";
import { arrived, followed, runOf } from "../../support/delivery-words.ts";
import { begin, given, tell, told, untaken, type Actor } from "../../support/machine-given.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

type Push = Partial<Extract<OrderSignal, { kind: "chain" }>>;
const push = (before: string | null, after: string | null, more: Push = {}): OrderSignal => ({
  kind: "chain",
  before,
  after,
  forced: false,
  mark: null,
  ...more,
});
const mark = (text: string, rank = 0): OrderSignal => ({ kind: "mark", mark: text, rank });
const inOrder = (...orders: readonly OrderSignal[]): Actor =>
  followed(...orders.map((order, index) => arrived(index + 1, { order })));

const pushed = inOrder(push(null, "a"), push("a", "b"), push("b", "c"));
const lost = inOrder(push(null, "a"), push("d", "e"));
const timed = inOrder(push(null, "a", { mark: "1" }), push("d", "e", { mark: "4" }));
const deleted = inOrder(push(null, "a"), push("a", null));
const heldForB = followed(
  arrived(1, { order: push(null, "a") }),
  arrived(3, { order: push("b", "c"), waits: true, commit_sha: "c" }),
);
const heldForContext = followed(arrived(1, { waits: true }));

type Row = readonly [says: string, actor: Actor, when: ActorEvent, verdict: string];
const row = (says: string, actor: Actor, order: OrderSignal | null, verdict: string): Row => [
  says,
  actor,
  arrived(9, { order }),
  verdict,
];

const rows: readonly Row[] = [
  row("the first link of a chain", followed(), push(null, "a"), "in_order"),
  row("a link whose past is unheard of", followed(), push("x", "a"), "unknown"),
  row("the next link", pushed, push("c", "d"), "in_order"),
  row("a link that came before", pushed, push("a", "b"), "stale"),
  row("a link that leads to one that came before", inOrder(push("b", "c")), push("a", "b"), "stale"),
  row("a link that leaves some out", pushed, push("e", "f"), "gap"),
  row("a link from the middle", pushed, push("a", "z"), "forked"),
  row("a rewritten history", pushed, push("c", "z", { forced: true }), "forked"),
  row("a rewritten history whose past is unheard of", pushed, push("y", "z", { forced: true }), "gap"),
  row("a link back to an older commit", pushed, push("c", "a"), "forked"),
  row("a link back to before it was heard of", inOrder(push("b", "c")), push("c", "b"), "forked"),
  row("a deletion", pushed, push("c", null), "in_order"),
  row("a chain that begins anew after a deletion", deleted, push(null, "b"), "in_order"),
  row("the old state that comes back after a deletion", deleted, push(null, "a"), "in_order"),
  row("a deletion of what has gone on", pushed, push("b", null), "unknown"),
  row("a chain that begins anew without a deletion", pushed, push(null, "n"), "unknown"),
  row("the next link behind a gap, which may be older than what came", lost, push("e", "f"), "unknown"),
  row("the next link before a gap, which may be newer than what came", lost, push("a", "b"), "unknown"),
  row("the next link behind a gap, by its time", timed, push("e", "f", { mark: "5" }), "in_order"),
  row("the next link before a gap, by its time", timed, push("a", "b", { mark: "2" }), "stale"),
  row("a link before a gap whose past is unheard of, by its time", timed, push("b", "c", { mark: "3" }), "stale"),
  row("the link that closes a gap", inOrder(push(null, "a"), push("b", "c")), push("a", "b"), "stale"),
  row("no order at all", pushed, null, "unknown"),
  row("the first mark", followed(), mark("2026-01-01"), "in_order"),
  row("a higher mark", inOrder(mark("2026-01-01")), mark("2026-01-02"), "in_order"),
  row("a lower mark", inOrder(mark("2026-01-02")), mark("2026-01-01"), "stale"),
  row("a higher rank", inOrder(mark("2026", 1)), mark("2026", 2), "in_order"),
  row("a lower rank", inOrder(mark("2026", 2)), mark("2026", 1), "stale"),
  row("the same mark and rank", inOrder(mark("2026", 1)), mark("2026", 1), "unknown"),
];

const tellsOf = (actor: Actor, event: ActorEvent) => {
  const stepped = told(actor, event);
  return stepped.kind === "stepped" ? stepped.tells : [];
};

describe("a subject tells a delivery how it stands:", () => {
  test.each(rows)("%s", (_says, actor, when, order) => {
    expect(given(actor).when(when).gives).toEqual(["following", `order_checked = ${order}`, "tells delivery RECORDED"]);
    expect(tellsOf(actor, when)).toEqual([{ to: deliveryAddress(runOf(9)), event: { type: "RECORDED", order } }]);
  });
});

describe("a subject sets free", () => {
  test("whom a missing link was waited for by", () => {
    expect(tellsOf(heldForB, arrived(2, { order: push("a", "b") })).slice(1)).toEqual([
      { to: deliveryAddress(runOf(3)), event: { type: "PREDECESSOR_ARRIVED", by_run: runOf(2) } },
    ]);
  });

  test("whom a commit was waited for by", () => {
    expect(tellsOf(heldForContext, arrived(2, { commit_sha: "a" })).slice(1)).toEqual([
      { to: deliveryAddress(runOf(1)), event: { type: "CONTEXT_ARRIVED", by_run: runOf(2), commit_sha: "a" } },
    ]);
  });

  test.each([
    ["by a link that it did not wait for", heldForB, arrived(4, { order: push("c", "d") })],
    ["by an arrival without context", heldForContext, arrived(2)],
    ["twice", tell(heldForContext, arrived(2, { commit_sha: "a" })), arrived(3, { commit_sha: "b" })],
  ])("nobody %s", (_says, actor, when) => {
    expect(tellsOf(actor, when)).toHaveLength(1);
  });
});

test("every arrow of the chart is taken by a row above", () => {
  const entries = rows.flatMap(([, actor, when]) => tell(actor, when).entries);
  expect(untaken(subject, entries)).toEqual([]);
});

test("a chain told in order is in order throughout, however long", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 200 }), (length) => {
      const chain = Array.from({ length }, (_, index) => push(index === 0 ? null : `c${index - 1}`, `c${index}`));
      const guards = inOrder(...chain).entries.slice(1);
      expect(new Set(guards.map(({ guard }) => guard))).toEqual(new Set(["inOrder"]));
    }),
    { numRuns: 5 },
  );
});

const saidIn = ({ entries }: Actor): string =>
  JSON.stringify(entries.at(-1)?.observations[0]?.value).replaceAll('"', "");

type Truth = { readonly predecessorSeen: boolean; readonly newerSeen: boolean };
/** What may be said of a link, given what is true of it. Nothing may be said that is not. */
const maySay: Readonly<Record<string, (truth: Truth) => boolean>> = {
  in_order: ({ predecessorSeen, newerSeen }) => predecessorSeen && !newerSeen,
  stale: ({ newerSeen }) => newerSeen,
  gap: ({ predecessorSeen }) => !predecessorSeen,
  unknown: () => true,
};

describe.each([
  ["without times", () => null],
  ["with times of their own", (n: number) => `${n}`],
])("what is said of pushes %s is true, whatever order they come in", (_name, markOf) => {
  test.each([
    ["from the beginning", null],
    ["from the middle", "c-1"],
  ])("%s", (_from, root) => {
    const arrivals = fc.integer({ min: 1, max: 7 }).chain((length) =>
      fc.shuffledSubarray(
        Array.from({ length }, (_, n) => n),
        { minLength: 1 },
      ),
    );
    fc.assert(
      fc.property(arrivals, (order) => {
        let actor = begin(subject, subjectAddress("desk", "main"), null);
        const seen: number[] = [];
        for (const n of order) {
          const link = push(n === 0 ? root : `c${n - 1}`, `c${n}`, { mark: markOf(n) });
          actor = tell(actor, arrived(n, { order: link }));
          const said = saidIn(actor);
          const truth = {
            predecessorSeen: n === 0 ? root === null : seen.includes(n - 1),
            newerSeen: seen.some((other) => other > n),
          };
          expect([order, n, said, maySay[said]?.(truth)]).toEqual([order, n, said, true]);
          seen.push(n);
        }
      }),
    );
  });
});

test("its memory is bounded", () => {
  const orders = Array.from({ length: 300 }, (_, n) => arrived(n, { order: push(`x${n}`, `y${n}`), waits: true }));
  const { snapshot } = followed(...orders).record;
  expect(JSON.stringify(snapshot).length).toBeLessThan(32_768);
});
