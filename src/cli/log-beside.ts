/** What a log's static files add to a receipt: the proof from a checkpoint that was kept. Nothing in them is believed; `verify` checks it. */
import path from "node:path";
import { type Checkpoint, readCheckpoint } from "../evidence/log/checkpoint.ts";
import { readProof, writeProof } from "../evidence/log/proof.ts";
import { readerOverTiles, tilePath } from "../evidence/log/tiles.ts";
import { consistencyProof, type HashReader, inclusionProof } from "../evidence/log/tree.ts";
import type { HeldCheckpoint } from "../evidence/verify.ts";
import { readBeside } from "./read-beside.ts";

const FULL_WIDTH = 256;
const HASH_BYTES = 32;

export type GoingOn = { readonly receipt: string; readonly held: HeldCheckpoint };

/**
 * The receipt, under a newer checkpoint where the kept one is newer than its own, and the consistency proof up to it. Without a folder that is
 * of the receipt's log, and for files that make no proof, the receipt as it is and no proof.
 */
export function goOn(receipt: string, kept: string, folders: readonly string[]): GoingOn {
  const proof = readProof(receipt);
  const own = proof === undefined ? undefined : unsigned(proof.checkpoint);
  const held = unsigned(kept);
  const without: GoingOn = { receipt, held: { checkpoint: kept, consistency: [] } };
  if (proof === undefined || own === undefined || held?.origin !== own.origin) return without;
  for (const folder of folders) {
    const note = readBeside(path.join(folder, "checkpoint"))?.toString("utf8") ?? "";
    const newest = unsigned(note);
    if (newest?.origin !== own.origin || newest.size < Math.max(own.size, held.size)) continue;
    const read = readerIn(folder, newest.size);
    try {
      if (held.size <= own.size)
        return { receipt, held: { checkpoint: kept, consistency: consistencyProof(held.size, own.size, read) } };
      const hashes = inclusionProof(proof.index, newest.size, read);
      const consistency = consistencyProof(held.size, newest.size, read);
      return { receipt: writeProof({ ...proof, hashes, checkpoint: note }), held: { checkpoint: kept, consistency } };
    } catch {
      return without;
    }
  }
  return without;
}

/** The words of a checkpoint, whoever signed it. */
function unsigned(note: string): Checkpoint | undefined {
  const end = note.indexOf("\n\n");
  return end === -1 ? undefined : readCheckpoint(note.slice(0, end + 1));
}

/** A partial tile may be gone by now, when the log has grown: the full one begins with what it held. */
const readerIn = (folder: string, size: number): HashReader =>
  readerOverTiles(size, (level, index, width) => {
    const partial = readBeside(path.join(folder, tilePath(level, index, width)));
    const full = partial ?? readBeside(path.join(folder, tilePath(level, index, FULL_WIDTH)));
    return full?.subarray(0, width * HASH_BYTES) ?? new Uint8Array();
  });
