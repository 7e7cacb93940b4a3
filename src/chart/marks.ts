/** What of a chart a run has seen, where it is, and what can come next: from its journal alone. */
import type { Chart, ChartEdge, ChartNode, ChartRow, Marks } from "./chart.ts";

export const NO_MARKS: Marks = { active: [], visited: [], taken: [], possible: [], timers: [] };

/** `event` as a journal row would name it: `after approvalTimeout`. */
export type PendingTimer = { readonly event: string; readonly at: string };

/**
 * `state` is null for a machine that is shown by itself. The journal may begin anywhere, as that of an erased run does, and may name what
 * this chart does not have: then nothing is marked for it. Where rows do not tell which of several edges with the same ends and event was
 * taken, all of them are.
 */
export function marksOf(
  chart: Chart,
  rows: readonly ChartRow[],
  state: string | null,
  timers: readonly PendingTimer[] = [],
): Marks {
  const nodes = new Map(chart.nodes.map((node) => [node.id, node]));
  const around = (id: string | null): readonly string[] => pathTo(nodes, id);
  const active = around(state);
  return {
    active,
    visited: [...new Set(rows.flatMap(({ from, to }) => [...around(from), ...around(to)]))],
    taken: [...new Set(rows.flatMap((row) => takenBy(chart, row, around)))],
    possible: possibleFrom(chart, active),
    timers: timers.flatMap(({ event, at }) => {
      const edge = innermost(chart.edges, active, event, "after")[0];
      return edge === undefined ? [] : [{ edge: edge.id, at }];
    }),
  };
}

/** The state and those around it, the outermost first; empty for one that the chart does not have. */
function pathTo(nodes: ReadonlyMap<string, ChartNode>, id: string | null): readonly string[] {
  const node = id === null ? undefined : nodes.get(id);
  return node === undefined ? [] : [...pathTo(nodes, node.parent), node.id];
}

function takenBy(chart: Chart, row: ChartRow, around: (id: string | null) => readonly string[]): readonly string[] {
  const { from, to, event, guard } = row;
  if (from === null || around(from).length === 0) return [];
  const sources = around(from);
  const fits = chart.edges.filter(
    (edge) =>
      (guard === undefined || edge.guard === guard) &&
      (stays(edge) && from === to ? true : leaf(chart, edge.to) === to),
  );
  return innermost(fits, sources, event).map(({ id }) => id);
}

const stays = (edge: ChartEdge): boolean => edge.from === edge.to;

/** Where one that goes to a state comes to rest within it. */
function leaf(chart: Chart, id: string): string {
  const child = chart.nodes.find(({ parent, initial }) => parent === id && initial);
  return child === undefined ? id : leaf(chart, child.id);
}

/** The edges for an event of the innermost state that has any. The machine itself stands around all. */
function innermost(
  edges: readonly ChartEdge[],
  path: readonly string[],
  event: string,
  kind?: ChartEdge["kind"],
): readonly ChartEdge[] {
  for (const state of ["", ...path].toReversed()) {
    const found = edges.filter(
      (edge) => edge.from === state && edge.event === event && (kind ?? edge.kind) === edge.kind,
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** A state's own way with an event hides that of the states around it, unless its guards may all say no. */
function possibleFrom(chart: Chart, active: readonly string[]): readonly string[] {
  if (active.length === 0) return [];
  const hidden = new Set<string>();
  return ["", ...active].toReversed().flatMap((state) => {
    const own = chart.edges.filter((edge) => edge.from === state && !hidden.has(edge.event));
    for (const { event, guard } of own) if (guard === null) hidden.add(event);
    return own.map(({ id }) => id);
  });
}
