/** An agent's file access: what it reads, lists, makes and replaces, in folders that `agent-folders.ts` opened for it. */
import * as crypto from "node:crypto";
import * as nodeFs from "node:fs";
import path from "node:path";
import { setImmediate as soon } from "node:timers/promises";
import type {
  AgentFiles,
  FileRefused,
  FileSlice,
  FolderListed,
  Listed,
  ListPage,
  Written,
} from "../agent/agent-files.ts";
import { type DeskPath, isShown } from "../agent/desk-paths.ts";
import { type Sha256, sha256Of } from "../core/ids.ts";
import {
  type AgentDisk,
  checkPlace,
  type Folder,
  isSame,
  nodeAgentDisk,
  openFile,
  openFolders,
  refusalOf,
  Refused,
} from "./agent-folders.ts";

/** A larger file is none that a run wrote. */
const REPLACED_BYTES_MAX = 16 * 1024 * 1024;
const FILE_MODE = 0o644;
const NAMES_AT_A_TIME = 1_000;

const { O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW } = nodeFs.constants;

export function createAgentFiles(dir: string, disk: AgentDisk = nodeAgentDisk): AgentFiles {
  return {
    read: (at, offset, bytesMax) =>
      answered(() => inFolderOf(dir, at, false, disk, (folder, name) => readIn(folder, name, offset, bytesMax, disk))),
    list: (at, page) =>
      answered(async () => {
        const folder = openFolders(dir, at.parts, false, disk);
        return closing(folder, disk, () => listIn(folder, page, disk));
      }),
    place: (at, bytes) =>
      answered(() => inFolderOf(dir, at, true, disk, (folder, name) => placeIn(folder, name, bytes, disk))),
    replace: (at, bytes, expected) =>
      answered(() =>
        inFolderOf(dir, at, false, disk, (folder, name) => replaceIn(folder, name, bytes, expected, disk)),
      ),
  };
}

async function answered<T>(act: () => Promise<T>): Promise<T | FileRefused> {
  try {
    return await act();
  } catch (thrown) {
    if (thrown instanceof Refused) return { kind: "refused", because: thrown.because, says: thrown.message };
    throw thrown;
  }
}

async function inFolderOf<T>(
  dir: string,
  { parts }: DeskPath,
  making: boolean,
  disk: AgentDisk,
  act: (folder: Folder, name: string) => T | Promise<T>,
): Promise<T> {
  const name = parts.at(-1);
  if (name === undefined) throw new Refused("unsafe", "That is the desk's folder, not a file.");
  const folder = openFolders(dir, parts.slice(0, -1), making, disk);
  return closing(folder, disk, () => Promise.resolve(act(folder, name)));
}

async function closing<T>({ file }: Folder, disk: AgentDisk, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } finally {
    disk.closeSync(file);
  }
}

function readIn(folder: Folder, name: string, offset: number, bytesMax: number, disk: AgentDisk): FileSlice {
  const { bytes, size } = contentIn(folder, name, offset, bytesMax, disk);
  return { kind: "read", bytes, size };
}

function contentIn(folder: Folder, name: string, offset: number, bytesMax: number, disk: AgentDisk) {
  const { file, size, mode } = openFile(folder, name, disk);
  try {
    const bytes = Buffer.alloc(Math.max(0, Math.min(bytesMax, size - offset)));
    let length = 0;
    while (length < bytes.length) {
      const read = disk.readSync(file, bytes, length, bytes.length - length, offset + length);
      if (read === 0) break;
      length += read;
    }
    return { bytes: bytes.subarray(0, length), size, mode };
  } finally {
    disk.closeSync(file);
  }
}

/**
 * A folder of any size: no more than so many of its names are gone through, and what they are is asked of those alone that are given. Every
 * so many names the daemon turns to what else it has to do.
 */
async function listIn(
  folder: Folder,
  { after, entries_max, looked_max }: ListPage,
  disk: AgentDisk,
): Promise<FolderListed> {
  checkPlace(folder, disk);
  const first = (names: readonly string[]): string[] => names.toSorted(byCodeUnit).slice(0, entries_max);
  let names: string[] = [];
  let fitting = 0;
  const reader = disk.opendirSync(folder.at);
  let looked = 0;
  let entry = reader.readSync();
  try {
    for (; entry !== null && looked < looked_max; entry = reader.readSync()) {
      looked += 1;
      if (entry.name > after && isShown(entry.name)) {
        fitting += 1;
        names.push(entry.name);
      }
      if (looked % NAMES_AT_A_TIME > 0) continue;
      names = first(names);
      // oxlint-disable-next-line no-await-in-loop -- that is what it is for
      await soon();
    }
  } finally {
    reader.closeSync();
  }
  const shown = first(names);
  const more = entry !== null || shown.length < fitting;
  return { kind: "listed", entries: shown.map((name) => listed(folder, name, disk)), more, looked };
}

const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : 1);

function listed(folder: Folder, name: string, disk: AgentDisk): Listed {
  const found = disk.lstatSync(path.join(folder.at, name), { throwIfNoEntry: false });
  if (found?.isFile() === true) return { name, kind: "file", size: found.size };
  if (found?.isDirectory() === true) return { name, kind: "folder", size: null };
  return { name, kind: found?.isSymbolicLink() === true ? "link" : "other", size: null };
}

async function placeIn(folder: Folder, name: string, bytes: Uint8Array, disk: AgentDisk): Promise<Written> {
  const at = path.join(folder.at, name);
  await throughTemporary(folder, name, bytes, FILE_MODE, disk, (temporary) => disk.linkSync(temporary, at));
  return { kind: "written" };
}

async function replaceIn(
  folder: Folder,
  name: string,
  bytes: Uint8Array,
  expected: Sha256,
  disk: AgentDisk,
): Promise<Written> {
  const check = (): number => {
    const found = contentIn(folder, name, 0, REPLACED_BYTES_MAX, disk);
    if (found.size > REPLACED_BYTES_MAX || sha256Of(crypto.hash("sha256", found.bytes, "hex")) !== expected)
      throw new Refused("changed", `${name} was changed by somebody else; it is left as it is.`);
    return found.mode;
  };
  const mode = check();
  await throughTemporary(folder, name, bytes, mode, disk, (temporary) => {
    check();
    disk.renameSync(temporary, path.join(folder.at, name));
  });
  return { kind: "written" };
}

/** The bytes are synced before they have the name, the name before the caller hears of it. */
async function throughTemporary(
  folder: Folder,
  name: string,
  bytes: Uint8Array,
  mode: number,
  disk: AgentDisk,
  publish: (temporary: string) => void,
): Promise<void> {
  const temporary = path.join(folder.at, `.tmp-${crypto.randomUUID()}`);
  const file = disk.openSync(temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, FILE_MODE);
  try {
    checkPlace(folder, disk);
    // A file that a person opened to others, or closed to them, stays so.
    if (mode !== FILE_MODE) disk.fchmodSync(file, mode);
    disk.writeFileSync(file, bytes);
    await disk.sync(file);
    checkPlace(folder, disk);
    publish(temporary);
    if (!isSame(disk.lstatSync(path.join(folder.at, name), { throwIfNoEntry: false }), disk.fstatSync(file)))
      throw new Refused("unsafe", `${name} was changed while it was written.`);
  } catch (thrown) {
    throw refusalOf(thrown, name);
  } finally {
    disk.closeSync(file);
    removeQuietly(temporary, disk);
  }
  await disk.sync(folder.file);
}

/** A temporary that has become the file is gone; one that stays is swept at the next start. */
function removeQuietly(temporary: string, disk: AgentDisk): void {
  try {
    disk.unlinkSync(temporary);
  } catch {
    // Nothing rests on it.
  }
}
