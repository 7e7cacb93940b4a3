import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ChartRow } from "../../../src/chart/chart.ts";
import { NO_MARKS, marksOf } from "../../../src/chart/marks.ts";
import { chart, committed, edge, node } from "./charts.ts";

fc.configureGlobal({ seed: 1, numRuns: 200 });

const delivery = committed("delivery");
/** `from event to`, as a journal has them. */
const rows = (...told: readonly (readonly [from: string | null, event: string, to: string])[]): readonly ChartRow[] =>
  told.map(([from, event, to], seq) => ({ seq, event, from, to }));

const journal = rows(
  [null, "init", "received"],
  ["received", "VERIFIED", "verified"],
  ["verified", "NORMALIZED", "normalized"],
  ["normalized", "RECORDED", "recorded"],
  ["recorded", "always", "held.for-predecessor"],
  ["held.for-predecessor", "after holdTimeout", "recorded"],
  ["recorded", "always", "executing.performing"],
  ["executing.performing", "REDELIVERED", "executing.performing"],
  ["executing.performing", "EFFECT_FAILED", "executing.backing-off"],
);

describe("the path of a run", () => {
  const marks = marksOf(delivery, journal, "executing.backing-off", [
    { event: "after backoff", at: "2026-07-05T13:46:00.000Z" },
  ]);

  test("has each edge that a row tells of: by an event, of its own accord, by a timer", () => {
    expect(marks.taken).toEqual([
      "received:VERIFIED:0",
      "verified:NORMALIZED:0",
      "normalized:RECORDED:0",
      "recorded:always:2",
      "held.for-predecessor:after holdTimeout:0",
      "recorded:always:4",
      ":REDELIVERED:0",
      ":REDELIVERED:1",
      ":REDELIVERED:2",
      "executing:EFFECT_FAILED:0",
    ]);
  });

  test("names the guard's own edge where the row has the guard", () => {
    const [told] = rows(["executing.performing", "REDELIVERED", "executing.performing"]);
    const named = told === undefined ? [] : [{ ...told, guard: "sameIdOtherBytes" }];
    expect(marksOf(delivery, named, null).taken).toEqual([":REDELIVERED:1"]);
  });

  test("has been in the states around those that it names", () => {
    expect(marks.visited).toEqual([
      "received",
      "verified",
      "normalized",
      "recorded",
      "held",
      "held.for-predecessor",
      "executing",
      "executing.performing",
      "executing.backing-off",
    ]);
  });

  test("ends in a state with all around it", () => {
    expect(marks.active).toEqual(["executing", "executing.backing-off"]);
  });

  test("can go on by what the state, those around it and the machine hear", () => {
    expect(marks.possible).toEqual(
      expect.arrayContaining(["executing.backing-off:after backoff:0", "executing:CANCEL:1", ":REDELIVERED:0"]),
    );
    expect(marks.possible.filter((id) => id.startsWith("held") || id.startsWith("executing.performing"))).toEqual([]);
  });

  test("shows a timer at the edge that it takes", () => {
    expect(marks.timers).toEqual([{ edge: "executing.backing-off:after backoff:0", at: "2026-07-05T13:46:00.000Z" }]);
  });
});

describe("what can come next", () => {
  test("is not what a state within hears without condition, and still what it may let pass", () => {
    const nested = chart(
      [node("a", { kind: "compound", initial: true }), node("a.b", { initial: true }), node("c")],
      [
        edge("", "STOP", "c"),
        edge("a", "STOP", "c"),
        edge("a", "GO", "c"),
        edge("a", "MAYBE", "c"),
        edge("a.b", "GO", "a.b"),
        edge("a.b", "MAYBE", "c", { id: "guarded", guard: "sometimes" }),
      ],
    );
    expect(marksOf(nested, [], "a.b").possible).toEqual(["a.b:GO:0", "guarded", "a:STOP:0", "a:MAYBE:0"]);
  });

  test("is the second of two ways for one event too, when the first has a guard", () => {
    const two = chart(
      [node("a"), node("b")],
      [edge("a", "GO", "b", { guard: "early" }), edge("a", "GO", "b", { id: "otherwise" })],
    );
    expect(marksOf(two, [], "a").possible).toEqual(["a:GO:0", "otherwise"]);
  });

  test("is nothing for a machine that is shown by itself", () => {
    expect(marksOf(delivery, [], null)).toEqual(NO_MARKS);
  });

  test("of an erased run is what the erased state hears", () => {
    const erased = marksOf(delivery, rows(["erasing.removing", "ERASED", "erased"]), "erased");
    expect(erased.taken).toEqual(["erasing:ERASED:0"]);
    expect([erased.active, erased.visited]).toEqual([["erased"], ["erasing", "erasing.removing", "erased"]]);
    expect(erased.possible.every((id) => id.startsWith("erased:"))).toBe(true);
    expect(erased.possible.length).toBeGreaterThan(0);
  });
});

describe("a journal that this chart does not know", () => {
  test("marks nothing for states, events and timers that it does not have", () => {
    const told = rows(
      ["before", "GONE", "after"],
      ["received", "GONE", "verified"],
      ["received", "VERIFIED", "sealed"],
    );
    const marks = marksOf(delivery, told, "nowhere", [{ event: "after ages", at: "2026-07-05T13:46:00.000Z" }]);
    expect([marks.taken, marks.active, marks.possible, marks.timers]).toEqual([[], [], [], []]);
  });

  test("never throws, and marks only what the chart has", () => {
    const word = fc.oneof(
      fc.constantFrom("", "__proto__", "constructor", ...delivery.nodes.map(({ id }) => id)),
      fc.constantFrom(...delivery.edges.map(({ event }) => event)),
      fc.string(),
    );
    const row = fc.record({ seq: fc.nat(), event: word, from: fc.option(word), to: word });
    const ids = new Set([...delivery.nodes, ...delivery.edges].map(({ id }) => id));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 12 }), fc.option(word), fc.array(word), (journalled, state, events) => {
        const marks = marksOf(
          delivery,
          journalled,
          state,
          events.map((event) => ({ event, at: "x" })),
        );
        const all = [...marks.active, ...marks.visited, ...marks.taken, ...marks.possible];
        expect([...all, ...marks.timers.map(({ edge: of }) => of)].filter((id) => !ids.has(id))).toEqual([]);
      }),
    );
  });
});
