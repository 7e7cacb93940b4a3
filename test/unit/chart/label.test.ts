import { expect, test } from "vitest";
import { bundlesOf, frameOf, innerOf, labelOf } from "../../../src/chart/label.ts";
import { chart, edge, node } from "./charts.ts";

const texts = (lines: readonly { readonly text: string }[]): readonly string[] => lines.map(({ text }) => text);
const many = (count: number, from: string, to: string) =>
  Array.from({ length: count }, (_, i) => edge(from, `E${i}`, to));
const ab = (...edges: Parameters<typeof chart>[1]) => chart([node("a"), node("b")], edges);
const labels = (...edges: Parameters<typeof chart>[1]): readonly string[] =>
  bundlesOf(ab(...edges)).flatMap((bundle) => texts(labelOf(bundle)));

test("edges that share both ends are one arrow; the way back is another", () => {
  const bundles = bundlesOf(ab(edge("a", "GO", "b"), edge("b", "BACK", "a"), edge("a", "RUN", "b")));
  expect(bundles.map(({ from, to, edges }) => [from, to, edges.length])).toEqual([
    ["a", "b", 2],
    ["b", "a", 1],
  ]);
});

test("what leaves its state as it is, and what holds anywhere, is no arrow", () => {
  expect(bundlesOf(ab(edge("a", "HEARD", "a"), edge("", "STOP", "b")))).toEqual([]);
});

test("a label has an event a line, and the guard of one that has it alone", () => {
  expect(labels(edge("a", "GO", "b", { guard: "ready" }), edge("a", "after soon", "b"))).toEqual([
    "GO [ready]",
    "after soon",
  ]);
});

test("an event with several guards is one line that counts them", () => {
  expect(labels(edge("a", "GO", "b", { guard: "one" }), edge("a", "GO", "b", { id: "2", guard: "two" }))).toEqual([
    "GO ×2",
  ]);
});

test("a guard that is too long is left to the table", () => {
  expect(labels(edge("a", "GO", "b", { guard: "g".repeat(40) }))).toEqual(["GO"]);
});

test("a label has at most three lines, and the last counts the rest and stands for it", () => {
  const [bundle] = bundlesOf(ab(...many(5, "a", "b")));
  const lines = bundle === undefined ? [] : labelOf(bundle);
  expect(texts(lines)).toEqual(["E0", "E1", "+3"]);
  expect(lines.at(-1)?.edges).toEqual(["a:E2:0", "a:E3:0", "a:E4:0"]);
  expect(labels(...many(3, "a", "b"))).toEqual(["E0", "E1", "E2"]);
});

test("a state has at most four lines of what it hears", () => {
  expect(texts(innerOf(ab(...many(6, "a", "a")), node("a")))).toEqual(["E0", "E1", "E2", "+3"]);
  expect(texts(innerOf(ab(...many(4, "a", "a")), node("a")))).toEqual(["E0", "E1", "E2", "E3"]);
});

test("what holds anywhere is told once, by where it leads", () => {
  const anywhere = ab(edge("", "HEARD", ""), edge("", "STOP", "b"), edge("", "SEEN", ""));
  expect(texts(frameOf(anywhere))).toEqual(["anywhere: HEARD, SEEN", "anywhere: STOP → b"]);
});
