/** Follows one run: every row of its journal once, those that are there and those that come. */
import type { JournalRow as ShownRow } from "../http/shapes/runs.ts";
import { JournalRow, RunShown } from "./answers.ts";
import { type Api, answerOf } from "./client.ts";
import { plain } from "./output.ts";
import type { Session } from "./session.ts";

export type Follow = {
  readonly quiet: boolean;
  /** Asked of each state entered: it ends there, and where the run ends. */
  readonly until: (state: string) => boolean;
};
export type Followed = { readonly state: string; readonly reached: boolean };

/** Nothing more comes of a run by itself. */
export const isOver = (state: string): boolean => ["sealed", "refused", "erased"].includes(state);

/** Ends early, at the last state seen, when the daemon stops or a signal comes. */
export async function followRun(session: Session, api: Api, run: string, { quiet, until }: Follow): Promise<Followed> {
  const ended = new AbortController();
  const signal = AbortSignal.any([session.io.stopping, ended.signal]);
  let printed = -1;
  let state = "received";
  let reached = false;
  const take = (row: JournalRow): void => {
    if (row.seq <= printed) return;
    printed = row.seq;
    state = row.to;
    reached ||= until(state);
    if (!quiet) session.out.row("qoc.event/1", row, () => journalCells(row).join("  "));
  };
  try {
    // The stream is opened before the journal is read, so that no row falls between the two.
    for await (const { event, data } of api.events(run, signal)) {
      if (event === "row") take(JournalRow.parse(data));
      else {
        const shown = await answerOf(api, RunShown, "GET", `/api/runs/${run}`);
        for (const row of shown.journal) take(row);
        state = shown.state;
      }
      if (reached || isOver(state)) break;
    }
  } finally {
    ended.abort();
  }
  return { state, reached };
}

type Row = Omit<ShownRow, "observations"> & {
  readonly observations: readonly { readonly name: string; readonly value: unknown }[];
};

/** One row of the journal as a person reads it: number, time, event, step, by whom, what was observed. */
export function journalCells(row: Row): readonly string[] {
  const step = row.from === null || row.from === row.to ? row.to : `${row.from} → ${row.to}`;
  const seen = row.observations.map(({ name, value }) => `${name}=${short(value)}`).join(" ");
  return [String(row.seq), row.at.slice(11, 23), row.event, step, row.by, seen];
}

function short(value: unknown): string {
  const text = plain(typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
