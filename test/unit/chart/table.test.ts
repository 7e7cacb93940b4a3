import { describe, expect, test } from "vitest";
import { NO_MARKS, marksOf } from "../../../src/chart/marks.ts";
import { chartRows, marksInWords } from "../../../src/chart/table.ts";
import { chart, committed, edge, everyMachine, node } from "./charts.ts";

const small = chart(
  [node("a", { kind: "compound", initial: true }), node("a.b", { initial: true }), node("c", { resting: true })],
  [
    edge("", "STOP", "c"),
    edge("a.b", "GO", "c", { guard: "ready" }),
    edge("a.b", "after soon", "c"),
    edge("a.b", "HEARD", "a.b"),
  ],
);

describe.each(everyMachine)("the table of %s %s", (name) => {
  test("has every state and every way out, once", () => {
    const laid = committed(name);
    const rows = chartRows(laid, NO_MARKS);
    expect(rows.map(({ state }) => state).filter((state) => state !== "")).toEqual(laid.nodes.map(({ id }) => id));
    expect(rows.reduce((sum, { ways }) => sum + ways.length, 0)).toBe(laid.edges.length);
  });
});

describe("marks", () => {
  const marks = marksOf(small, [{ seq: 0, event: "GO", from: "a.b", to: "c" }], "a.b", [
    { event: "after soon", at: "2026-07-05T13:46:00.000Z" },
  ]);

  test("are words beside each state, with what holds anywhere first", () => {
    expect(chartRows(small, marks).map(({ state, depth, here, marks: words }) => [state, depth, here, words])).toEqual([
      ["", 0, false, []],
      ["a", 0, true, ["initial", "here now"]],
      ["a.b", 1, true, ["initial", "here now"]],
      ["c", 0, false, ["resting", "passed"]],
    ]);
  });

  test("are words beside each way out", () => {
    expect(chartRows(small, marks)[2]?.ways).toEqual([
      { event: "GO", guard: "ready", to: "c", marks: ["taken", "possible now"] },
      { event: "after soon", guard: null, to: "c", marks: ["possible now", "until 2026-07-05T13:46:00.000Z"] },
      { event: "HEARD", guard: null, to: null, marks: ["possible now"] },
    ]);
  });

  test("make a sentence", () => {
    expect(marksInWords(small, marks)).toBe(
      "3 states and 4 transitions. It is in a.b. Possible now: GO, after soon, HEARD.",
    );
    expect(marksInWords(small, marksOf(small, [], "c"))).toBe(
      "3 states and 4 transitions. It is in c. Nothing leads out of it.",
    );
    expect(marksInWords(small, NO_MARKS)).toBe("3 states and 4 transitions.");
  });
});
