/** What stands in the picture, line by line, and how wide that is: the layout measures by these and the drawing draws the same. */
import type { Chart, ChartEdge, ChartNode } from "./chart.ts";

/** CSS pixels. Letters are of one width in the fonts that a chart asks for: 0.6 of their size, and a little for those that are wider. */
export const NAME_SIZE = 13;
export const NOTE_SIZE = 10.5;
const LETTER = 0.61;
export const NAME_LINE = 20;
export const NOTE_LINE = 14;

export const widthOf = (text: string, size: number): number => Math.ceil(text.length * size * LETTER);

const LABEL_LINES_MAX = 3;
const INNER_LINES_MAX = 4;
const LINE_LENGTH_MAX = 34;

/** Edges that share both ends: one arrow, with a label for all of them. */
export type Bundle = {
  readonly from: string;
  readonly to: string;
  readonly edges: readonly [ChartEdge, ...ChartEdge[]];
};

/** Arrows from one state to another, in the order of the chart. Not those from the frame, nor what leaves its state as it is. */
export function bundlesOf(chart: Pick<Chart, "edges">): readonly Bundle[] {
  const together = new Map<string, Bundle>();
  for (const edge of chart.edges) {
    const { from, to } = edge;
    if (from === "" || from === to) continue;
    const key = JSON.stringify([from, to]);
    const before = together.get(key);
    together.set(key, { from, to, edges: before === undefined ? [edge] : [...before.edges, edge] });
  }
  return [...together.values()];
}

/** A line of a label, and the edges that it speaks of. */
export type Line = { readonly text: string; readonly edges: readonly string[] };

/** An event a line, with its guard when it has one alone. */
export const labelOf = ({ edges }: Bundle): readonly Line[] => bounded(byEvent(edges), LABEL_LINES_MAX);

/** What is heard in a state and leaves it as it is. */
export const innerOf = (chart: Pick<Chart, "edges">, node: Pick<ChartNode, "id">): readonly Line[] =>
  bounded(byEvent(chart.edges.filter(({ from, to }) => from === node.id && to === from)), INNER_LINES_MAX);

/** What is heard in every state: transitions of the machine itself. */
export function frameOf({ edges }: Pick<Chart, "edges">): readonly Line[] {
  const own = edges.filter(({ from }) => from === "");
  const targets = [...new Set(own.map(({ to }) => to))];
  return targets.flatMap((to) => {
    const heard = own.filter((edge) => edge.to === to);
    const events = [...new Set(heard.map(({ event }) => event))].join(", ");
    return {
      text: to === "" ? `anywhere: ${events}` : `anywhere: ${events} → ${to}`,
      edges: heard.map(({ id }) => id),
    };
  });
}

function byEvent(edges: readonly ChartEdge[]): readonly Line[] {
  const events = [...new Set(edges.map(({ event }) => event))];
  return events.map((event) => {
    const same = edges.filter((edge) => edge.event === event);
    const [first] = same;
    const guard = same.length === 1 ? (first?.guard ?? null) : null;
    const whole = guard === null ? event : `${event} [${guard}]`;
    const many = same.length === 1 ? event : `${event} ×${same.length}`;
    return {
      text: cut(whole.length <= LINE_LENGTH_MAX && same.length === 1 ? whole : many),
      edges: same.map(({ id }) => id),
    };
  });
}

const cut = (text: string): string =>
  text.length <= LINE_LENGTH_MAX ? text : `${text.slice(0, LINE_LENGTH_MAX - 1)}…`;

function bounded(lines: readonly Line[], most: number): readonly Line[] {
  if (lines.length <= most) return lines;
  const rest = lines.slice(most - 1);
  return [...lines.slice(0, most - 1), { text: `+${rest.length}`, edges: rest.flatMap(({ edges }) => edges) }];
}

/** How much of a box its name and what stands below it take. */
export const headOf = (chart: Pick<Chart, "edges">, node: Pick<ChartNode, "id">): number => {
  const lines = innerOf(chart, node).length;
  return NAME_LINE + 8 + (lines === 0 ? 0 : lines * NOTE_LINE + 4);
};
