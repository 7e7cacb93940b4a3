/** A log as it lies on disk, grown file by file, and the tree read back out of it. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeEntries,
  encodeEntries,
  entriesPath,
  readerOverTiles,
  tilePath,
  tilesChanged,
  type TileReader,
} from "../../../../src/evidence/log/tiles.ts";
import { consistencyProof, inclusionProof, leafHash, nodeHash, rootOf } from "../../../../src/evidence/log/tree.ts";
import { hex, memoryTree, merkleTreeHash, numbered, numberedHashes, sparseTree } from "./tree-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 60 });

type Disk = Map<string, Uint8Array>;

const tilesOn =
  (disk: Disk): TileReader =>
  (level, index, width) => {
    const bytes = disk.get(tilePath(level, index, width));
    if (bytes === undefined) throw new Error(`no file ${tilePath(level, index, width)}`);
    return bytes;
  };

/**
 * Writes what a growth changes, in the order given: each hash of a tile is made of entries, or of tiles written
 * before.
 */
function grow(disk: Disk, before: number, now: number): void {
  for (const file of tilesChanged(before, now)) {
    const places = Array.from({ length: file.width }, (_, at) => file.index * 256 + at);
    if (file.kind === "entries") disk.set(entriesPath(file.index, file.width), encodeEntries(places.map(numbered)));
    else {
      const { level } = file;
      const read = readerOverTiles(now, tilesOn(disk));
      const hashes = places.map((at) =>
        level === 0 ? leafHash(numbered(at)) : nodeHash(read(level * 8 - 1, at * 2), read(level * 8 - 1, at * 2 + 1)),
      );
      disk.set(tilePath(level, file.index, file.width), Buffer.concat(hashes));
    }
  }
}

const LARGE = 70_000;
const large: Disk = new Map();
grow(large, 0, LARGE);
const memory = memoryTree(numberedHashes(LARGE));

describe("a tree read out of its tiles", () => {
  test("has the same roots and proofs as one read from memory", () => {
    const read = readerOverTiles(LARGE, tilesOn(large));
    expect(hex(rootOf(LARGE, read))).toBe(hex(rootOf(LARGE, memory.read)));
    fc.assert(
      fc.property(fc.nat(LARGE - 1), (index) => {
        expect(inclusionProof(index, LARGE, read).map(hex)).toEqual(inclusionProof(index, LARGE, memory.read).map(hex));
        expect(consistencyProof(index, LARGE, read).map(hex)).toEqual(
          consistencyProof(index, LARGE, memory.read).map(hex),
        );
      }),
    );
  });

  test("has every complete subtree, and no other", () => {
    const size = 1111;
    const disk: Disk = new Map();
    grow(disk, 0, size);
    const read = readerOverTiles(size, tilesOn(disk));
    for (let level = 0; level < 12; level += 1) {
      const count = Math.floor(size / 2 ** level);
      const indexes = Array.from({ length: count }, (_, index) => index);
      expect(indexes.map((index) => hex(read(level, index)))).toEqual(
        indexes.map((index) => hex(memory.read(level, index))),
      );
      expect(() => read(level, count)).toThrow("assertion failed");
    }
  });

  test("is the same however it grew, and holds at each size on the way", () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 100, max: 600 })), {
      minLength: 1,
      maxLength: 8,
    });
    fc.assert(
      fc.property(steps, (growths) => {
        const disk: Disk = new Map();
        let size = 0;
        for (const growth of growths) {
          grow(disk, size, size + growth);
          size += growth;
          expect(hex(rootOf(size, readerOverTiles(size, tilesOn(disk))))).toBe(hex(rootOf(size, memory.read)));
        }
        const atOnce: Disk = new Map();
        grow(atOnce, 0, size);
        for (const [path, bytes] of atOnce) expect(hex(disk.get(path) ?? new Uint8Array())).toBe(hex(bytes));
      }),
      { numRuns: 20 },
    );
  });

  test("has the entries that its leaves are hashes of", () => {
    const last = decodeEntries(large.get(entriesPath(273, 112)) ?? new Uint8Array(), 112);
    const tile = large.get(tilePath(0, 273, 112)) ?? new Uint8Array();
    expect(last?.map((entry) => hex(leafHash(entry))).join("")).toBe(hex(tile));
  });

  test("crosses the border of a tile as the definition has it", () => {
    const entries = Array.from({ length: 514 }, (_, index) => numbered(index));
    for (const size of [255, 256, 257, 511, 512, 513]) {
      const disk: Disk = new Map();
      grow(disk, 0, size);
      const root = rootOf(size, readerOverTiles(size, tilesOn(disk)));
      expect(hex(root)).toBe(hex(merkleTreeHash(entries.slice(0, size))));
    }
  });
});

describe("the tiles that are read", () => {
  /** Tiles of a tree too large to build: nearly all leaves are alike. */
  const sparse = (marked: readonly number[]) => {
    const { read } = sparseTree(marked);
    const asked: string[] = [];
    const readTile: TileReader = (level, index, width) => {
      asked.push(tilePath(level, index, width));
      return Buffer.concat(Array.from({ length: width }, (_, at) => read(level * 8, index * 256 + at)));
    };
    return { read, asked, readTile };
  };

  test.each([65_535, 65_536, 65_537, 65_792, 2 ** 24 - 1, 2 ** 24, 2 ** 24 + 256, 2 ** 40 + 70_001, 2 ** 53 - 1])(
    "give the root and the proofs of a tree of %i",
    (size) => {
      const marked = [0, 300, Math.floor(size / 2), size - 1];
      const { read, readTile } = sparse(marked);
      const tiled = readerOverTiles(size, readTile);
      expect(hex(rootOf(size, tiled))).toBe(hex(rootOf(size, read)));
      for (const index of marked) {
        expect(inclusionProof(index, size, tiled).map(hex)).toEqual(inclusionProof(index, size, read).map(hex));
        expect(consistencyProof(index + 1, size, tiled).map(hex)).toEqual(
          consistencyProof(index + 1, size, read).map(hex),
        );
      }
    },
  );

  test("are those of that size, partial ones by their width, each once for one proof", () => {
    const { asked, readTile } = sparse([]);
    inclusionProof(1000, 70_000, readerOverTiles(70_000, readTile));
    expect(asked.toSorted()).toEqual(["tile/0/003", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17"]);
  });

  test("are not read again for a neighbour's proof", () => {
    const { asked, readTile } = sparse([]);
    const read = readerOverTiles(70_000, readTile);
    inclusionProof(1000, 70_000, read);
    const once = asked.length;
    for (let index = 768; index < 1024; index += 1) inclusionProof(index, 70_000, read);
    expect(asked.length).toBe(once);
    inclusionProof(1024, 70_000, read);
    expect(asked.slice(once)).toEqual(["tile/0/004"]);
  });

  test("may be overwritten once they were handed over", () => {
    const page = Buffer.alloc(3 * 32, 1);
    const read = readerOverTiles(3, () => page);
    const before = hex(rootOf(3, read));
    page.fill(2);
    expect(hex(rootOf(3, read))).toBe(before);
  });

  test.each([0, 1, 31, 95, 97, 128, 8192])("stop us when they have %i bytes instead of three hashes", (length) => {
    const read = readerOverTiles(3, () => new Uint8Array(length));
    expect(() => rootOf(3, read)).toThrow("assertion failed: tile/0/000.p/3 has 3 hashes");
  });

  test.each([
    [-1, 0],
    [0, -1],
    [0, 3],
    [1, 1],
    [8, 0],
    [64, 0],
    [0, 0.5],
    [0.5, 0],
    [Number.NaN, 0],
    [0, Number.NaN],
  ])("do not have hash %d/%d of a tree of 3", (level, index) => {
    const read = readerOverTiles(3, (_, __, width) => Buffer.alloc(width * 32, 1));
    expect(hex(read(0, 2))).toBe("01".repeat(32));
    expect(() => read(level, index)).toThrow("assertion failed");
  });

  test.each([
    [-1, 0],
    [0, -1],
    [0, 256],
    [8, 0],
    [64, 0],
    [Number.NaN, 0],
    [0, Number.NaN],
  ])("are not asked for where the tree has none: hash %d/%d", (level, index) => {
    let asked = 0;
    const read = readerOverTiles(3, () => {
      asked += 1;
      return new Uint8Array();
    });
    expect(() => read(level, index)).toThrow("assertion failed");
    expect(asked).toBe(0);
  });
});
