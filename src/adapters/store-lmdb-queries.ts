import { addressOf, type Address, type EffectId, type Instant } from "../core/ids.ts";
import type { DueTimer, Store } from "../engine/ports.ts";
import { decodeStored } from "./store-lmdb-codec.ts";
import type { Tables } from "./store-lmdb-env.ts";
import { behind, hitKey, hitOf, lanePrefix, number8, numberOf8, openKey } from "./store-lmdb-keys.ts";
import { positionOf, rowPrefix, unpackAddress } from "./store-lmdb-keys.ts";

type OpenRow = readonly [lane: string, address: Address, effect: EffectId];
type DueRow = readonly [at: Instant, address: Address, id: string, generation: number];

/** What is read by range, each in as many steps as it has answers. */
export type Queries = Pick<Store, "lanes" | "open" | "due" | "nextDue" | "unfinished" | "addresses" | "find">;

export function createQueries(tables: Tables, ordinalOf: (address: Address) => Buffer | undefined): Queries {
  const { actors, open, due, unfinished, index } = tables;

  return {
    lanes: () => {
      const lanes: string[] = [];
      let [first] = open.getRange({ limit: 1 });
      while (first !== undefined) {
        const [lane]: OpenRow = JSON.parse(first.value.toString());
        lanes.push(lane);
        [first] = open.getRange({ start: behind(lanePrefix(lane)), limit: 1 });
      }
      return lanes;
    },
    open: (lane, after, limit) => {
      const start = openKey(lane, after === "" ? 0 : Number(after));
      const rows = open.getRange({ start, exclusiveStart: true, end: behind(lanePrefix(lane)), limit });
      return [...rows].map(({ key, value }) => {
        const [, address, effect]: OpenRow = JSON.parse(value.toString());
        return { key: String(positionOf(key)), address, effect };
      });
    },
    due: (until, limit) => {
      const rows = due.getRange({ end: behind(number8(until)), limit });
      return [...rows].map(({ value }): DueTimer => {
        const [at, address, id, generation]: DueRow = JSON.parse(value.toString());
        return { at, address, id, generation };
      });
    },
    nextDue: () => {
      const [first] = due.getKeys({ limit: 1 });
      return first === undefined ? undefined : numberOf8(first);
    },
    unfinished: (after, limit) => {
      const ordinal = after === "" ? undefined : ordinalOf(addressOf(after));
      const start = ordinal ?? number8(0);
      return [...unfinished.getRange({ start, exclusiveStart: true, limit })].map(({ value }) => unpackAddress(value));
    },
    addresses: (after, limit) => {
      const start = (after === "" ? undefined : ordinalOf(addressOf(after))) ?? number8(0);
      const rows = actors.getRange({ start, exclusiveStart: true, limit });
      return [...rows].map(({ value }) => decodeStored(value).record.address);
    },
    find: (row, { limit, before, since }) => {
      const prefix = rowPrefix(row);
      const rows = index.getRange({
        start: before === undefined ? behind(prefix) : hitKey(prefix, before),
        exclusiveStart: true,
        end: Buffer.concat([prefix, number8(since ?? 0)]),
        inclusiveEnd: true,
        reverse: true,
        limit,
      });
      return [...rows].map(({ key, value }) => hitOf(key, value));
    },
  };
}
