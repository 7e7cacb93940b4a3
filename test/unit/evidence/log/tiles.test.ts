import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeEntries,
  encodeEntries,
  entriesPath,
  tilePath,
  tilesChanged,
  type LogFile,
} from "../../../../src/evidence/log/tiles.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const pathOf = (file: LogFile): string =>
  file.kind === "tile" ? tilePath(file.level, file.index, file.width) : entriesPath(file.index, file.width);

describe("paths", () => {
  test.each([
    [0, 0, 256, "tile/0/000"],
    [0, 999, 256, "tile/0/999"],
    [0, 1000, 256, "tile/0/x001/000"],
    [0, 1234, 7, "tile/0/x001/234.p/7"],
    [1, 1_234_067, 256, "tile/1/x001/x234/067"],
    [2, 0, 1, "tile/2/000.p/1"],
    [0, 273, 112, "tile/0/273.p/112"],
    [63, 1_000_000_000, 255, "tile/63/x001/x000/x000/000.p/255"],
    [0, Number.MAX_SAFE_INTEGER, 256, "tile/0/x009/x007/x199/x254/x740/991"],
  ])("tile %i/%i of width %i is %s", (level, index, width, path) => {
    expect(tilePath(level, index, width)).toBe(path);
  });

  test.each([
    [0, 256, "tile/entries/000"],
    [1_234_067, 8, "tile/entries/x001/x234/067.p/8"],
  ])("bundle %i of width %i is %s", (index, width, path) => {
    expect(entriesPath(index, width)).toBe(path);
  });

  test("no file has the path of a folder, and no two tiles have one path", () => {
    const indexes = fc.uniqueArray(fc.oneof(fc.nat(2_000_000), fc.nat(3000)), { minLength: 2, maxLength: 30 });
    fc.assert(
      fc.property(indexes, (found) => {
        const paths = found.flatMap((index) => [
          tilePath(0, index, 256),
          tilePath(0, index, 9),
          entriesPath(index, 256),
        ]);
        expect(new Set(paths).size).toBe(paths.length);
        const folders = new Set(
          paths.flatMap((path) => path.split("/").map((_, at, parts) => parts.slice(0, at).join("/"))),
        );
        expect(paths.filter((path) => folders.has(path))).toEqual([]);
      }),
    );
  });

  test.each([
    [-1, 0, 256],
    [64, 0, 256],
    [0.5, 0, 256],
    [0, -1, 256],
    [0, 2 ** 53, 256],
    [0, Number.NaN, 256],
    [0, 0, 0],
    [0, 0, 257],
    [0, 0, 1.5],
  ])("tile %d/%d of width %d is our bug", (level, index, width) => {
    expect(() => tilePath(level, index, width)).toThrow("assertion failed");
  });
});

describe("a bundle of entries", () => {
  const bundles = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 });
  const plain = (entries: readonly Uint8Array[] | undefined): unknown => entries?.map((entry) => [...entry]);

  test("has before each entry its length in two bytes", () => {
    const bytes = encodeEntries([Buffer.from("ab"), new Uint8Array(), Buffer.alloc(258, 7)]);
    expect([...bytes.subarray(0, 9)]).toEqual([0, 2, 0x61, 0x62, 0, 0, 1, 2, 7]);
    expect(bytes.length).toBe(2 + 2 + 2 + 2 + 258);
  });

  test("gives the entries back, the longest too", () => {
    fc.assert(
      fc.property(bundles, (entries) => {
        expect(plain(decodeEntries(encodeEntries(entries), entries.length))).toEqual(plain(entries));
      }),
    );
    const longest = [Buffer.alloc(0xffff, 1), Buffer.from("z")];
    expect(decodeEntries(encodeEntries(longest), 2)?.map((entry) => entry.length)).toEqual([0xffff, 1]);
  });

  test("is refused with another width, cut short, or with a byte behind", () => {
    const bytes = encodeEntries([Buffer.from("ab"), Buffer.from("c")]);
    const refused = [0, 1, 3, -1, 1.5, Number.NaN, 257].map((width) => decodeEntries(bytes, width));
    expect(refused.every((entries) => entries === undefined)).toBe(true);
    expect([...bytes.keys()].filter((end) => decodeEntries(bytes.subarray(0, end), 2) !== undefined)).toEqual([]);
    expect(decodeEntries(Buffer.concat([bytes, Uint8Array.of(0)]), 2)).toBeUndefined();
    expect(decodeEntries(new Uint8Array(), 0)).toBeUndefined();
  });

  test("has one spelling: bytes that are read are those that would be written", () => {
    const hostile = fc.array(fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2), fc.nat(255)), {
      maxLength: 12,
    });
    let accepted = 0;
    fc.assert(
      fc.property(hostile, fc.integer({ min: 1, max: 4 }), (numbers, width) => {
        const entries = decodeEntries(Uint8Array.from(numbers), width);
        if (entries !== undefined) accepted += 1;
        expect(entries?.length ?? width).toBe(width);
        expect(entries === undefined ? numbers : [...encodeEntries(entries)]).toEqual(numbers);
      }),
      { numRuns: 5000 },
    );
    expect(accepted).toBeGreaterThan(50);
  });

  test("of no entry, of 257, or of one with 65,536 bytes is our bug", () => {
    expect(() => encodeEntries([])).toThrow("assertion failed");
    expect(() => encodeEntries(Array.from({ length: 257 }, () => new Uint8Array()))).toThrow("assertion failed");
    expect(() => encodeEntries([new Uint8Array(0x10000)])).toThrow("assertion failed");
  });
});

describe("growth", () => {
  /** All files of a tree as the page counts them: floor(s / 256^l) hashes in level l, the last tile partial. */
  function filesOf(size: number): ReadonlySet<string> {
    const paths = new Set<string>();
    for (let [level, count] = [0, size]; count > 0; [level, count] = [level + 1, Math.floor(count / 256)]) {
      for (let index = 0; index * 256 < count; index += 1) {
        const width = count - index * 256 < 256 ? count % 256 : 256;
        paths.add(tilePath(level, index, width));
        if (level === 0) paths.add(entriesPath(index, width));
      }
    }
    return paths;
  }
  const writtenBy = (before: number, now: number): readonly string[] => tilesChanged(before, now).map(pathOf);

  test("writes exactly what the larger tree has and the smaller has not", () => {
    const few = fc.tuple(fc.nat(1200), fc.nat(1200));
    const near = fc.tuple(fc.integer({ min: 65_270, max: 66_000 }), fc.integer({ min: 65_270, max: 66_000 }));
    fc.assert(
      fc.property(fc.oneof(few, near), ([a, b]) => {
        const [before, now] = [Math.min(a, b), Math.max(a, b)];
        const had = filesOf(before);
        const written = writtenBy(before, now);
        expect(new Set(written).size).toBe(written.length);
        expect(written.toSorted()).toEqual([...filesOf(now)].filter((path) => !had.has(path)).toSorted());
      }),
    );
  });

  test("gives a tree of 70,000 the tiles that the page counts", () => {
    const files = tilesChanged(0, 70_000).filter(({ kind }) => kind === "tile");
    const counted = (level: number): readonly number[] => [
      files.filter((file) => file.kind === "tile" && file.level === level && file.width === 256).length,
      ...files
        .filter((file) => file.kind === "tile" && file.level === level && file.width < 256)
        .map(({ width }) => width),
    ];
    expect([0, 1, 2, 3].map(counted)).toEqual([[273, 112], [1, 17], [0, 1], [0]]);
  });

  test.each([
    [0, 0, []],
    [5, 5, []],
    [0, 1, ["tile/entries/000.p/1", "tile/0/000.p/1"]],
    [1, 3, ["tile/entries/000.p/3", "tile/0/000.p/3"]],
    [255, 256, ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"]],
    [256, 257, ["tile/entries/001.p/1", "tile/0/001.p/1"]],
    [250, 260, ["tile/entries/000", "tile/entries/001.p/4", "tile/0/000", "tile/0/001.p/4", "tile/1/000.p/1"]],
    [65_535, 65_536, ["tile/entries/255", "tile/0/255", "tile/1/000", "tile/2/000.p/1"]],
    [65_536, 65_537, ["tile/entries/256.p/1", "tile/0/256.p/1"]],
    [65_791, 65_792, ["tile/entries/256", "tile/0/256", "tile/1/001.p/1"]],
    [131_071, 131_072, ["tile/entries/511", "tile/0/511", "tile/1/001", "tile/2/000.p/2"]],
    [2 ** 24 - 1, 2 ** 24, ["tile/entries/x065/535", "tile/0/x065/535", "tile/1/255", "tile/2/000", "tile/3/000.p/1"]],
    [2 ** 24, 2 ** 24 + 1, ["tile/entries/x065/536.p/1", "tile/0/x065/536.p/1"]],
    [2 ** 53 - 2, 2 ** 53 - 1, ["tile/entries/x035/x184/x372/x088/831.p/255", "tile/0/x035/x184/x372/x088/831.p/255"]],
  ])("from %i to %i writes these files, entries first and tiles from the leaves upwards", (before, now, files) => {
    expect(writtenBy(before, now)).toEqual(files);
  });

  test.each([
    [2, 1],
    [-1, 1],
    [0, 2 ** 53],
    [0, Number.NaN],
    [0.5, 1],
  ])("from %d to %d is our bug", (before, now) => {
    expect(() => tilesChanged(before, now)).toThrow("assertion failed");
  });
});
