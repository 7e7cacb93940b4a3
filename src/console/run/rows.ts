/** The rows of a journal as the timeline has them: texts, verbatim. Pure. */
import type { JournalRow } from "../../http/shapes/runs.ts";

export type TimelineRow = {
  readonly seq: number;
  /** ISO 8601. */
  readonly at: string;
  /** Since the row before; empty for the first. */
  readonly gap: string;
  readonly event: string;
  readonly from: string | null;
  readonly to: string;
  readonly by: string;
  readonly observations: readonly {
    readonly name: string;
    readonly value: string;
    readonly basis: readonly string[];
  }[];
};

/** Rows that are in the document or not as one: what is far from the view is not in it. */
export const BLOCK_ROWS = 50;

export const timelineRows = (journal: readonly JournalRow[]): readonly TimelineRow[] =>
  journal.map((row, at) => ({
    seq: row.seq,
    at: row.at,
    gap: gapBetween(journal[at - 1]?.at, row.at),
    event: row.event,
    from: row.from,
    to: row.to,
    by: row.by,
    observations: row.observations.map(({ name, value, basis }) => ({ name, value: textOf(value), basis })),
  }));

export const blocksOf = <Row>(rows: readonly Row[]): readonly (readonly Row[])[] =>
  Array.from({ length: Math.ceil(rows.length / BLOCK_ROWS) }, (_, at) =>
    rows.slice(at * BLOCK_ROWS, (at + 1) * BLOCK_ROWS),
  );

/** As JSON: what was a text and what was a number stays to be seen. */
const textOf = (value: JournalRow["observations"][number]["value"]): string => JSON.stringify(value);

function gapBetween(before: string | undefined, at: string): string {
  if (before === undefined) return "";
  const ms = Date.parse(at) - Date.parse(before);
  return Number.isFinite(ms) ? gapText(ms) : "";
}

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** A clock that went back is said. */
export const gapText = (ms: number): string => (ms < 0 ? `−${lengthText(-ms)}` : `+${lengthText(ms)}`);

/** Two units at most, in words short enough for a column. */
function lengthText(ms: number): string {
  if (ms < SECOND_MS) return `${ms} ms`;
  if (ms < MINUTE_MS) return `${(ms / SECOND_MS).toFixed(ms < 10 * SECOND_MS ? 1 : 0)} s`;
  if (ms < HOUR_MS) return `${Math.floor(ms / MINUTE_MS)} min ${Math.floor((ms % MINUTE_MS) / SECOND_MS)} s`;
  if (ms < DAY_MS) return `${Math.floor(ms / HOUR_MS)} h ${Math.floor((ms % HOUR_MS) / MINUTE_MS)} min`;
  return `${Math.floor(ms / DAY_MS)} d ${Math.floor((ms % DAY_MS) / HOUR_MS)} h`;
}

/** A hash or an id as its beginning; whole where there is room or it is copied. */
export const short = (text: string): string => (text.length > 16 ? `${text.slice(0, 12)}…` : text);
