import { copyFile, cp, mkdir, open, readdir, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lockDesk } from "./desk-lock.ts";
import { errnoOf } from "./disk.ts";
import { nodeLogDisk } from "./log-disk.ts";
import { writeRestored } from "./log-epoch.ts";
import { openStoreReadOnly } from "./store-lmdb.ts";
import { openTablesReadOnly } from "./store-lmdb-env.ts";

/** What of a desk's `.qoc` belongs into a backup beside its store: without it nothing more is sealed, or approved, by whom it was before. */
export const BACKED_UP = [
  "evidence",
  "keys",
  "log-state",
  "approvers",
  "approver-root",
  "approver-root.before",
] as const;

/** A backup is laid out as a desk's `.qoc` folder: `store/`, `artifacts/`, and the other folders and files that were asked for. */
const STORE = "store";
const ARTIFACTS = "artifacts";
const LOG_STATE = "log-state";

export type Copied = { readonly bytes: number };

/**
 * Copies the store of a runtime folder (`<desk>/.qoc`) while a daemon may be writing to it: LMDB copies the state of one
 * transaction, then come the artifact files, which are written before the commit that names them and never changed. `also` names
 * further folders and files beside them. Flushed when it resolves; a crash leaves a folder that ends in `.part`.
 * @throws when `to` exists and holds anything, or there is no store.
 */
export async function backupStore(runtime: string, to: string, also: readonly string[] = []): Promise<Copied> {
  await requireEmpty(to);
  const part = join(dirname(to), `.${basename(to)}.part`);
  await rm(part, { recursive: true, force: true });
  await mkdir(join(part, STORE), { recursive: true, mode: 0o700 });
  const { root } = openTablesReadOnly(join(runtime, STORE));
  try {
    // Compacted: of the pages it takes what is in use, and nothing of what was removed.
    await root.backup(join(part, STORE), true);
  } finally {
    await root.close();
  }
  const there = await readdir(runtime, { withFileTypes: true });
  for (const entry of there.filter(({ name }) => name === ARTIFACTS || also.includes(name))) {
    const [source, target] = [join(runtime, entry.name), join(part, entry.name)];
    await (entry.isDirectory() ? copyBeside(source, target) : copyFile(source, target));
  }
  const bytes = await flushAll(part);
  await rename(part, to);
  await flush(dirname(to));
  return { bytes };
}

/**
 * Puts a backup into a runtime folder that has none of what it holds. The store comes last, so a crash leaves no desk that
 * starts with half of a backup. The desk does not start before a new epoch of its log was begun (adapters/log-epoch.ts).
 * @throws DeskBusy; when `from` holds no store that this build reads; when a folder to be restored is not empty.
 */
export async function restoreStore(from: string, to: string, now: number): Promise<Copied> {
  const readable = await openStoreReadOnly(join(from, STORE));
  await readable.close();
  const lock = lockDesk(to);
  try {
    const folders = (await readdir(from)).filter((name) => name !== STORE);
    for (const folder of [...folders, STORE]) await requireEmpty(join(to, folder));
    const part = join(to, ".restore.part");
    await rm(part, { recursive: true, force: true });
    await mkdir(part, { mode: 0o700 });
    await cp(from, part, { recursive: true, filter: (path) => basename(path) !== "lock.mdb" });
    await sayRestored(folders.includes(LOG_STATE) ? part : to, new Date(now).toISOString());
    const bytes = await flushAll(part);
    for (const folder of [...folders, STORE]) {
      await rename(join(part, folder), join(to, folder));
      await flush(to);
    }
    await rmdir(part);
    return { bytes };
  } finally {
    lock.release();
  }
}

/**
 * Copies a folder in which a daemon may be at work. Files come before folders, so a log's checkpoint is never ahead of the tiles that are
 * copied with it. Temporaries, and what is gone when its turn comes (a partial tile that grew), are passed over.
 */
async function copyBeside(from: string, to: string): Promise<void> {
  await mkdir(to, { mode: 0o700 });
  const entries = await readdir(from, { withFileTypes: true });
  for (const { name } of entries.filter((entry) => entry.isFile() && !/^\.tmp-|\.part$/.test(entry.name)))
    await copyFile(join(from, name), join(to, name)).catch(unlessGone);
  for (const { name } of entries.filter((entry) => entry.isDirectory()))
    await copyBeside(join(from, name), join(to, name)).catch(unlessGone);
}

function unlessGone(thrown: unknown): void {
  if (errnoOf(thrown) !== "ENOENT") throw thrown;
}

/** Before the store is in its place: what was sealed after the backup was made may be out there, and the next start must know that. */
async function sayRestored(runtime: string, at: string): Promise<void> {
  const state = join(runtime, LOG_STATE);
  await mkdir(state, { recursive: true, mode: 0o700 });
  await writeRestored(state, at, nodeLogDisk);
  await flush(runtime);
}

/** An empty folder may be replaced: a rename does that. A file may not. */
async function requireEmpty(place: string): Promise<void> {
  const held = await readdir(place).catch((thrown: unknown) => (errnoOf(thrown) === "ENOTDIR" ? [place] : []));
  if (held.length > 0) throw new Error(`${place} is not empty`);
}

/** Gives the sum of the files' sizes. */
async function flushAll(dir: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(dir, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) bytes += (await stat(path)).size;
    if (entry.isFile() || entry.isDirectory()) await flush(path);
  }
  await flush(dir);
  return bytes;
}

async function flush(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
