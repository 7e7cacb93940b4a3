import { randomUUID } from "node:crypto";
import * as fs from "node:fs";
import { promisify } from "node:util";

/** The calls that durable files rest on, one by one, so that a test can let each of them fail. Only the syncs do not block. */
export interface Disk {
  /** A file that did not exist, open for writing. */
  readonly create: (path: string, mode: number) => number;
  /** Writes all of it, or throws. */
  readonly write: (file: number, bytes: Uint8Array) => void;
  /** Resolves when what was written to the file would survive a power cut. */
  readonly sync: (file: number) => Promise<void>;
  readonly close: (file: number) => void;
  /** Gives the file a second name. Throws `EEXIST` when anything at all has that name. */
  readonly link: (from: string, to: string) => void;
  readonly remove: (path: string) => void;
  /** The bytes of a regular file; `other` for what is none or may not be read, `none` when the name is free. */
  readonly look: (path: string) => Uint8Array | "none" | "other";
  readonly list: (folder: string) => readonly string[];
  /** Resolves when the names in the folder would survive a power cut. */
  readonly syncFolder: (folder: string) => Promise<void>;
  /** A UUID that nobody else has. */
  readonly freshName: () => string;
}

/** A larger file is none of the daemon's, and is not read into memory to find that out. */
const LOOK_BYTES_MAX = 64 * 1024 * 1024;
const syncDescriptor = promisify(fs.fsync);

export const nodeDisk: Disk = {
  create: (path, mode) => fs.openSync(path, "wx", mode),
  write: (file, bytes) => fs.writeFileSync(file, bytes),
  sync: syncDescriptor,
  close: (file) => fs.closeSync(file),
  link: (from, to) => fs.linkSync(from, to),
  remove: (path) => fs.unlinkSync(path),
  look: (path) => lookAt(path),
  list: (folder) => fs.readdirSync(folder),
  syncFolder: async (folder) => {
    const file = fs.openSync(folder, fs.constants.O_RDONLY | fs.constants.O_DIRECTORY);
    try {
      await syncDescriptor(file);
    } finally {
      fs.closeSync(file);
    }
  },
  freshName: randomUUID,
};

function lookAt(path: string): Uint8Array | "none" | "other" {
  const found = fs.lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return "none";
  if (!found.isFile() || found.size > LOOK_BYTES_MAX) return "other";
  try {
    return readRegular(path);
  } catch (thrown) {
    if (["EACCES", "EPERM", "ELOOP"].includes(errnoOf(thrown) ?? "")) return "other";
    throw thrown;
  }
}

/** Follows no link and waits for no pipe that has taken the name since it was looked at. */
function readRegular(path: string): Uint8Array {
  const file = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NOFOLLOW | fs.constants.O_NONBLOCK);
  try {
    return fs.readFileSync(file);
  } finally {
    fs.closeSync(file);
  }
}

/** The system's code of a failed call, such as `ENOENT`. */
export function errnoOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
