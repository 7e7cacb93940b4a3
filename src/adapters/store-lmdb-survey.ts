/** A store as its tables lie there, for who holds them against each other (`qoc fsck`). Nothing of it writes, and nothing is kept in memory. */
import { dirname, join } from "node:path";
import { z } from "zod";
import { reasonOf } from "../core/assert.ts";
import { nameOf, type Address, type EffectId, type Instant, type Sha256 } from "../core/ids.ts";
import type { ActorRecord, Entry, IndexRow, LogTip, PlacedMail, Timer } from "../engine/ports.ts";
import { createArtifactFiles } from "./artifact-files.ts";
import { createArtifacts } from "./store-lmdb-artifacts.ts";
import { decodeEntries, decodeStored, versionStored } from "./store-lmdb-codec.ts";
import { lastKey, openTablesReadOnly } from "./store-lmdb-env.ts";
import * as keys from "./store-lmdb-keys.ts";
import { createMailTable } from "./store-lmdb-mail.ts";
import { migrations, requireSchema } from "./store-lmdb-migrations.ts";
import { createTipRow } from "./store-lmdb-tip.ts";

/** `ordinal` counts actors in the order of their births. */
export type SurveyedActor =
  | {
      readonly kind: "actor";
      readonly ordinal: number;
      readonly record: ActorRecord;
      readonly journal: readonly Entry[];
      /** Where its pending effects stand in their lanes, in the record's order. */
      readonly positions: readonly number[];
      /** The record is the one that the number beside it stands for. */
      readonly isWhole: boolean;
    }
  | { readonly kind: "unreadable"; readonly ordinal: number; readonly reason: string };

export type StoreSurvey = {
  /** The greatest ordinal that is given. */
  readonly lastOrdinal: () => number;
  readonly actorCount: () => number;
  /** In their order, of ordinals above `from` and up to `to`. */
  readonly actors: (from: number, to: number) => Iterable<SurveyedActor>;
  /** The ids of all runs. */
  readonly runs: () => Iterable<string>;
  readonly ordinalOf: (address: Address) => number | undefined;
  readonly read: (address: Address) => ActorRecord | undefined;
  readonly hasOpen: (address: Address, effect: EffectId, lane: string, position: number) => boolean;
  readonly hasDue: (address: Address, timer: Timer) => boolean;
  readonly hasUnfinished: (ordinal: number) => boolean;
  readonly hasRow: (row: IndexRow, at: Instant, address: Address) => boolean;
  readonly openRows: () => Iterable<{ readonly lane: string; readonly address: Address; readonly effect: EffectId }>;
  readonly dueRows: () => Iterable<{ readonly address: Address; readonly id: string; readonly generation: number }>;
  readonly unfinishedRows: () => Iterable<{ readonly ordinal: number; readonly address: Address }>;
  readonly indexRows: () => Iterable<{ readonly address: Address; readonly at: Instant }>;
  readonly artifact: (sha256: Sha256) => Uint8Array | undefined;
  readonly hasArtifact: (sha256: Sha256) => boolean;
  /** Hashes under which bytes are said to be kept. */
  readonly artifactRows: () => Iterable<string>;
  readonly mail: () => Iterable<PlacedMail>;
  readonly tip: () => LogTip | undefined;
  readonly close: () => Promise<void>;
};

const TableStats = z.object({ entryCount: z.number() });
type OpenRow = readonly [lane: string, address: Address, effect: EffectId];
type DueRow = readonly [at: Instant, address: Address, id: string, generation: number];

/** @throws when there is no store, when it is of another schema, or when its file cannot be read at all. */
export async function surveyStore(dir: string): Promise<StoreSurvey> {
  const tables = openTablesReadOnly(dir);
  try {
    requireSchema(tables, migrations);
  } catch (error) {
    await tables.root.close();
    throw error;
  }
  const { names, actors, journal, open, due, unfinished, index, artifacts } = tables;
  const kept = createArtifacts(tables, createArtifactFiles(join(dirname(dir), "artifacts")));
  const ordinalOf = (address: Address): Buffer | undefined => names.get(keys.addressKey(address));

  function surveyed(key: Buffer): SurveyedActor {
    const ordinal = keys.numberOf8(key);
    try {
      const row = actors.getEntry(key);
      if (row === undefined) return { kind: "unreadable", ordinal, reason: "the record is gone" };
      const { record, positions } = decodeStored(row.value);
      const chunks = journal.getRange({ start: key, end: keys.behind(key) });
      const entries = [...chunks].flatMap(({ value }) => decodeEntries(record.address, value));
      const isWhole = versionStored(row.value) === row.version;
      return { kind: "actor", ordinal, record, journal: entries, positions, isWhole };
    } catch (thrown) {
      return { kind: "unreadable", ordinal, reason: reasonOf(thrown) };
    }
  }

  return {
    lastOrdinal: () => {
      const last = lastKey(actors);
      return last === undefined ? 0 : keys.numberOf8(last);
    },
    actorCount: () => TableStats.parse(actors.getStats()).entryCount,
    actors: function* (from, to) {
      const start = keys.number8(from);
      for (const key of actors.getKeys({ start, exclusiveStart: true, end: keys.behind(keys.number8(to)) }))
        yield surveyed(Buffer.from(key));
    },
    runs: function* () {
      for (const key of names.getKeys({})) if (keys.isPackedRun(key)) yield nameOf(keys.unpackAddress(key));
    },
    ordinalOf: (address) => {
      const ordinal = ordinalOf(address);
      return ordinal === undefined ? undefined : keys.numberOf8(ordinal);
    },
    read: (address) => {
      const ordinal = ordinalOf(address);
      const row = ordinal === undefined ? undefined : actors.get(ordinal);
      return row === undefined ? undefined : decodeStored(row).record;
    },
    hasOpen: (address, effect, lane, position) => {
      const row = open.get(keys.openKey(lane, position));
      return row?.toString() === JSON.stringify([lane, address, effect]);
    },
    hasDue: (address, timer) => {
      const { at, id, generation } = timer;
      return due.get(keys.dueKey(address, timer))?.toString() === JSON.stringify([at, address, id, generation]);
    },
    hasUnfinished: (ordinal) => unfinished.doesExist(keys.number8(ordinal)),
    hasRow: (row, at, address) => index.doesExist(keys.hitKey(keys.rowPrefix(row), { at, address })),
    openRows: function* () {
      for (const { value } of open.getRange({})) {
        const [lane, address, effect]: OpenRow = JSON.parse(value.toString());
        yield { lane, address, effect };
      }
    },
    dueRows: function* () {
      for (const { value } of due.getRange({})) {
        const [, address, id, generation]: DueRow = JSON.parse(value.toString());
        yield { address, id, generation };
      }
    },
    unfinishedRows: function* () {
      for (const { key, value } of unfinished.getRange({}))
        yield { ordinal: keys.numberOf8(key), address: keys.unpackAddress(value) };
    },
    indexRows: function* () {
      for (const { key, value } of index.getRange({})) yield keys.hitOf(key, value);
    },
    artifact: (sha256) => kept.read(sha256),
    hasArtifact: (sha256) => artifacts.doesExist(Buffer.from(sha256, "hex")),
    artifactRows: function* () {
      for (const key of artifacts.getKeys({})) yield key.toString("hex");
    },
    mail: createMailTable(tables).mail,
    tip: createTipRow(tables).tip,
    close: () => tables.root.close(),
  };
}
