/** How a chart looks where no style sheet reaches it: a file of its own. In a page its classes are coloured by the page's own styles. */
import type { Attributes } from "./xml.ts";

/** A part of the picture, by the class that it has. */
export type Part =
  | "chart-ground"
  | "chart-frame"
  | "chart-box"
  | "chart-rule"
  | "chart-initial"
  | "chart-name"
  | "chart-note"
  | "chart-path"
  | "chart-arrow"
  | "chart-label"
  | "chart-label-ground"
  | "chart-time"
  | "chart-time-ground";
/** What a part is besides, in the order in which the last one wins. */
export type Mark = "is-compound" | "is-resting" | "is-visited" | "is-taken" | "is-possible" | "is-active";

const INK = "#1f2430";
const QUIET = "#5b6472";
const LINE = "#8a93a3";
const PATH = "#1f5fbf";
const NEXT = "#8a5a00";
const HERE = "#0b6b3a";

const base: Readonly<Record<Part, Attributes>> = {
  "chart-ground": { fill: "#ffffff" },
  "chart-frame": { fill: QUIET },
  "chart-box": { fill: "#ffffff", stroke: LINE, "stroke-width": 1 },
  "chart-rule": { stroke: LINE, "stroke-width": 0.6 },
  "chart-initial": { fill: INK },
  "chart-name": { fill: INK },
  "chart-note": { fill: QUIET },
  "chart-path": { fill: "none", stroke: LINE, "stroke-width": 1.2 },
  "chart-arrow": { fill: LINE },
  "chart-label": { fill: QUIET },
  "chart-label-ground": { fill: "#ffffff" },
  "chart-time": { fill: "#ffffff" },
  "chart-time-ground": { fill: NEXT },
};

const marked: Readonly<Partial<Record<`${Part} ${Mark}`, Attributes>>> = {
  "chart-box is-compound": { fill: "#f5f6f8" },
  "chart-box is-resting": { stroke: INK },
  "chart-box is-visited": { fill: "#e9f1fd", stroke: PATH },
  "chart-box is-active": { fill: "#dff3e7", stroke: HERE, "stroke-width": 2.5 },
  "chart-label-ground is-compound": { fill: "#f5f6f8" },
  "chart-label-ground is-visited": { fill: "#e9f1fd" },
  "chart-label-ground is-active": { fill: "#dff3e7" },
  "chart-name is-active": { fill: HERE, "font-weight": "bold" },
  "chart-path is-taken": { stroke: PATH, "stroke-width": 2.2 },
  "chart-path is-possible": { stroke: NEXT, "stroke-width": 1.6 },
  "chart-arrow is-taken": { fill: PATH },
  "chart-arrow is-possible": { fill: NEXT },
  "chart-label is-taken": { fill: PATH },
  "chart-label is-possible": { fill: NEXT },
  "chart-note is-possible": { fill: NEXT },
  "chart-note is-taken": { fill: PATH },
};

export const lookOf = (part: Part, marks: readonly Mark[]): Attributes =>
  Object.assign({}, base[part], ...marks.map((mark) => marked[`${part} ${mark}`] ?? {}));
