/**
 * A chart as one SVG text, for a page and for a file. No script, no style element, no style attribute: the policy of the console's pages
 * allows none of them.
 *
 * Classes, for a style sheet: the picture is `chart`; its parts are those of `Part` in `colours.ts`; a state is a group `chart-state` with
 * `data-state`, an arrow a group `chart-edge` with `data-from` and `data-to`. Groups and parts have the marks of `Mark` besides. A timer is a
 * text `chart-time` with `data-at` (ISO 8601), whose words a page replaces as time passes.
 */
import type { Box, ChartNode, LaidOutChart, Marks, Point } from "./chart.ts";
import { type Mark, type Part, lookOf } from "./colours.ts";
import {
  type Bundle,
  type Line,
  NAME_LINE,
  NAME_SIZE,
  NOTE_LINE,
  NOTE_SIZE,
  bundlesOf,
  frameOf,
  headOf,
  innerOf,
  labelOf,
  widthOf,
} from "./label.ts";
import { marksInWords } from "./table.ts";
import { type Attributes, element, escaped } from "./xml.ts";

/** `attributes`: the picture brings its colours, and looks the same wherever it is opened. `classes`: the page round it has them. */
export type SvgOptions = { readonly colours: "attributes" | "classes" };

const FONT = "ui-monospace, 'SF Mono', Menlo, Consolas, 'DejaVu Sans Mono', monospace";
const CORNER = 7;
const BEND = 6;

export function renderChart(chart: LaidOutChart, marks: Marks, options: SvgOptions = { colours: "classes" }): string {
  const { width, height } = chart;
  const draw = penOf(options);
  const ids = `chart-${plainId(chart.machine)}-${plainId(chart.version)}`;
  const bundles = bundlesOf(chart).map((bundle) => ({
    bundle,
    is: marksOfEdges(
      bundle.edges.map(({ id }) => id),
      marks,
    ),
  }));
  return element(
    "svg",
    {
      xmlns: "http://www.w3.org/2000/svg",
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      class: "chart",
      role: "img",
      "aria-labelledby": `${ids}-title ${ids}-desc`,
      "font-family": FONT,
    },
    [
      element("title", { id: `${ids}-title` }, [escaped(`The machine ${chart.machine}, version ${chart.version}`)]),
      element("desc", { id: `${ids}-desc` }, [escaped(marksInWords(chart, marks))]),
      element(
        "defs",
        {},
        (["", "is-taken", "is-possible"] as const).map((mark) => arrowHead(draw, ids, mark)),
      ),
      draw("rect", "chart-ground", [], { width, height }),
      ...frameOf(chart).map((line, i) =>
        draw("text", "chart-frame", [], { x: 10, y: 18 + i * NOTE_LINE, "font-size": NOTE_SIZE }, [escaped(line.text)]),
      ),
      ...chart.nodes.map((node) => stateOf(draw, chart, node, marks)),
      // What is marked is drawn last, so that it lies on what is not.
      ...bundles
        .toSorted((a, b) => a.is.length - b.is.length)
        .map(({ bundle, is }) => arrowOf(draw, chart, bundle, is, ids)),
      ...bundles.map(({ bundle }) => textOf(draw, chart, bundle, marks)),
      ...marks.timers.map((timer) => timeOf(draw, chart, timer)),
    ],
  );
}

type Pen = (
  name: string,
  part: Part,
  marks: readonly Mark[],
  attributes: Attributes,
  inside?: readonly string[],
) => string;

const penOf =
  ({ colours }: SvgOptions): Pen =>
  (name, part, marks, attributes, inside) =>
    element(
      name,
      { class: [part, ...marks].join(" "), ...attributes, ...(colours === "attributes" ? lookOf(part, marks) : {}) },
      inside,
    );

/** Of an id in the document, whatever the machine is called. */
const plainId = (text: string): string => text.replaceAll(/[^a-zA-Z0-9]/g, (c) => `_${c.charCodeAt(0)}`);

function marksOfEdges(edges: readonly string[], marks: Marks): readonly Mark[] {
  const has = (ids: readonly string[]): boolean => edges.some((id) => ids.includes(id));
  return [
    ...(has(marks.taken) ? (["is-taken"] as const) : []),
    ...(has(marks.possible) ? (["is-possible"] as const) : []),
  ];
}

function marksOfState({ id, kind, resting }: ChartNode, marks: Marks): readonly Mark[] {
  const is: Mark[] = [];
  if (kind === "compound") is.push("is-compound");
  if (resting) is.push("is-resting");
  if (marks.visited.includes(id)) is.push("is-visited");
  if (marks.active.includes(id)) is.push("is-active");
  return is;
}

function stateOf(draw: Pen, chart: LaidOutChart, node: ChartNode, marks: Marks): string {
  const box = chart.boxes[node.id];
  if (box === undefined) return "";
  const is = marksOfState(node, marks);
  const { x, y, width, height } = box;
  const inner = innerOf(chart, node);
  const indent = node.initial ? 14 : 0;
  return element("g", { class: ["chart-state", ...is].join(" "), "data-state": node.id }, [
    draw("rect", "chart-box", is, { x, y, width, height, rx: CORNER }),
    ...(node.resting
      ? [
          draw("rect", "chart-box", is, {
            x: x + 3,
            y: y + 3,
            width: width - 6,
            height: height - 6,
            rx: CORNER - 2,
            "fill-opacity": 0,
          }),
        ]
      : []),
    ...(node.initial ? [draw("circle", "chart-initial", is, { cx: x + 14, cy: y + 14, r: 3.5 })] : []),
    draw("text", "chart-name", is, { x: x + 10 + indent, y: y + NAME_LINE - 1, "font-size": NAME_SIZE }, [
      escaped(node.name),
    ]),
    ...(node.kind === "compound"
      ? [draw("path", "chart-rule", is, { d: `M${x} ${y + headOf(chart, node)}h${width}` })]
      : []),
    ...inner.map((line, i) =>
      draw(
        "text",
        "chart-note",
        marksOfEdges(line.edges, marks),
        { x: x + 10, y: y + NAME_LINE + 2 + (i + 1) * NOTE_LINE, "font-size": NOTE_SIZE },
        [escaped(line.text)],
      ),
    ),
  ]);
}

const arrowHead = (draw: Pen, ids: string, mark: "" | "is-taken" | "is-possible"): string =>
  element(
    "marker",
    {
      id: `${ids}-head${mark}`,
      viewBox: "0 0 10 10",
      refX: 9,
      refY: 5,
      markerWidth: 9,
      markerHeight: 9,
      markerUnits: "userSpaceOnUse",
      orient: "auto",
    },
    [draw("path", "chart-arrow", mark === "" ? [] : [mark], { d: "M0 0.8L10 5L0 9.2Z" })],
  );

function arrowOf(
  draw: Pen,
  chart: LaidOutChart,
  { from, to, edges: [first] }: Bundle,
  is: readonly Mark[],
  ids: string,
): string {
  const route = chart.routes[first.id];
  if (route === undefined) return "";
  const isPossible = is.includes("is-possible");
  return element("g", { class: ["chart-edge", ...is].join(" "), "data-from": from, "data-to": to }, [
    draw("path", "chart-path", is, {
      d: pathOf(route.points),
      fill: "none",
      "stroke-dasharray": isPossible ? "6 4" : undefined,
      "marker-end": `url(#${ids}-head${isPossible ? "is-possible" : is.includes("is-taken") ? "is-taken" : ""})`,
    }),
  ]);
}

function textOf(draw: Pen, chart: LaidOutChart, bundle: Bundle, marks: Marks): string {
  const label = chart.routes[bundle.edges[0].id]?.label ?? null;
  if (label === null) return "";
  const { x, y, width, height } = label;
  const line = (each: Line, i: number): string =>
    draw(
      "text",
      "chart-label",
      marksOfEdges(each.edges, marks),
      { x: x + width / 2, y: y + (i + 1) * NOTE_LINE - 3, "font-size": NOTE_SIZE, "text-anchor": "middle" },
      [escaped(each.text)],
    );
  return element("g", {}, [
    draw("rect", "chart-label-ground", groundOf(chart, label, marks), { x, y, width, height, rx: 3 }),
    ...labelOf(bundle).map(line),
  ]);
}

/** A label takes the ground of the state that it lies in. */
function groundOf(chart: LaidOutChart, label: Box, marks: Marks): readonly Mark[] {
  const around = chart.nodes.findLast(({ id, kind }) => kind === "compound" && isWithin(label, chart.boxes[id]));
  return around === undefined ? [] : marksOfState(around, marks);
}

const isWithin = (inner: Box, outer: Box | undefined): boolean =>
  outer !== undefined &&
  inner.x >= outer.x &&
  inner.y >= outer.y &&
  inner.x + inner.width <= outer.x + outer.width &&
  inner.y + inner.height <= outer.y + outer.height;

/** Below the label of its arrow. */
function timeOf(draw: Pen, chart: LaidOutChart, { edge, at }: Marks["timers"][number]): string {
  const label = chart.routes[edge]?.label ?? null;
  if (label === null) return "";
  const words = `until ${at.slice(0, 16).replace("T", " ")}Z`;
  const width = widthOf(words, NOTE_SIZE) + 10;
  const box: Box = {
    x: Math.max(2, Math.min(chart.width - width - 2, label.x + label.width / 2 - width / 2)),
    y: label.y + label.height,
    width,
    height: NOTE_LINE + 2,
  };
  return element("g", {}, [
    draw("rect", "chart-time-ground", [], { ...box, rx: 8 }),
    draw(
      "text",
      "chart-time",
      [],
      {
        x: box.x + width / 2,
        y: box.y + NOTE_LINE - 2.5,
        "font-size": NOTE_SIZE,
        "text-anchor": "middle",
        "data-at": at,
      },
      [escaped(words)],
    ),
  ]);
}

/** Straight from point to point, with a small arc at each bend. */
function pathOf(points: readonly Point[]): string {
  const parts = points.map(([x, y], i) => {
    const before = points[i - 1];
    const after = points[i + 1];
    if (before === undefined) return `M${x} ${y}`;
    if (after === undefined) return `L${x} ${y}`;
    const [ax, ay] = towards([x, y], before);
    const [bx, by] = towards([x, y], after);
    return `L${ax} ${ay}Q${x} ${y} ${bx} ${by}`;
  });
  return parts.join("");
}

function towards([x, y]: Point, [tx, ty]: Point): Point {
  const length = Math.hypot(tx - x, ty - y);
  const far = length === 0 ? 0 : Math.min(BEND, length / 2) / length;
  return [Math.round((x + (tx - x) * far) * 10) / 10, Math.round((y + (ty - y) * far) * 10) / 10];
}
