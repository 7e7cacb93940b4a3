/** Where the states and the arrows of a chart stand. Made once, when a machine changes, and committed; the daemon never lays out. */
import ELK, { type ElkExtendedEdge, type ElkNode, type LayoutOptions } from "elkjs";
import { assert } from "../../core/assert.ts";
import type { Box, Chart, ChartNode, LaidOutChart, Point } from "../chart.ts";
import {
  type Bundle,
  NAME_SIZE,
  NOTE_LINE,
  NOTE_SIZE,
  bundlesOf,
  frameOf,
  headOf,
  innerOf,
  labelOf,
  widthOf,
} from "../label.ts";

const PADDING = 10;
const BOX_WIDTH_MIN = 84;

const OPTIONS: LayoutOptions = {
  "elk.algorithm": "layered",
  "elk.direction": "DOWN",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.edgeRouting": "ORTHOGONAL",
  "elk.randomSeed": "1",
  "elk.padding": "[top=16,left=16,bottom=16,right=16]",
  "elk.spacing.nodeNode": "20",
  "elk.spacing.edgeNode": "16",
  "elk.spacing.edgeEdge": "12",
  "elk.spacing.edgeLabel": "4",
  "elk.spacing.labelNode": "6",
  "elk.layered.spacing.nodeNodeBetweenLayers": "18",
  "elk.layered.spacing.edgeNodeBetweenLayers": "10",
  "elk.layered.spacing.edgeEdgeBetweenLayers": "10",
  "elk.layered.nodePlacement.strategy": "NETWORK_SIMPLEX",
  "elk.layered.crossingMinimization.thoroughness": "60",
  "elk.layered.layering.strategy": "NETWORK_SIMPLEX",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
  "elk.layered.cycleBreaking.strategy": "GREEDY",
};

/** The same chart gives the same places, to the last digit. */
export async function layOut(chart: Chart): Promise<LaidOutChart> {
  const bundles = bundlesOf(chart);
  const head = frameOf(chart);
  const top = head.length === 0 ? 0 : head.length * NOTE_LINE + PADDING;
  const laid: ElkNode = await new ELK.default().layout({
    id: "",
    layoutOptions: OPTIONS,
    children: childrenOf(chart, null),
    edges: bundles.map(edgeOf),
  });
  const boxes = new Map<string, Box>();
  place(laid, 0, 0, boxes);
  const routes = bundles.flatMap((bundle) => routesOf(chart, bundle, laid, boxes));
  const headWidth = Math.max(0, ...head.map(({ text }) => widthOf(text, NOTE_SIZE))) + 2 * PADDING + 12;
  return {
    ...chart,
    width: Math.max(round(laid.width ?? 0), headWidth),
    height: round(laid.height ?? 0) + top,
    boxes: Object.fromEntries(
      chart.nodes.map(({ id }) => {
        const box = boxes.get(id);
        assert(box !== undefined, `${id} has a place`);
        return [id, { ...box, y: box.y + top }];
      }),
    ),
    routes: Object.fromEntries(
      routes.map(([id, points, label]) => [
        id,
        {
          points: points.map(([x, y]): Point => [x, y + top]),
          label: label === null ? null : { ...label, y: label.y + top },
        },
      ]),
    ),
  };
}

const childrenOf = (chart: Chart, parent: string | null): ElkNode[] =>
  chart.nodes.filter((node) => node.parent === parent).map((node) => nodeOf(chart, node));

function nodeOf(chart: Chart, node: ChartNode): ElkNode {
  const inner = innerOf(chart, node);
  const text = Math.max(
    widthOf(node.name, NAME_SIZE) + (node.initial ? 14 : 0),
    ...inner.map((line) => widthOf(line.text, NOTE_SIZE)),
  );
  const width = Math.max(BOX_WIDTH_MIN, text + 2 * PADDING);
  const height = headOf(chart, node);
  if (node.kind === "atomic") return { id: node.id, width, height, layoutOptions: layerOf(chart, node) };
  return {
    id: node.id,
    children: childrenOf(chart, node.id),
    layoutOptions: {
      "elk.padding": `[top=${height + 12},left=14,bottom=14,right=14]`,
      "elk.nodeSize.constraints": "MINIMUM_SIZE",
      "elk.nodeSize.minimum": `(${width},${height})`,
    },
  };
}

/** A machine begins at the top; what is entered from anywhere stands with the ends. */
function layerOf(chart: Chart, { id, initial, resting }: ChartNode): LayoutOptions {
  const isAlone = !chart.edges.some(({ from, to }) => from !== "" && from !== to && (from === id || to === id));
  if (initial) return { "elk.layered.layering.layerConstraint": "FIRST" };
  return isAlone && resting ? { "elk.layered.layering.layerConstraint": "LAST" } : {};
}

const keyOf = ({ from, to }: Bundle): string => JSON.stringify([from, to]);

function edgeOf(bundle: Bundle): ElkExtendedEdge {
  const lines = labelOf(bundle);
  return {
    id: keyOf(bundle),
    sources: [bundle.from],
    targets: [bundle.to],
    labels: [
      {
        text: lines.map(({ text }) => text).join("\n"),
        width: Math.max(...lines.map(({ text }) => widthOf(text, NOTE_SIZE))) + 6,
        height: lines.length * NOTE_LINE + 2,
        layoutOptions: { "elk.edgeLabels.inline": "true", "elk.edgeLabels.placement": "CENTER" },
      },
    ],
  };
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** ELK has places relative to the parent. */
function place(node: ElkNode, x: number, y: number, boxes: Map<string, Box>): void {
  boxes.set(node.id, { x: round(x), y: round(y), width: round(node.width ?? 0), height: round(node.height ?? 0) });
  for (const child of node.children ?? []) place(child, x + (child.x ?? 0), y + (child.y ?? 0), boxes);
}

type Route = readonly [id: string, points: readonly Point[], label: Box | null];

/** ELK has an edge's places relative to its container, whichever list it stood in. */
function routesOf(chart: Chart, bundle: Bundle, laid: ElkNode, boxes: ReadonlyMap<string, Box>): readonly Route[] {
  const edge = (laid.edges ?? []).find(({ id }) => id === keyOf(bundle));
  const container = boxes.get(edge?.container ?? "");
  const [section, ...more] = edge?.sections ?? [];
  assert(container !== undefined && section !== undefined && more.length === 0, `${keyOf(bundle)} has one route`);
  const { startPoint, bendPoints, endPoint } = section;
  const points = straight(
    [startPoint, ...(bendPoints ?? []), endPoint].map(({ x, y }) => [round(x + container.x), round(y + container.y)]),
  );
  const [label] = edge?.labels ?? [];
  const box = {
    x: round((label?.x ?? 0) + container.x),
    y: round((label?.y ?? 0) + container.y),
    width: round(label?.width ?? 0),
    height: round(label?.height ?? 0),
  };
  const drawn = bundle.to.startsWith(`${bundle.from}.`)
    ? belowHead(points, headOf(chart, { id: bundle.from }))
    : points;
  return bundle.edges.map(({ id }) => [id, drawn, box]);
}

/** An arrow into its own state begins at the upper edge, where the name is: it is drawn from below that. */
function belowHead([start, next, ...rest]: readonly Point[], head: number): readonly Point[] {
  assert(start !== undefined && next !== undefined && start[0] === next[0], "it goes down from the upper edge");
  return [[start[0], Math.min(start[1] + head, next[1])], next, ...rest];
}

/** Where an arrow goes through the edge of a state, the one half may stand a fraction of a pixel beside the other. */
function straight(points: readonly Point[]): readonly Point[] {
  const made: Point[] = [];
  for (const [x, y] of points) {
    const before = made.at(-1);
    if (before === undefined) made.push([x, y]);
    else if (Math.abs(x - before[0]) < 1) made.push([before[0], y]);
    else made.push([x, Math.abs(y - before[1]) < 1 ? before[1] : y]);
  }
  return made;
}
