/**
 * What was committed last, numbered on from 1 since the daemon began, for readers that come back. A run that was set aside, or taken up
 * again, without a row of its journal has a number too: its state in the lists is another one.
 */
import type { Entry } from "../../engine/ports.ts";

/** Kept for readers that come back. */
export const EVENTS_KEPT_MAX = 2000;

/** The entry as it was committed: a text is made of it only for a reader, and once for all of them. */
export type Kept = {
  readonly number: number;
  readonly workspace: string;
  readonly run: string;
  readonly now: Pick<Entry, "seq" | "at" | "to">;
  /** Null of what is no row of the journal, or no more. */
  readonly entry: Entry | null;
  text: string | undefined;
};

export type KeptRows = {
  readonly add: (workspace: string, run: string, now: Kept["now"], entry: Entry | null) => Kept;
  /** Keeps of the rows of this run until now no more than that there were any. */
  readonly forget: (workspace: string, run: string) => void;
  /** The number of the last; 0 before the first. */
  readonly count: () => number;
  /** Behind the event of this id, oldest first. Undefined when some of them are gone, or it is no id of this daemon's. */
  readonly since: (lastId: string) => readonly Kept[] | undefined;
  readonly idOf: (number: number) => string;
};

export function keepRows(epoch: string): KeptRows {
  const ring: Kept[] = [];
  let count = 0;
  return {
    add: (workspace, run, now, entry) => {
      const kept: Kept = { number: count + 1, workspace, run, now, entry, text: undefined };
      ring[count % EVENTS_KEPT_MAX] = kept;
      count += 1;
      return kept;
    },
    forget: (workspace, run) => {
      for (const [at, kept] of ring.entries())
        if (kept.run === run && kept.workspace === workspace) ring[at] = { ...kept, entry: null, text: undefined };
    },
    count: () => count,
    since: (lastId) => {
      const last = numberIn(lastId, epoch);
      if (last === undefined || last > count || count - last > EVENTS_KEPT_MAX) return undefined;
      return [...ring.slice(count % EVENTS_KEPT_MAX), ...ring.slice(0, count % EVENTS_KEPT_MAX)].filter(
        ({ number }) => number > last,
      );
    },
    idOf: (number) => `${epoch}:${number}`,
  };
}

function numberIn(id: string, epoch: string): number | undefined {
  const [of, text = "", ...more] = id.split(":");
  return of === epoch && more.length === 0 && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
