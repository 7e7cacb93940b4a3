/**
 * The tree as files: https://c2sp.org/tlog-tiles. Paths are relative to the log's folder, which is also the prefix of
 * its URLs.
 */
import { assert } from "../../core/assert.ts";
import { nodeHash, type Hash, type HashReader } from "./tree.ts";

/** Hashes of a full tile, entries of a full bundle. */
const TILE_WIDTH = 256;
const TILE_HEIGHT = 8;
const TILE_LEVEL_MAX = 63;
const HASH_BYTES = 32;
const LENGTH_BYTES = 2;
const ENTRY_BYTES_MAX = 0xffff;

/** A file of the log: hashes of one level, or the entries themselves. One with a width below 256 is partial. */
export type LogFile =
  | { readonly kind: "tile"; readonly level: number; readonly index: number; readonly width: number }
  | { readonly kind: "entries"; readonly index: number; readonly width: number };

/** The bytes of a tile, a 32-byte hash after the other. The reader copies what it keeps. */
export type TileReader = (level: number, index: number, width: number) => Uint8Array;

export function tilePath(level: number, index: number, width: number): string {
  assert(isWithin(level, 0, TILE_LEVEL_MAX), "a tile has a level of 0 to 63");
  return `tile/${level}/${placeOf(index, width)}`;
}

export const entriesPath = (index: number, width: number): string => `tile/entries/${placeOf(index, width)}`;

/** 1234067 is `x001/x234/067`: no file has the name of a folder. */
function placeOf(index: number, width: number): string {
  assert(isWithin(index, 0, Number.MAX_SAFE_INTEGER), "a tile has an index");
  assert(isWithin(width, 1, TILE_WIDTH), "a tile has 1 to 256 hashes");
  const groups = [String(index % 1000).padStart(3, "0")];
  for (let rest = Math.floor(index / 1000); rest > 0; rest = Math.floor(rest / 1000))
    groups.unshift(`x${String(rest % 1000).padStart(3, "0")}`);
  return groups.join("/") + (width === TILE_WIDTH ? "" : `.p/${width}`);
}

/** The bytes of a bundle: before each entry its length, two bytes, the high one first. */
export function encodeEntries(leaves: readonly Uint8Array[]): Uint8Array {
  assert(isWithin(leaves.length, 1, TILE_WIDTH), "a bundle has 1 to 256 entries");
  return Buffer.concat(
    leaves.flatMap((leaf) => {
      assert(leaf.length <= ENTRY_BYTES_MAX, "an entry has at most 65,535 bytes");
      return [Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leaf];
    }),
  );
}

/** Views of the bytes; undefined unless they are exactly `width` entries. */
export function decodeEntries(bytes: Uint8Array, width: number): readonly Uint8Array[] | undefined {
  if (!isWithin(width, 1, TILE_WIDTH)) return undefined;
  const entries: Uint8Array[] = [];
  let at = 0;
  while (entries.length < width) {
    const [high, low] = [bytes[at], bytes[at + 1]];
    if (high === undefined || low === undefined) return undefined;
    const start = at + LENGTH_BYTES;
    at = start + high * 256 + low;
    entries.push(bytes.subarray(start, at));
  }
  return at === bytes.length ? entries : undefined;
}

/**
 * The files that the tree of `newSize` has and that of `oldSize` has not: entries first, then tiles from the leaves
 * upwards, so that each tile can be made of the ones before it. A partial file that grew has a new path; the old one
 * stays as it is.
 */
export function tilesChanged(oldSize: number, newSize: number): readonly LogFile[] {
  assert(isWithin(newSize, 0, Number.MAX_SAFE_INTEGER) && isWithin(oldSize, 0, newSize), "a tree only grows");
  const files: LogFile[] = piecesOf(oldSize, newSize).map((piece) => ({ kind: "entries", ...piece }));
  let [before, now] = [oldSize, newSize];
  for (let level = 0; now > before; level += 1) {
    for (const piece of piecesOf(before, now)) files.push({ kind: "tile", level, ...piece });
    [before, now] = [Math.floor(before / TILE_WIDTH), Math.floor(now / TILE_WIDTH)];
  }
  return files;
}

const widthOf = (index: number, count: number): number => Math.min(TILE_WIDTH, count - index * TILE_WIDTH);

type Piece = { readonly index: number; readonly width: number };

/** The pieces of 256 that a row of things touches as it grows, each as wide as it then is. */
function piecesOf(before: number, now: number): readonly Piece[] {
  if (before === now) return [];
  const first = Math.floor(before / TILE_WIDTH);
  return Array.from({ length: Math.ceil(now / TILE_WIDTH) - first }, (_, at) => ({
    index: first + at,
    width: widthOf(first + at, now),
  }));
}

/** The hashes of one tile, and above them those that only its own make: `rows[k]` has hashes of 2^k of the tile's. */
type Pyramid = { readonly index: number; readonly rows: readonly (readonly Hash[])[] };

/**
 * Reads hashes of the tree of `size` leaves out of its tiles. Of each level the partial tile and the full one read
 * last are kept, so proofs for neighbours read and hash them once.
 * @throws for a hash that the tree does not have, and for a tile of another length than `size` gives it.
 */
export function readerOverTiles(size: number, readTile: TileReader): HashReader {
  const kept = new Map<string, Pyramid>();
  const pyramidOf = (level: number, index: number, width: number): Pyramid => {
    const slot = `${level}/${width === TILE_WIDTH ? "full" : "partial"}`;
    const known = kept.get(slot);
    if (known?.index === index) return known;
    const bytes = readTile(level, index, width);
    assert(bytes.length === width * HASH_BYTES, `${tilePath(level, index, width)} has ${width} hashes`);
    const pyramid = { index, rows: rowsOf(bytes) };
    kept.set(slot, pyramid);
    return pyramid;
  };
  return (level, index) => {
    const tileLevel = Math.floor(level / TILE_HEIGHT);
    const row = level % TILE_HEIGHT;
    const perTile = TILE_WIDTH / 2 ** row;
    const tile = Math.floor(index / perTile);
    const width = widthOf(tile, Math.floor(size / TILE_WIDTH ** tileLevel));
    const there = level >= 0 && index >= 0 && width > 0;
    const found = there ? pyramidOf(tileLevel, tile, width).rows[row]?.[index % perTile] : undefined;
    assert(found !== undefined, `a tree of ${size} has hash ${index} of level ${level}`);
    return found;
  };
}

function rowsOf(bytes: Uint8Array): readonly (readonly Hash[])[] {
  const own = new Uint8Array(bytes);
  let row: readonly Hash[] = Array.from({ length: own.length / HASH_BYTES }, (_, at) =>
    own.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES),
  );
  const rows = [row];
  while (rows.length < TILE_HEIGHT) {
    row = parentsOf(row);
    rows.push(row);
  }
  return rows;
}

/** A last one without a partner has no parent: its subtree is not complete. */
const parentsOf = (row: readonly Hash[]): readonly Hash[] =>
  row.flatMap((right, at) => {
    const left = row[at - 1];
    return left !== undefined && at % 2 === 1 ? [nodeHash(left, right)] : [];
  });

const isWithin = (value: number, least: number, most: number): boolean =>
  Number.isSafeInteger(value) && value >= least && value <= most;
