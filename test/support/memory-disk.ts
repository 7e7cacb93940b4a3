import { dirname } from "node:path";
import type { Disk } from "../../src/adapters/disk.ts";

type MemoryFile = { bytes: Buffer; synced: Buffer };

/** What a power cut leaves of the names that were changed since their folder was last synced. */
export type Unsynced = "kept" | "lost";

/** The calls of a disk, in the order they came: `create`, `write`, `sync`, … */
export type Step = Exclude<keyof Disk, "freshName">;

export interface MemoryDisk extends Disk {
  readonly files: () => ReadonlyMap<string, Buffer>;
  readonly steps: readonly Step[];
  readonly put: (path: string, bytes: Uint8Array) => void;
  /** Bytes that were not synced are gone; names that were not synced are kept or lost. */
  readonly cutPower: (unsynced: Unsynced) => void;
}

/** A disk that fails the way Node does, with the system's code. */
export const diskError = (code: string): Error => Object.assign(new Error(`${code}: it failed`), { code });

/** A disk in memory that knows what a power cut would leave. `before` sees each step first and may throw. */
export function memoryDisk(
  folders: readonly string[],
  before: (step: Step, at: number) => void = () => {},
): MemoryDisk {
  let names = new Map<string, MemoryFile>();
  let syncedNames = new Map<string, MemoryFile>();
  const open = new Map<number, MemoryFile>();
  const steps: Step[] = [];
  let numbers = 0;
  const fresh = (): number => ++numbers;
  /** A step that throws has not happened, except that half of the bytes are written. */
  const step = (name: Step): void => before(name, steps.push(name) - 1);
  const folderOf = (path: string): string => {
    if (!folders.includes(dirname(path))) throw diskError("ENOENT");
    return dirname(path);
  };
  const fileAt = (path: string): MemoryFile => {
    const file = names.get(path);
    if (file === undefined) throw diskError("ENOENT");
    return file;
  };
  const opened = (number: number): MemoryFile => {
    const file = open.get(number);
    if (file === undefined) throw diskError("EBADF");
    return file;
  };
  const none = Buffer.alloc(0);

  return {
    steps,
    files: () => new Map([...names].map(([path, { bytes }]) => [path, bytes])),
    put: (path, bytes) => {
      const file = { bytes: Buffer.from(bytes), synced: Buffer.from(bytes) };
      names.set(path, file);
      syncedNames.set(path, file);
    },
    cutPower: (unsynced) => {
      if (unsynced === "lost") names = new Map(syncedNames);
      for (const file of names.values()) file.bytes = file.synced;
    },
    create: (path) => {
      step("create");
      folderOf(path);
      if (names.has(path)) throw diskError("EEXIST");
      const file = { bytes: none, synced: none };
      const number = fresh();
      names.set(path, file);
      open.set(number, file);
      return number;
    },
    write: (number, bytes) => {
      const file = opened(number);
      file.bytes = Buffer.from(bytes.subarray(0, bytes.length / 2));
      step("write");
      file.bytes = Buffer.from(bytes);
    },
    sync: async (number) => {
      step("sync");
      const file = opened(number);
      file.synced = file.bytes;
    },
    close: (number) => {
      step("close");
      open.delete(number);
    },
    link: (from, to) => {
      step("link");
      folderOf(to);
      if (names.has(to)) throw diskError("EEXIST");
      names.set(to, fileAt(from));
    },
    remove: (path) => {
      step("remove");
      fileAt(path);
      names.delete(path);
    },
    look: (path) => {
      step("look");
      return names.get(path)?.bytes ?? "none";
    },
    list: (folder) => {
      step("list");
      return [...names.keys()].filter((path) => dirname(path) === folder).map((path) => path.slice(folder.length + 1));
    },
    syncFolder: async (folder) => {
      step("syncFolder");
      if (!folders.includes(folder)) throw diskError("ENOENT");
      const others = [...syncedNames].filter(([path]) => dirname(path) !== folder);
      syncedNames = new Map([...others, ...[...names].filter(([path]) => dirname(path) === folder)]);
    },
    freshName: () => `00000000-0000-4000-8000-${String(fresh()).padStart(12, "0")}`,
  };
}
