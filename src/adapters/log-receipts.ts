/** The reading half of the log: what the published checkpoint covers, and proofs against it out of the tiles on the disk. */
import { writeProof } from "../evidence/log/proof.ts";
import { readerOverTiles, type TileReader } from "../evidence/log/tiles.ts";
import { consistencyProof, type Hash, type HashReader, inclusionProof, rootOf } from "../evidence/log/tree.ts";
import type { SignedCheckpoint } from "./log-notes.ts";

export type LogReceipts = {
  /** Of a leaf that the published checkpoint covers. */
  readonly indexOf: (seal: string) => number | undefined;
  /** The signed note that is published, of an empty log too. */
  readonly checkpoint: () => string;
  /** A receipt against the published checkpoint (c2sp.org/tlog-proof), with these `extra` bytes. @throws when a tile is missing. */
  readonly proofOf: (seal: string, extra?: Uint8Array) => string | undefined;
  /** From an older size to the published one. @throws for a size that is none, and when a tile is missing. */
  readonly consistency: (oldSize: number) => readonly Uint8Array[];
  /** Leaves that the published checkpoint covers. */
  readonly size: () => number;
  /** The root that is published. */
  readonly root: () => Hash;
  /** The root of the first `size` leaves of them. @throws for a size that is none, and when a tile is missing. */
  readonly rootAt: (size: number) => Hash;
};

/** What is written as no `extra` at all. */
const NOTHING = new Uint8Array();

export function createLogReceipts(
  published: () => SignedCheckpoint,
  flushedIndexOf: (seal: string) => number | undefined,
  readTile: TileReader,
): LogReceipts {
  let reader: { readonly size: number; readonly read: HashReader } | undefined;

  /** The reader of one size keeps a tile of each level in memory, so the receipts of one batch read each tile once. */
  function readerNow(): HashReader {
    const { size } = published();
    if (reader?.size !== size) reader = { size, read: readerOverTiles(size, readTile) };
    return reader.read;
  }

  function indexOf(seal: string): number | undefined {
    const index = flushedIndexOf(seal);
    return index !== undefined && index < published().size ? index : undefined;
  }

  return {
    indexOf,
    checkpoint: () => published().note,
    proofOf: (seal, extra = NOTHING) => {
      const index = indexOf(seal);
      if (index === undefined) return undefined;
      const { size, note } = published();
      return writeProof({ index, hashes: inclusionProof(index, size, readerNow()), checkpoint: note, extra });
    },
    consistency: (oldSize) => consistencyProof(oldSize, published().size, readerNow()),
    size: () => published().size,
    root: () => published().root,
    rootAt: (size) => rootOf(size, readerNow()),
  };
}
