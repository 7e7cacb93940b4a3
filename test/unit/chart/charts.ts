/** Charts for tests: those of the machines, and small ones by hand. */
import type { AnyStateMachine } from "xstate";
import { machines } from "../../../machines/index.ts";
import type { Chart, ChartEdge, ChartNode, LaidOutChart } from "../../../src/chart/chart.ts";
import { chartFor } from "../../../src/chart/book.ts";

export const everyMachine: readonly (readonly [name: string, version: string, machine: AnyStateMachine])[] =
  Object.entries(machines).flatMap(([name, versions]) =>
    Object.entries(versions).map(([version, machine]) => [name, version, machine] as const),
  );

export function committed(machine: string): LaidOutChart {
  const chart = chartFor(machine, "1");
  if (chart === undefined) throw new Error(`no chart of ${machine}`);
  return chart;
}

export const node = (id: string, given: Partial<ChartNode> = {}): ChartNode => ({
  id,
  name: id.split(".").at(-1) ?? id,
  parent: id.includes(".") ? id.split(".").slice(0, -1).join(".") : null,
  kind: "atomic",
  initial: false,
  resting: false,
  ...given,
});

export const edge = (from: string, event: string, to: string, given: Partial<ChartEdge> = {}): ChartEdge => ({
  id: `${from}:${event}:0`,
  from,
  to,
  kind: event === "always" ? "always" : event.startsWith("after ") ? "after" : "event",
  event,
  guard: null,
  actions: [],
  ...given,
});

export const chart = (nodes: readonly ChartNode[], edges: readonly ChartEdge[]): Chart => ({
  machine: "toy",
  version: "1",
  definition: "0".repeat(64),
  nodes,
  edges,
});

/** One state below the other. */
export function stacked(plain: Chart): LaidOutChart {
  const height = plain.nodes.length * 100;
  const boxes = plain.nodes.map(({ id }, i) => [id, { x: 10, y: i * 100 + 10, width: 200, height: 60 }] as const);
  const routes = plain.edges.map(
    ({ id }, i) =>
      [
        id,
        {
          points: [
            [20, i],
            [20, i + 40],
          ] as const,
          label: { x: 20, y: i + 10, width: 80, height: 16 },
        },
      ] as const,
  );
  return { ...plain, width: 400, height, boxes: Object.fromEntries(boxes), routes: Object.fromEntries(routes) };
}
