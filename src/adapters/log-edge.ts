/**
 * The right edge of the tree, in memory: of each level the hashes of the last tile, and of what is not published yet. It is all that
 * growing takes, so a leaf costs the same in a log of ten and of ten million.
 */
import { assert } from "../core/assert.ts";
import { encodeEntries, type LogFile, readerOverTiles } from "../evidence/log/tiles.ts";
import { type Hash, nodeHash, rootOf } from "../evidence/log/tree.ts";

export type LogEdge = {
  readonly size: () => number;
  readonly push: (leaf: Uint8Array, hash: Hash) => void;
  /** The root at a size that is not below the one last forgotten. */
  readonly rootAt: (size: number) => Hash;
  /** Whether nothing of this file was forgotten. */
  readonly holds: (file: LogFile) => boolean;
  /** What a file of the log holds. @throws when part of it was forgotten or is not there yet. */
  readonly bytesOf: (file: LogFile) => Uint8Array;
  /** Drops what stands in files that are full at this size: they are on the disk. */
  readonly forget: (size: number) => void;
};

const TILE_WIDTH = 256;

/** Things in the order of their numbers; the first ones are let go of, whole tiles at a time. */
type Row<T> = { first: number; items: T[] };

export function createLogEdge(): LogEdge {
  const leaves: Row<Uint8Array> = { first: 0, items: [] };
  const levels: Row<Hash>[] = [];

  function pushHash(level: number, hash: Hash): void {
    const row = (levels[level] ??= { first: 0, items: [] });
    row.items.push(hash);
    const end = row.first + row.items.length;
    if (end % TILE_WIDTH === 0) pushHash(level + 1, fold(row.items.slice(-TILE_WIDTH)));
  }

  const hashesOf = (level: number, index: number, width: number): Uint8Array =>
    Buffer.concat(piece(levels[level], index, width));

  return {
    size: () => leaves.first + leaves.items.length,
    push: (leaf, hash) => {
      leaves.items.push(leaf);
      pushHash(0, hash);
    },
    rootAt: (size) => rootOf(size, readerOverTiles(size, hashesOf)),
    holds: (file) => file.index * TILE_WIDTH >= ((file.kind === "entries" ? leaves : levels[file.level])?.first ?? 0),
    bytesOf: (file) =>
      file.kind === "entries"
        ? encodeEntries(piece(leaves, file.index, file.width))
        : hashesOf(file.level, file.index, file.width),
    forget: (size) => {
      drop(leaves, size);
      for (const [level, row] of levels.entries()) drop(row, Math.floor(size / TILE_WIDTH ** level));
    },
  };
}

function piece<T>(row: Row<T> | undefined, index: number, width: number): readonly T[] {
  const from = index * TILE_WIDTH - (row?.first ?? 0);
  const found = row?.items.slice(Math.max(0, from), from + width) ?? [];
  assert(from >= 0 && found.length === width, `the edge holds ${width} from ${index * TILE_WIDTH} on`);
  return found;
}

function drop<T>(row: Row<T>, end: number): void {
  const full = Math.floor((end - row.first) / TILE_WIDTH) * TILE_WIDTH;
  if (full <= 0) return;
  row.items.splice(0, full);
  row.first += full;
}

/** The hash over the hashes of a whole tile. */
function fold(hashes: readonly Hash[]): Hash {
  const [first, ...others] = hashes;
  assert(first !== undefined, "there is something to fold");
  if (others.length === 0) return first;
  const middle = hashes.length / 2;
  return nodeHash(fold(hashes.slice(0, middle)), fold(hashes.slice(middle)));
}
