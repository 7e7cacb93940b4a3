import { LowSync, type SyncAdapter } from "lowdb";
import { assert } from "../core/assert.ts";
import type { ActorRecord } from "../engine/ports.ts";
import { decodeStored, encodeRecord, encodeStored } from "./store-lmdb-codec.ts";
import type { Table } from "./store-lmdb-env.ts";
import type { Unit } from "./store-lmdb-unit.ts";

/** What the store knows of a record that it gave out or took in; callers hold the record alone. */
export type Footing = {
  readonly ordinal: Buffer;
  /** Stands for the record's content. */
  readonly version: number;
  /** Where its pending effects stand in their lanes, in the record's order. */
  readonly positions: readonly number[];
};

/**
 * An actor at rest is a lowdb document that lies in one LMDB value. Synchronous, as lowdb has it for stores that answer at once:
 * `read` looks into the memory map, and `write` puts the value into a unit of work, which is what is awaited.
 */
export type ActorDocument = LowSync<ActorRecord | null>;

type Place = {
  readonly actors: Table;
  readonly ordinal: Buffer;
  /** Told of every record that passes, in either direction. */
  readonly met: (record: ActorRecord, footing: Footing) => void;
  /** What `write` joins, and the positions it writes; null for a document that is only read. */
  readonly writing: { readonly unit: Unit; readonly positions: readonly number[] } | null;
};

const adapterFor = ({ actors, ordinal, met, writing }: Place): SyncAdapter<ActorRecord | null> => ({
  read: () => {
    const stored = actors.getEntry(ordinal);
    if (stored === undefined) return null;
    const { record, positions } = decodeStored(stored.value);
    met(record, { ordinal, version: stored.version ?? 0, positions });
    return record;
  },
  write: (record) => {
    assert(record !== null && writing !== null, "a record is written in a unit of work");
    const { unit, positions } = writing;
    const encoded = encodeRecord(record);
    unit.put(actors, ordinal, encodeStored(positions, encoded), encoded.version);
    met(record, { ordinal, version: encoded.version, positions });
  },
});

export const actorDocument = (place: Place, record: ActorRecord | null = null): ActorDocument =>
  new LowSync(adapterFor(place), record);
