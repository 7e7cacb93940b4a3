/** The published half of a desk's evidence log, read from its static files: nothing of the daemon is needed, nor trusted beyond its signature. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { readCheckpoint, type Checkpoint } from "../evidence/log/checkpoint.ts";
import { leafKey, readLeaf } from "../evidence/log/leaf.ts";
import { openNote, readVkey } from "../evidence/log/note.ts";
import { writeProof } from "../evidence/log/proof.ts";
import { decodeEntries, entriesPath, readerOverTiles, tilePath } from "../evidence/log/tiles.ts";
import { consistencyProof, inclusionProof, rootOf, verifyConsistency, type HashReader } from "../evidence/log/tree.ts";
import { CliError } from "./errors.ts";
import { evidenceFolder } from "./evidence-files.ts";
import { exitCodes } from "./exit-codes.ts";

const ENTRIES_WIDTH = 256;

export type PublishedLog = {
  /** The signed note as it lies there. */
  readonly note: string;
  readonly checkpoint: Checkpoint;
  /** The receipt of a seal (c2sp.org/tlog-proof); undefined when the checkpoint does not cover it. */
  readonly receiptOf: (seal: string) => string | undefined;
  /** Whether an older signed checkpoint is of the same log and of a beginning of it. */
  readonly extends: (older: string) => boolean;
};

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
  const { size, root } = checkpoint;
  const read: HashReader = readerOverTiles(size, (level, index, width) =>
    readFileSync(path.join(folder, tilePath(level, index, width))),
  );
  if (!Buffer.from(rootOf(size, read)).equals(root)) {
    throw unusable("The log's tiles do not hold.", "They give another root than the checkpoint that was signed.");
  }
  return {
    note,
    checkpoint,
    receiptOf: (seal) => {
      const index = indexOf(seal, size, folder);
      if (index === undefined) return undefined;
      return writeProof({ index, hashes: inclusionProof(index, size, read), checkpoint: note });
    },
    extends: (older) => {
      const before = openedCheckpoint(older, vkey);
      if (before === undefined || before.origin !== checkpoint.origin || before.size > size) return false;
      return verifyConsistency(before.size, before.root, size, root, consistencyProof(before.size, size, read));
    },
  };
}

function openedCheckpoint(note: string, vkey: string): Checkpoint | undefined {
  const verifier = readVkey(vkey);
  const opened = verifier === undefined ? undefined : openNote(note, [verifier]);
  return opened?.kind === "note" ? readCheckpoint(opened.text) : undefined;
}

/** Reads the entries from the newest on: what is asked for was mostly sealed lately. */
function indexOf(seal: string, size: number, folder: string): number | undefined {
  for (let bundle = Math.floor((size - 1) / ENTRIES_WIDTH); bundle >= 0; bundle -= 1) {
    const width = Math.min(ENTRIES_WIDTH, size - bundle * ENTRIES_WIDTH);
    const leaves = decodeEntries(readFileSync(path.join(folder, entriesPath(bundle, width))), width) ?? [];
    const at = leaves.findIndex((bytes) => keyOf(bytes) === seal);
    if (at !== -1) return bundle * ENTRIES_WIDTH + at;
  }
  return undefined;
}

function keyOf(bytes: Uint8Array): string | undefined {
  const leaf = readLeaf(bytes);
  return leaf && leafKey(leaf);
}

const unusable = (what: string, why: string): CliError =>
  new CliError({ what, why, try: "qoc doctor", code: "LOG_UNUSABLE", exit: exitCodes.badData });
