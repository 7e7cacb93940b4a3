import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { open, type Database, type RootDatabase } from "lmdb";
import { createWriteTurns, type WriteTurns } from "./write-turns.ts";
import { numberOf8 } from "./store-lmdb-keys.ts";

/** Keys and values are bytes of our own making, so that nothing of a table depends on a library's encoding. */
export type Table = Database<Buffer, Buffer>;

/**
 * The tables of a desk. Rows are keyed by numbers that only grow (an actor's ordinal, an artifact's serial, a position), because
 * neighbours in time then share pages; keyed by address and hash, 200,000 runs cost 1.8 times as much to write.
 */
export type Tables = {
  readonly root: RootDatabase<Buffer, Buffer>;
  readonly turns: WriteTurns;
  /** `schema`, `forgotten`, `tip`. */
  readonly meta: Table;
  /** Batch number → a whole batch of mail. */
  readonly mail: Table;
  /** Address → ordinal, given at birth. */
  readonly names: Table;
  /** Ordinal → record; the LMDB version of the value is a digest of the record. */
  readonly actors: Table;
  /** Ordinal, first sequence → the entries of one commit. */
  readonly journal: Table;
  /** SHA-256 → serial, 0 when the bytes lie in a file. */
  readonly artifacts: Table;
  /** Serial → bytes. */
  readonly bytes: Table;
  /** Lane, position → a pending effect. */
  readonly open: Table;
  /** Time, timer → a timer. */
  readonly due: Table;
  /** Ordinal → address of an actor that is not at rest. */
  readonly unfinished: Table;
  /** Index name and key, time, address → nothing. */
  readonly index: Table;
};

/**
 * LMDB commits copy on write: data pages are written and flushed (`fdatasync`), then one meta page is written through
 * (`O_DSYNC`). A power cut leaves the last whole transaction. For that to hold when a promise resolves:
 * - no `noSync`, `noMetaSync`, `mapAsync` or `useWritemap`;
 * - no `overlappingSync`, with which a write resolves before it is flushed;
 * - no `eventTurnBatching`: it wraps the writes of a turn in a block whose promise nobody can reach, and a full disk would
 *   then end the process with an unhandled rejection. Blocks (`batch`, `ifVersion`) are atomic without it.
 * Nor may anything call `transactionSync` while a block is being queued: it would commit the block's first half.
 */
export const ENVIRONMENT = {
  maxDbs: 16,
  // Records and journal chunks of 1 to 3 KB leave half of a 4 KB page empty: 10.8 KB a run on disk, 7.3 with 8 KB, 8.2 with 16 KB.
  pageSize: 8192,
  encoding: "binary",
  keyEncoding: "binary",
  overlappingSync: false,
  eventTurnBatching: false,
} as const;

const TABLE = { encoding: "binary", keyEncoding: "binary" } as const;

const DATA_FILE = "data.mdb";
const storeExists = (dir: string): boolean => existsSync(join(dir, DATA_FILE));
export const dataBytes = (dir: string): number => statSync(join(dir, DATA_FILE)).size;

/** Opens or creates the environment in this folder, which is closed to other users: payloads lie in it. */
export function openTables(dir: string): Tables {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  return tablesOf(open<Buffer, Buffer>({ ...ENVIRONMENT, path: dir }));
}

/** Opens for reading, also while a daemon writes. @throws when there is no store, or none that this build has begun. */
export function openTablesReadOnly(dir: string): Tables {
  if (!storeExists(dir)) throw new Error(`there is no store in ${dir}`);
  return tablesOf(open<Buffer, Buffer>({ ...ENVIRONMENT, path: dir, readOnly: true }));
}

function tablesOf(root: RootDatabase<Buffer, Buffer>): Tables {
  const table = (name: string, useVersions = false): Table => {
    // For a table that a read-only environment lacks the library answers undefined, against its types.
    const opened: Table | undefined = root.openDB<Buffer, Buffer>(name, { ...TABLE, useVersions });
    if (opened === undefined) throw new Error(`the store has no table ${name}`);
    return opened;
  };
  return {
    root,
    turns: createWriteTurns(),
    meta: table("meta"),
    mail: table("mail"),
    names: table("names"),
    actors: table("actors", true),
    journal: table("journal"),
    artifacts: table("artifacts"),
    bytes: table("bytes"),
    open: table("open"),
    due: table("due"),
    unfinished: table("unfinished"),
    index: table("index"),
  };
}

type MetaName = "schema" | "forgotten" | "tip";
export const metaKey = (name: MetaName): Buffer => Buffer.from(name);

/** The number in a row of `meta`, 0 when it was never set. */
export function metaNumber({ meta }: Tables, name: MetaName): number {
  const found = meta.get(metaKey(name));
  return found === undefined ? 0 : numberOf8(found);
}

/** The key of the last row that begins with `prefix`. */
export function lastKey(table: Table, prefix: Buffer = Buffer.alloc(0)): Buffer | undefined {
  const after = Buffer.concat([prefix, Buffer.alloc(16, 0xff)]);
  for (const key of table.getKeys({ start: after, end: prefix, inclusiveEnd: true, reverse: true, limit: 1 }))
    return key;
  return undefined;
}

/** The number after the last one in use as a key, at least 1. */
export function nextNumber(table: Table): number {
  const last = lastKey(table);
  return last === undefined ? 1 : numberOf8(last) + 1;
}
