/** A chart as a table, for those who do not see the picture and for a terminal. Marks are words. */
import type { Chart, ChartEdge, Marks } from "./chart.ts";

export type WayOut = {
  readonly event: string;
  readonly guard: string | null;
  /** Null for what leaves the state as it is. */
  readonly to: string | null;
  /** `taken`, `possible now`, `until …`. */
  readonly marks: readonly string[];
};

/** A state with its ways out. `state` is empty for what holds in every state. */
export type TableRow = {
  readonly state: string;
  /** How many states are around it. */
  readonly depth: number;
  readonly here: boolean;
  /** `initial`, `resting`, `here now`, `passed`. */
  readonly marks: readonly string[];
  readonly ways: readonly WayOut[];
};

export function chartRows(chart: Chart, marks: Marks): readonly TableRow[] {
  const ways = (state: string): readonly WayOut[] =>
    chart.edges.filter(({ from }) => from === state).map((edge) => wayOf(edge, marks));
  const own = ways("");
  const frame: TableRow = { state: "", depth: 0, here: false, marks: [], ways: own };
  const states = chart.nodes.map((node): TableRow => {
    const here = marks.active.includes(node.id);
    return {
      state: node.id,
      depth: depthOf(chart, node.parent),
      here,
      marks: [
        ...(node.initial ? ["initial"] : []),
        ...(node.resting ? ["resting"] : []),
        ...(here ? ["here now"] : marks.visited.includes(node.id) ? ["passed"] : []),
      ],
      ways: ways(node.id),
    };
  });
  return own.length === 0 ? states : [frame, ...states];
}

function depthOf(chart: Chart, parent: string | null): number {
  const node = chart.nodes.find(({ id }) => id === parent);
  return node === undefined ? 0 : 1 + depthOf(chart, node.parent);
}

function wayOf({ id, event, guard, from, to }: ChartEdge, marks: Marks): WayOut {
  return {
    event,
    guard,
    to: from === to ? null : to,
    marks: [
      ...(marks.taken.includes(id) ? ["taken"] : []),
      ...(marks.possible.includes(id) ? ["possible now"] : []),
      ...marks.timers.filter(({ edge }) => edge === id).map(({ at }) => `until ${at}`),
    ],
  };
}

/** The picture in a sentence or two. */
export function marksInWords(chart: Chart, marks: Marks): string {
  const here = marks.active.at(-1);
  const many = `${chart.nodes.length} states and ${chart.edges.length} transitions.`;
  if (here === undefined) return many;
  const next = chart.edges
    .filter(({ id, from }) => from !== "" && marks.possible.includes(id))
    .map(({ event }) => event);
  const ways = next.length === 0 ? "Nothing leads out of it." : `Possible now: ${[...new Set(next)].join(", ")}.`;
  return `${many} It is in ${here}. ${ways}`;
}
