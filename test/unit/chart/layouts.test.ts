/** The committed layouts are of the machines as they are, and fit to be looked at. */
import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { allCharts, chartFor } from "../../../src/chart/book.ts";
import type { Box } from "../../../src/chart/chart.ts";
import { graphOf } from "../../../src/chart/graph.ts";
import { bundlesOf } from "../../../src/chart/label.ts";
import { layOut } from "../../../src/chart/layout/places.ts";
import { definitionOf } from "../../../src/engine/xstate-words.ts";
import { committed, everyMachine } from "./charts.ts";

const AGAIN = "the machine has changed since it was laid out: run `npx tsx src/chart/layout/build.ts`";

test("there is one layout a machine and version, and none besides", () => {
  const files = readdirSync(new URL("../../../src/chart/layouts/", import.meta.url)).toSorted();
  expect([AGAIN, ...files]).toEqual([
    AGAIN,
    ...everyMachine.map(([name, version]) => `${name}.${version}.json`).toSorted(),
  ]);
  expect(allCharts()).toHaveLength(everyMachine.length);
});

test.each(everyMachine)("the layout of %s %s is of the machine as it is", (name, version, machine) => {
  const chart = chartFor(name, version);
  const { machine: of, version: in_, definition, nodes, edges } = chart ?? {};
  expect({ says: AGAIN, machine: of, version: in_, definition, nodes, edges }).toEqual({
    says: AGAIN,
    ...graphOf(machine, definitionOf(machine)),
  });
});

test.each(everyMachine)(
  "laying out %s %s again gives the places that are committed, to the last digit",
  async (name, version, machine) => {
    const again = await layOut(graphOf(machine, definitionOf(machine)));
    expect({ says: AGAIN, chart: chartFor(name, version) }).toEqual({ says: AGAIN, chart: again });
  },
);

describe.each(everyMachine)("the picture of %s %s", (name) => {
  const chart = committed(name);
  const picture: Box = { x: 0, y: 0, width: chart.width, height: chart.height };
  const boxOf = (id: string): Box => chart.boxes[id] ?? { x: -1, y: -1, width: 0, height: 0 };

  test("has a place for every state, within the state around it", () => {
    expect(Object.keys(chart.boxes)).toEqual(chart.nodes.map(({ id }) => id));
    const outside = chart.nodes.filter(
      ({ id, parent }) => !within(boxOf(id), parent === null ? picture : boxOf(parent)),
    );
    expect(outside.map(({ id }) => id)).toEqual([]);
  });

  test("lays no state over its sibling", () => {
    const pairs = chart.nodes.flatMap((a, i) => chart.nodes.slice(i + 1).map((b) => [a, b] as const));
    const over = pairs.filter(([a, b]) => a.parent === b.parent && overlap(boxOf(a.id), boxOf(b.id)));
    expect(over.map(([a, b]) => `${a.id} and ${b.id}`)).toEqual([]);
  });

  test("has a route for every edge from one state to another, and one for all that share both ends", () => {
    const drawn = chart.edges.filter(({ from, to }) => from !== "" && from !== to).map(({ id }) => id);
    expect(Object.keys(chart.routes).toSorted()).toEqual(drawn.toSorted());
    for (const { edges } of bundlesOf(chart)) {
      expect(new Set(edges.map(({ id }) => JSON.stringify(chart.routes[id]))).size).toBe(1);
    }
  });

  test("has routes that run straight across or down, from the edge of the one state to that of the other", () => {
    for (const { id, from, to } of chart.edges.filter((each) => each.from !== "" && each.from !== each.to)) {
      const points = chart.routes[id]?.points ?? [];
      const oblique = points.filter(([x, y], i) => i > 0 && x !== points[i - 1]?.[0] && y !== points[i - 1]?.[1]);
      const outside = points.filter(([x, y]) => !within({ x, y, width: 0, height: 0 }, picture));
      const ends = [touches(points[0], boxOf(from)), touches(points.at(-1), boxOf(to))];
      expect({ id, oblique, outside, ends }).toEqual({ id, oblique: [], outside: [], ends: [true, true] });
    }
  });

  test("has its labels within it, and none on another label or on a state that it does not belong to", () => {
    const labels = bundlesOf(chart).map(({ from, to, edges: [{ id }] }) => ({
      from,
      to,
      label: chart.routes[id]?.label,
    }));
    for (const { from, to, label } of labels) {
      const isIn = label !== null && label !== undefined && within(label, picture);
      expect([from, to, isIn]).toEqual([from, to, true]);
    }
    const boxes = labels.flatMap(({ label }) => label ?? []);
    const pairs = boxes.flatMap((a, i) => boxes.slice(i + 1).map((b) => overlap(a, b)));
    expect(pairs.filter(Boolean)).toEqual([]);
    const atomic = chart.nodes.filter(({ kind }) => kind === "atomic").map(({ id }) => boxOf(id));
    expect(boxes.filter((label) => atomic.some((box) => overlap(label, box)))).toEqual([]);
  });

  test("is no wider than a page can show", () => expect(chart.width).toBeLessThanOrEqual(1300));
});

const EPSILON = 1;
const within = (inner: Box, outer: Box): boolean =>
  inner.x >= outer.x - EPSILON &&
  inner.y >= outer.y - EPSILON &&
  inner.x + inner.width <= outer.x + outer.width + EPSILON &&
  inner.y + inner.height <= outer.y + outer.height + EPSILON;
const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
/** On the border, or on the rule below the name. */
function touches(point: readonly [number, number] | undefined, { x, y, width, height }: Box): boolean {
  if (point === undefined) return false;
  const [px, py] = point;
  return px >= x - EPSILON && px <= x + width + EPSILON && py >= y - EPSILON && py <= y + height + EPSILON;
}
