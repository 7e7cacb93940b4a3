/** A disk in memory for the log: folders, a file that grows, and what a power cut would leave of it all. */
import { basename, dirname } from "node:path";
import type { LogDisk } from "../../../src/adapters/log-disk.ts";
import { diskError } from "../../support/memory-disk.ts";

type MemoryFile = { readonly kind: "file"; bytes: Buffer; synced: Buffer };
type MemoryFolder = { readonly kind: "folder" };
type Node = MemoryFile | MemoryFolder;

export type LogStep = Exclude<keyof LogDisk, "freshName">;
/** What becomes of a step: it is done; it fails, half of a write being written; it is done, and fails; nobody is there to do it. */
export type Fate = "done" | "lost" | "kept" | "dead";
/** Of what was not synced: are the names there, and how much of each file's new bytes, from 0 to 1. */
export type PowerCut = { readonly names: "kept" | "lost"; readonly bytes: number };

export type LogMemoryDisk = LogDisk & {
  readonly steps: () => number;
  readonly files: () => ReadonlyMap<string, Buffer>;
  readonly put: (path: string, bytes: Uint8Array) => void;
  readonly drop: (path: string) => void;
  /** The disk as the next start would find it. This one is as it was. */
  readonly after: (cut: PowerCut | "kill", fate?: (step: LogStep, at: number) => Fate) => LogMemoryDisk;
};

const always = (): Fate => "done";

export function logMemoryDisk(fate: (step: LogStep, at: number) => Fate = always): LogMemoryDisk {
  const root = new Map<string, Node>([["/desk", { kind: "folder" }]]);
  return diskOver(root, new Map(root), fate);
}

function diskOver(
  names: Map<string, Node>,
  syncedNames: Map<string, Node>,
  fate: (step: LogStep, at: number) => Fate,
): LogMemoryDisk {
  const open = new Map<number, MemoryFile>();
  let steps = 0;
  let numbers = 0;

  /** A write that is lost has written half. */
  function step<T>(name: LogStep, act: () => T, half: () => void = () => {}): T {
    const fated = fate(name, steps++);
    if (fated === "lost") half();
    if (fated === "lost" || fated === "dead") throw diskError("EIO");
    const done = act();
    if (fated === "kept") throw diskError("EIO");
    return done;
  }
  const inFolder = (path: string): void => {
    if (names.get(dirname(path))?.kind !== "folder") throw diskError("ENOENT");
  };
  const fileAt = (path: string): MemoryFile => {
    const found = names.get(path);
    if (found?.kind !== "file") throw diskError("ENOENT");
    return found;
  };
  const opened = (file: number): MemoryFile => {
    const found = open.get(file);
    if (found === undefined) throw diskError("EBADF");
    return found;
  };
  const openNew = (file: MemoryFile): number => {
    open.set(++numbers, file);
    return numbers;
  };
  const empty = (): MemoryFile => ({ kind: "file", bytes: Buffer.alloc(0), synced: Buffer.alloc(0) });
  const namesIn = (folder: string): readonly string[] => [...names.keys()].filter((path) => dirname(path) === folder);

  return {
    steps: () => steps,
    files: () => new Map([...names].flatMap(([path, node]) => (node.kind === "file" ? [[path, node.bytes]] : []))),
    put: (path, bytes) => {
      const folders: string[] = [];
      for (let folder = dirname(path); !names.has(folder); folder = dirname(folder)) folders.push(folder);
      const file: MemoryFile = { kind: "file", bytes: Buffer.from(bytes), synced: Buffer.from(bytes) };
      for (const all of [names, syncedNames]) {
        for (const folder of folders) all.set(folder, { kind: "folder" });
        all.set(path, file);
      }
    },
    drop: (path) => {
      for (const name of [...names.keys()].filter((each) => each === path || each.startsWith(`${path}/`))) {
        names.delete(name);
        syncedNames.delete(name);
      }
    },
    after: (cut, next = always) => {
      const left = withoutOrphans(cut === "kill" || cut.names === "kept" ? names : syncedNames);
      const copies = new Map<Node, Node>();
      const copied = new Map([...left].map(([path, node]) => [path, copyOf(node, cut, copies)]));
      // A kill leaves unsynced what was unsynced.
      const still = cut === "kill" ? new Map([...syncedNames].map(([p, n]) => [p, copyOf(n, cut, copies)])) : copied;
      return diskOver(copied, new Map(still), next);
    },
    create: (path) =>
      step("create", () => {
        inFolder(path);
        if (names.has(path)) throw diskError("EEXIST");
        const file = empty();
        names.set(path, file);
        return openNew(file);
      }),
    openEnd: (path) =>
      step("openEnd", () => {
        inFolder(path);
        if (!names.has(path)) names.set(path, empty());
        return openNew(fileAt(path));
      }),
    write: (number, bytes) => {
      const file = opened(number);
      const end = (part: Uint8Array): void => void (file.bytes = Buffer.concat([file.bytes, part]));
      step(
        "write",
        () => end(bytes),
        () => end(bytes.subarray(0, bytes.length / 2)),
      );
    },
    cut: (number, length) => step("cut", () => void (opened(number).bytes = opened(number).bytes.subarray(0, length))),
    sync: async (number) => {
      await Promise.resolve();
      step("sync", () => void (opened(number).synced = opened(number).bytes));
    },
    close: (number) => step("close", () => void open.delete(number)),
    readAt: (number, from, bytes) =>
      step("readAt", () => Buffer.from(opened(number).bytes.subarray(from, from + bytes))),
    link: (from, to) =>
      step("link", () => {
        inFolder(to);
        if (names.has(to)) throw diskError("EEXIST");
        names.set(to, fileAt(from));
      }),
    rename: (from, to) =>
      step("rename", () => {
        inFolder(to);
        names.set(to, fileAt(from));
        names.delete(from);
      }),
    remove: (path) =>
      step("remove", () => {
        fileAt(path);
        names.delete(path);
      }),
    makeFolder: (path) =>
      step("makeFolder", () => {
        inFolder(path);
        if (names.has(path)) throw diskError("EEXIST");
        names.set(path, { kind: "folder" });
      }),
    removeFolder: (path) =>
      step("removeFolder", () => {
        if (namesIn(path).length > 0) throw diskError("ENOTEMPTY");
        names.delete(path);
      }),
    look: (path) =>
      step("look", () => {
        const found = names.get(path);
        if (found === undefined) return "none";
        return found.kind === "file" ? Buffer.from(found.bytes) : "other";
      }),
    list: (folder) =>
      step("list", () => {
        if (names.get(folder)?.kind !== "folder") throw diskError("ENOENT");
        return namesIn(folder).map((path) => basename(path));
      }),
    syncFolder: async (folder) => {
      await Promise.resolve();
      step("syncFolder", () => {
        for (const path of syncedNames.keys()) if (dirname(path) === folder) syncedNames.delete(path);
        for (const path of namesIn(folder)) syncedNames.set(path, names.get(path) ?? { kind: "folder" });
      });
    },
    freshName: () => `00000000-0000-4000-8000-${String(++numbers).padStart(12, "0")}`,
  };
}

/** A name below a folder that is gone is gone. */
function withoutOrphans(names: ReadonlyMap<string, Node>): Map<string, Node> {
  const isThere = (path: string): boolean => path === "/desk" || (names.has(path) && isThere(dirname(path)));
  return new Map([...names].filter(([path]) => isThere(path)));
}

function copyOf(node: Node, cut: PowerCut | "kill", copies: Map<Node, Node>): Node {
  if (node.kind === "folder") return node;
  const known = copies.get(node);
  if (known !== undefined) return known;
  const copy: Node =
    cut === "kill"
      ? { ...node }
      : ((bytes: Buffer): Node => ({ kind: "file", bytes, synced: bytes }))(survivors(node, cut.bytes));
  copies.set(node, copy);
  return copy;
}

/** Of bytes added behind the synced ones a part; of any other change all or nothing. */
function survivors({ bytes, synced }: MemoryFile, part: number): Buffer {
  if (bytes.subarray(0, synced.length).equals(synced))
    return bytes.subarray(0, synced.length + Math.floor((bytes.length - synced.length) * part));
  return part < 0.5 ? synced : bytes;
}
