import { randomUUID } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readFileSync,
  readdirSync,
  readSync,
  rmSync,
  statSync,
  type Dirent,
} from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Sha256 } from "../core/ids.ts";

/** Bytes that are too large for the store, each a file under its hash: `<dir>/<first two digits>/<hash>`. Never changed; deleted only by an erasure. */
export type ArtifactFiles = {
  /**
   * Resolves when file and folder entry are flushed, so that a commit made afterwards never names a file that a power cut
   * takes away. A crash before leaves at most a `.part` file in `<dir>`, which nothing reads and `sweepParts` takes away.
   */
  readonly write: (sha256: Sha256, bytes: Uint8Array) => Promise<void>;
  readonly read: (sha256: Sha256, bytesMax?: number) => Uint8Array | undefined;
  /** Resolves when no power cut brings it back; a file that is not there is gone already. */
  readonly remove: (sha256: Sha256) => Promise<void>;
  /** What all files take up. */
  readonly bytes: () => number;
};

export function createArtifactFiles(dir: string): ArtifactFiles {
  const pathOf = (sha256: Sha256): string => join(dir, sha256.slice(0, 2), sha256);
  return {
    write: async (sha256, bytes) => {
      const path = pathOf(sha256);
      await makeFolder(dirname(path));
      const part = join(dir, `${sha256}.${randomUUID()}.part`);
      try {
        await writeFlushed(part, bytes);
        await rename(part, path);
      } catch (error) {
        await rm(part, { force: true });
        throw error;
      }
      await flushFolder(dirname(path));
    },
    read: (sha256, bytesMax) => {
      try {
        return bytesMax === undefined ? readFileSync(pathOf(sha256)) : firstOf(pathOf(sha256), bytesMax);
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    remove: async (sha256) => {
      const path = pathOf(sha256);
      if (!existsSync(path)) return;
      await rm(path, { force: true });
      await flushFolder(dirname(path));
    },
    bytes: () => filesUnder(dir).reduce((sum, path) => sum + statSync(path).size, 0),
  };
}

/** Takes away what a crash left half-written. Call it before anything is written. */
export function sweepParts(dir: string): void {
  const left = namesIn(dir).filter((name) => name.endsWith(".part"));
  for (const name of left) rmSync(join(dir, name));
}

function namesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir);
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
}

/** A new folder is durable when the folder that it lies in is flushed. */
async function makeFolder(folder: string): Promise<void> {
  const made = await mkdir(folder, { recursive: true, mode: 0o700 });
  if (made === undefined) return;
  for (let at = folder; at !== dirname(made); at = dirname(at)) await flushFolder(dirname(at));
}

async function writeFlushed(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function firstOf(path: string, bytesMax: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = Buffer.alloc(Math.min(bytesMax, fstatSync(file).size));
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, 0));
  } finally {
    closeSync(file);
  }
}

function filesUnder(dir: string): readonly string[] {
  let found: readonly Dirent[];
  try {
    found = readdirSync(dir, { withFileTypes: true, recursive: true });
  } catch (error) {
    if (isAbsent(error)) return [];
    throw error;
  }
  return found.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ENOENT";
