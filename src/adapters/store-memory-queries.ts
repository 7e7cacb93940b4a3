import type { Address } from "../core/ids.ts";
import type { ActorRecord, DueTimer, IndexHit, OpenEffect, Store } from "../engine/ports.ts";
import type { MemoryState } from "./store-memory-state.ts";

type Queries = Pick<Store, "lanes" | "open" | "due" | "nextDue" | "unfinished" | "addresses" | "find" | "stats">;

const SCHEMA = 1;

/** Answers worked out from the records each time: nothing derived is kept, so nothing derived can be wrong. */
export function createMemoryQueries(state: MemoryState, forgotten: () => number): Queries {
  const records = (): ActorRecord[] => [...state.actors.values()];

  function pendingIn(lane: string): readonly (OpenEffect & { readonly position: number })[] {
    const all = records().flatMap(({ address, pending }) =>
      pending
        .filter((effect) => effect.lane === lane)
        .map(({ id }) => ({ address, effect: id, position: state.positions.get(id) ?? 0 })),
    );
    return all.toSorted((a, b) => a.position - b.position).map((row) => ({ ...row, key: String(row.position) }));
  }

  function timers(): readonly DueTimer[] {
    const all = records().flatMap(({ address, timers: set }) =>
      set.map(({ at, id, generation }) => ({ at, address, id, generation })),
    );
    return all.toSorted((a, b) => a.at - b.at);
  }

  /** Behind `after`, in the order of births. */
  function addressesBehind(after: string): readonly Address[] {
    const all = [...state.actors.keys()];
    return after === "" ? all : all.slice(all.findIndex((address) => address === after) + 1);
  }

  const unfinished = (): Address[] =>
    records()
      .filter(({ resting }) => !resting)
      .map(({ address }) => address);

  return {
    lanes: () => [...new Set(records().flatMap(({ pending }) => pending.map(({ lane }) => lane)))],
    open: (lane, after, limit) =>
      pendingIn(lane)
        .filter(({ position }) => position > Number(after))
        .slice(0, limit)
        .map(({ key, address, effect }) => ({ key, address, effect })),
    due: (until, limit) =>
      timers()
        .filter(({ at }) => at <= until)
        .slice(0, limit),
    nextDue: () => timers()[0]?.at,
    unfinished: (after, limit) => {
      const behind = after === "" ? [] : [...state.actors.keys()];
      const passed = new Set(behind.slice(0, behind.findIndex((address) => address === after) + 1));
      return unfinished()
        .filter((address) => !passed.has(address))
        .slice(0, limit);
    },
    addresses: (after, limit) => addressesBehind(after).slice(0, limit),
    find: ({ name, key }, { limit, before, since }) => {
      const hits = [...state.index.values()]
        .filter(({ row }) => row.name === name && row.key === key)
        .map(({ hit }) => hit);
      return hits
        .toSorted(newestFirst)
        .filter(
          (hit) => (before === undefined || newestFirst(before, hit) < 0) && (since === undefined || hit.at >= since),
        )
        .slice(0, limit);
    },
    stats: () => ({
      schema: SCHEMA,
      actors: state.actors.size,
      unfinished: unfinished().length,
      mail_batches: [...state.mail.keys()].filter((batch) => batch > forgotten()).length,
      artifacts: state.artifacts.size,
      bytes: [...state.artifacts.values()].reduce((sum, bytes) => sum + bytes.length, 0),
    }),
  };
}

/** Those of one time in an order of their own, which any store may choose. */
function newestFirst(a: IndexHit, b: IndexHit): number {
  if (a.at !== b.at) return b.at - a.at;
  if (a.address === b.address) return 0;
  return a.address < b.address ? 1 : -1;
}
