/** The published half of a desk's evidence log, read from its static files: nothing of the daemon is needed, nor trusted beyond its signature. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { openCheckpoint, type TrustedCheckpoint } from "../evidence/check-checkpoint.ts";
import { trustOf } from "../evidence/check-keys.ts";
import { readCheckpoint, type Checkpoint } from "../evidence/log/checkpoint.ts";
import type { NumberedLeaf } from "../evidence/log/audit.ts";
import { leafBytes, leafKey, readLeaf } from "../evidence/log/leaf.ts";
import { openNote, readVkey } from "../evidence/log/note.ts";
import { writeProof } from "../evidence/log/proof.ts";
import { decodeEntries, entriesPath, readerOverTiles, tilePath } from "../evidence/log/tiles.ts";
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  rootOf,
  verifyConsistency,
  type HashReader,
} from "../evidence/log/tree.ts";
import { cosignedNote } from "./cosigned-note.ts";
import { keysFolder, readDeskKeys, trustIn } from "./desk-keys.ts";
import { CliError } from "./errors.ts";
import { evidenceFolder } from "./evidence-files.ts";
import { exitCodes } from "./exit-codes.ts";

const FULL_WIDTH = 256;
const HASH_BYTES = 32;

export type PublishedLog = {
  /** The signed note as it lies there. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /**
   * The receipt of a seal (c2sp.org/tlog-proof); undefined when the checkpoint does not cover it. That of an amendment carries its leaf,
   * which names an index that the seal does not tell. Under the newest checkpoint that witnesses cosigned, where one covers it, or under
   * the newest of all.
   */
  readonly receiptOf: (seal: string, under?: "cosigned" | "newest") => string | undefined;
  /** The leaves from a number on. @throws CliError when one is none, or is not what the tree was made of */
  readonly leaves: (from?: number) => Iterable<NumberedLeaf>;
  /** Whether an older signed checkpoint is of the same log and of a beginning of it. */
  readonly extends: (older: string) => boolean;
  /** RFC 6962, from the older signed checkpoint to this one. Undefined for one that is none of this log, or is newer. */
  readonly consistencyFrom: (older: string) => readonly Uint8Array[] | undefined;
};

/** False before the first start that had a log. */
export const hasPublishedLog = (dir: string): boolean =>
  existsSync(path.join(evidenceFolder(dir), "log", "checkpoint"));

/** @throws CliError when there is no log yet, or its checkpoint is not signed with the desk's key, or the tiles give another root */
export function readPublishedLog(dir: string): PublishedLog {
  const folder = path.join(evidenceFolder(dir), "log");
  const vkeyFile = path.join(dir, ".qoc", "keys", "log.vkey");
  if (!existsSync(path.join(folder, "checkpoint")) || !existsSync(vkeyFile)) {
    throw unusable("There is no evidence log here yet.", `${folder} has no checkpoint; the first \`qoc up\` makes it.`);
  }
  const note = readFileSync(path.join(folder, "checkpoint"), "utf8");
  const vkey = readFileSync(vkeyFile, "utf8").trim();
  const checkpoint = openedCheckpoint(note, vkey);
  if (checkpoint === undefined) {
    throw unusable("The log's checkpoint does not hold.", "It is not signed with the key in .qoc/keys/log.vkey.");
  }
  const { origin, size, root } = checkpoint;
  const readerOf = (of: number): HashReader =>
    readerOverTiles(of, (level, index, width) => hashesOf(level, index, width, folder));
  const read = readerOf(size);
  if (!Buffer.from(rootOf(size, read)).equals(root)) {
    throw unusable("The log's tiles do not hold.", "They give another root than the checkpoint that was signed.");
  }
  const cosigned = cosignedNote(folder, (older) => earlierIn(dir, older, origin), checkpoint, readerOf);
  return {
    note,
    checkpoint,
    receiptOf: (seal, wanted = "cosigned") => {
      const found = find(seal, size, folder);
      if (found === undefined) return undefined;
      const { index, leaf } = found;
      const extra = leaf.kind === "seal" ? new Uint8Array() : leafBytes(leaf);
      // One that witnesses have cosigned says more than a newer one.
      const isCovered = wanted === "cosigned" && cosigned !== undefined && index < cosigned.size;
      const under = isCovered ? cosigned : { note, size, read };
      const hashes = inclusionProof(index, under.size, under.read);
      return writeProof({ index, hashes, checkpoint: under.note, extra });
    },
    leaves: (from = 0) => leavesFrom(from, size, folder, read),
    extends: (older) => {
      const before = earlierIn(dir, older, origin);
      if (before === undefined || before.size > size) return false;
      return verifyConsistency(before.size, before.root, size, root, consistencyProof(before.size, size, read));
    },
    consistencyFrom: (older) => {
      const before = earlierIn(dir, older, origin);
      return before === undefined || before.size > size ? undefined : consistencyProof(before.size, size, read);
    },
  };
}

/** A checkpoint of the log of this name, by a key that the desk had at that size. */
function earlierIn(dir: string, note: string, name: string): TrustedCheckpoint | undefined {
  const origin = name.replace(/\/log(?:\/[0-9]+)?$/, "");
  const trusted = trustOf(trustIn(readDeskKeys(keysFolder(dir))), origin).keys;
  const opened = openCheckpoint(note, origin, () => trusted);
  return opened?.name === name ? opened : undefined;
}

function openedCheckpoint(note: string, vkey: string): Checkpoint | undefined {
  const verifier = readVkey(vkey);
  const opened = verifier === undefined ? undefined : openNote(note, [verifier]);
  return opened?.kind === "note" ? readCheckpoint(opened.text) : undefined;
}

/** Reads the entries from the newest on: what is asked for was mostly sealed lately. */
function find(key: string, size: number, folder: string): NumberedLeaf | undefined {
  for (let bundle = Math.floor((size - 1) / FULL_WIDTH); bundle >= 0; bundle -= 1) {
    for (const [at, bytes] of entriesOf(bundle, size, folder).entries()) {
      const leaf = readLeaf(bytes);
      if (leaf !== undefined && leafKey(leaf) === key) return { index: bundle * FULL_WIDTH + at, leaf };
    }
  }
  return undefined;
}

function* leavesFrom(from: number, size: number, folder: string, read: HashReader): Generator<NumberedLeaf> {
  for (let bundle = Math.floor(from / FULL_WIDTH); bundle * FULL_WIDTH < size; bundle += 1) {
    for (const [at, bytes] of entriesOf(bundle, size, folder).entries()) {
      const index = bundle * FULL_WIDTH + at;
      const leaf = readLeaf(bytes);
      if (leaf === undefined || !Buffer.from(leafHash(bytes)).equals(read(0, index)))
        throw unusable("The log's entries do not hold.", `Entry ${index} is not what the tree was made of.`);
      if (index >= from) yield { index, leaf };
    }
  }
}

/** A partial file may be gone by now, when the log has grown: the full one begins with what it held. */
function entriesOf(bundle: number, size: number, folder: string): readonly Uint8Array[] {
  const width = Math.min(FULL_WIDTH, size - bundle * FULL_WIDTH);
  const partial = bytesIn(path.join(folder, entriesPath(bundle, width)));
  const entries =
    partial === undefined
      ? decodeEntries(readFileSync(path.join(folder, entriesPath(bundle, FULL_WIDTH))), FULL_WIDTH)?.slice(0, width)
      : decodeEntries(partial, width);
  if (entries === undefined) throw unusable("The log's entries do not hold.", `Bundle ${bundle} cannot be read.`);
  return entries;
}

function hashesOf(level: number, index: number, width: number, folder: string): Uint8Array {
  const partial = bytesIn(path.join(folder, tilePath(level, index, width)));
  const bytes =
    partial ?? readFileSync(path.join(folder, tilePath(level, index, FULL_WIDTH))).subarray(0, width * HASH_BYTES);
  if (bytes.length === width * HASH_BYTES) return bytes;
  throw unusable("The log's tiles do not hold.", `${tilePath(level, index, width)} has not ${width} hashes.`);
}

function bytesIn(file: string): Uint8Array | undefined {
  try {
    return readFileSync(file);
  } catch (thrown) {
    if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return undefined;
    throw thrown;
  }
}

const unusable = (what: string, why: string): CliError =>
  new CliError({ what, why, try: "qoc doctor", code: "LOG_UNUSABLE", exit: exitCodes.badData });
