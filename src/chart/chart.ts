/** The words of a chart: a machine as states and arrows, where they stand in the picture, and what is marked in it. */

/** A state. `id` is its path as a record has it: `executing.performing`. */
export type ChartNode = {
  readonly id: string;
  readonly name: string;
  /** Null for a state of the first level. */
  readonly parent: string | null;
  readonly kind: "atomic" | "compound";
  /** Whether its parent, or the machine, begins here. */
  readonly initial: boolean;
  /** Nothing is awaited of an actor that is here. */
  readonly resting: boolean;
};

/** A transition. An internal one, which leaves the state as it is, has `to` equal to `from`. */
export type ChartEdge = {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** `always`: taken of its own accord; `after`: by a timer. */
  readonly kind: "event" | "always" | "after";
  /** As a journal row names it: `VERIFIED`, `always`, `after approvalTimeout`. */
  readonly event: string;
  readonly guard: string | null;
  readonly actions: readonly string[];
};

export type Chart = {
  readonly machine: string;
  readonly version: string;
  /** Hash of the machine's definition, as records of its actors have it. */
  readonly definition: string;
  readonly nodes: readonly ChartNode[];
  readonly edges: readonly ChartEdge[];
};

export type Point = readonly [x: number, y: number];
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number };

/** A chart with places, in units of CSS pixels from the upper left corner. Committed, and never made at run time. */
export type LaidOutChart = Chart & {
  readonly width: number;
  readonly height: number;
  readonly boxes: Readonly<Record<string, Box>>;
  /** By the edge's id. Several edges with the same ends may share one route. */
  readonly routes: Readonly<Record<string, { readonly points: readonly Point[]; readonly label: Box | null }>>;
};

/** What of a journal the marks are made from. */
export type ChartRow = {
  readonly seq: number;
  readonly event: string;
  readonly from: string | null;
  readonly to: string;
  /** Null where none let it through; absent where it is not known. */
  readonly guard?: string | null;
};

export type Marks = {
  /** The state that the actor is in, with those around it. Empty for a machine that is shown by itself. */
  readonly active: readonly string[];
  readonly visited: readonly string[];
  /** Edges of the path, by id. */
  readonly taken: readonly string[];
  /** Edges that leave the active state or one around it, by id. */
  readonly possible: readonly string[];
  /** When a timer takes an edge: ISO 8601. */
  readonly timers: readonly { readonly edge: string; readonly at: string }[];
};
