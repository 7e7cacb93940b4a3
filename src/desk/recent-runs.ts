import type { Address } from "../core/ids.ts";
import type { ActorRecord, Change, Entry, Store } from "../engine/ports.ts";

const RUNS_MAX = 2048;

/**
 * Runs that moved a moment ago, kept from their commits: an effect begins right behind the commit that asked for it, and reading
 * record and journal back would cost more than the step did. What is not here is read from the store.
 */
export type RecentRuns = Pick<Store, "read" | "journal"> & {
  /** Told of every change, behind its commit. */
  readonly note: (change: Change) => void;
};

type Run = { readonly record: ActorRecord; readonly journal: readonly Entry[] };

export function createRecentRuns(store: Pick<Store, "read" | "journal">): RecentRuns {
  const kept = new Map<Address, Run>();
  return {
    read: (address) => kept.get(address)?.record ?? store.read(address),
    journal: (address) => kept.get(address)?.journal ?? store.journal(address),
    note: ({ record, before, entries }) => {
      const earlier = before === null ? [] : kept.get(record.address)?.journal;
      kept.delete(record.address);
      // Hardly an effect reads a run at rest (a notice of it may), and half a journal is none.
      if (record.resting || earlier?.length !== (before?.sequence ?? 0)) return;
      kept.set(record.address, { record, journal: [...earlier, ...entries] });
      if (kept.size > RUNS_MAX) dropOldest(kept);
    },
  };
}

function dropOldest(kept: Map<Address, Run>): void {
  const oldest = kept.keys().next();
  if (oldest.done !== true) kept.delete(oldest.value);
}
