/**
 * Files of a desk's `.qoc`, as `GET /api/runs/:id/evidence` hands them out: by names that a journal or a folder gives, never by one of a
 * request. What is no regular file of its own, as a link, counts as not there.
 */
import { constants } from "node:fs";
import { open, readdir } from "node:fs/promises";
import path from "node:path";
import { knownKeyOf } from "../evidence/keys.ts";

export type Files = {
  /** Undefined for what is not there. @throws TooMuch */
  readonly read: (file: string) => Promise<Buffer | undefined>;
  /** The names in a folder; none when it is not there. */
  readonly names: (folder: string) => Promise<readonly string[]>;
};

/** Together the files are more than one answer holds. */
export class TooMuch extends Error {
  constructor() {
    super("more bytes than one answer holds");
    this.name = "TooMuch";
  }
}

/** @param bytesMax for all that is read through it */
export function filesBelow(dir: string, bytesMax: number): Files {
  let left = bytesMax;
  return {
    read: async (file) => {
      const bytes = await bytesIn(path.join(dir, file), left);
      left -= bytes?.length ?? 0;
      return bytes;
    },
    names: async (folder) => {
      try {
        return await readdir(path.join(dir, folder));
      } catch (error) {
        if (isAbsent(error)) return [];
        throw error;
      }
    },
  };
}

const { O_RDONLY, O_NOFOLLOW, O_NONBLOCK } = constants;

async function bytesIn(file: string, bytesMax: number): Promise<Buffer | undefined> {
  const handle = await open(file, O_RDONLY | O_NOFOLLOW | O_NONBLOCK).catch((error: unknown) => {
    if (isAbsent(error)) return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    if (!found.isFile()) return undefined;
    if (found.size > bytesMax) throw new TooMuch();
    const bytes = await handle.readFile();
    if (bytes.length > bytesMax) throw new TooMuch();
    return bytes;
  } finally {
    await handle.close();
  }
}

const ABSENT: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "EISDIR", "ELOOP", "ENXIO"]);
const isAbsent = (error: unknown): boolean => error instanceof Error && "code" in error && ABSENT.has(error.code);

export type Named = { readonly name: string; readonly bytes: Buffer };

const KEYS = ".qoc/keys";
const KEYS_MAX = 64;

/**
 * The key that the desk began with, and the receipts by which each one authorised the next: what `qoc envelope verify` trusts of a desk
 * when nobody names a key.
 */
export async function publicKeys(files: Files): Promise<readonly Named[]> {
  const retired = (await files.names(`${KEYS}/retired`)).filter((name) => /^[0-9a-f]{64}\.pub$/.test(name));
  const found: Named[] = [];
  for (const name of [
    "evidence.pub",
    ...retired
      .toSorted()
      .slice(0, KEYS_MAX)
      .map((each) => `retired/${each}`),
  ]) {
    // oxlint-disable-next-line no-await-in-loop -- few, and bounded together
    const bytes = await files.read(`${KEYS}/${name}`);
    const keyid = bytes && knownKeyOf(bytes.toString("utf8"))?.keyid;
    if (bytes === undefined || keyid === undefined) continue;
    // oxlint-disable-next-line no-await-in-loop -- the same
    const receipt = await files.read(`${KEYS}/${keyid}.tlog-proof`);
    found.push(
      receipt === undefined ? { name: path.basename(name), bytes } : { name: `${keyid}.tlog-proof`, bytes: receipt },
    );
  }
  return found;
}
