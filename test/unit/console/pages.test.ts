/** Long lists: which rows are drawn, and which pages are held. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  addPage,
  cursorsIn,
  dropFar,
  firstPage,
  lookedAt,
  mapItems,
  missingIn,
  type Pages,
  PAGES_HELD_MAX,
  refill,
  rowCount,
  rowsIn,
} from "../../../src/console/views/pages.ts";
import { ROWS_BESIDE, windowOf } from "../../../src/console/views/window.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

describe("the window of a long list", () => {
  test("of 100,000 rows, those that are seen and a few beside them are drawn", () => {
    const { first, last, before, after } = windowOf({ above: 2_000_000, seen: 800, row: 40 }, 100_000);
    expect([first, last]).toEqual([50_000 - ROWS_BESIDE, 50_020 + ROWS_BESIDE]);
    expect([before, after]).toEqual([first * 40, (100_000 - last) * 40]);
  });

  test("begins at the first row while the list is below the edge, and ends at the last when it is past", () => {
    expect(windowOf({ above: -300, seen: 800, row: 40 }, 1000)).toMatchObject({ first: 0, before: 0 });
    expect(windowOf({ above: 90_000, seen: 800, row: 40 }, 1000)).toMatchObject({ last: 1000, after: 0 });
    expect(windowOf({ above: 0, seen: 800, row: 40 }, 0)).toEqual({ first: 0, last: 0, before: 0, after: 0 });
  });

  test("wherever it stands, the height is that of all rows and no more than what is seen is drawn", () => {
    const number = fc.integer({ min: -10_000, max: 5_000_000 });
    fc.assert(
      fc.property(
        number,
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 20, max: 120 }),
        fc.nat(100_000),
        (above, seen, row, rows) => {
          const { first, last, before, after } = windowOf({ above, seen, row }, rows);
          expect(before + (last - first) * row + after).toBe(rows * row);
          expect(last - first).toBeLessThanOrEqual(Math.ceil(seen / row) + 2 * ROWS_BESIDE + 1);
          // Every row that is seen is drawn.
          for (const y of [0, seen / 2, seen - 1]) {
            const seenRow = Math.floor((above + y) / row);
            const isRow = seenRow >= 0 && seenRow < rows;
            expect(!isRow || (seenRow >= first && seenRow < last)).toBe(true);
          }
        },
      ),
    );
  });
});

const PAGE = 10;
const answer = (from: number, next: string | null = String(from + PAGE)) => ({
  items: Array.from({ length: PAGE }, (_, at) => from + at),
  next,
  looked: PAGE * 2,
});
const read = (pages: number): Pages<number> => {
  let list = firstPage(answer(0));
  for (let page = 1; page < pages; page += 1) list = addPage(list, answer(page * PAGE));
  return list;
};

describe("pages of a list", () => {
  test("are one list, of which any part can be had", () => {
    const list = read(3);
    expect([rowCount(list), lookedAt(list), list.next]).toEqual([30, 60, "30"]);
    expect(rowsIn(list, 8, 12)).toEqual([8, 9, 10, 11]);
    expect(rowsIn(list, 28, 99)).toEqual([28, 29]);
  });

  test("far ones are dropped and keep their places and their cursors", () => {
    const list = dropFar(read(100), 995);
    expect(list.pages.filter(({ items }) => items !== null)).toHaveLength(PAGES_HELD_MAX);
    expect([rowCount(list), lookedAt(list)]).toEqual([1000, 2000]);
    expect(rowsIn(list, 0, 2)).toEqual([null, null]);
    expect(rowsIn(list, 990, 992)).toEqual([990, 991]);
    expect(list.pages[5]?.cursor).toBe("50");
  });

  test("a dropped one is missed when it is seen, and stands where it stood once it is read again", () => {
    const dropped = dropFar(read(40), 399);
    expect(missingIn(dropped, 95, 105)).toEqual([9, 10]);
    expect(missingIn(dropped, 390, 400)).toEqual([]);
    const again = refill(dropped, 9, answer(90).items);
    expect(rowsIn(again, 89, 92)).toEqual([null, 90, 91]);
    // Two of its runs fit the filter no longer: what is below does not move.
    const less = refill(dropped, 9, [90, 91]);
    expect([rowCount(less), rowsIn(less, 92, 93)]).toEqual([400, [null]]);
    expect(
      rowsIn(
        refill(
          dropped,
          9,
          Array.from({ length: 15 }, () => 7),
        ),
        99,
        101,
      ),
    ).toEqual([7, null]);
  });

  test("those in sight are named by their cursors, the first by none", () => {
    expect([cursorsIn(read(4), 0, 1), cursorsIn(read(4), 9, 21)]).toEqual([[null], [null, "10", "20"]]);
  });

  test("an item that changes changes in its place", () => {
    const list = mapItems(read(3), (item) => (item === 12 ? -1 : item));
    expect(rowsIn(list, 11, 14)).toEqual([11, -1, 13]);
    expect(list.pages[0]?.items).toBe(mapItems(list, (item) => item).pages[0]?.items);
  });

  test("wherever somebody scrolls, no more pages are held than the bound, and what is seen among them", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(599), { minLength: 1, maxLength: 20 }), (rows) => {
        let list = read(60);
        for (const row of rows) {
          for (const index of missingIn(list, row, row + 1)) list = refill(list, index, answer(index * PAGE).items);
          list = dropFar(list, row);
          expect(rowsIn(list, row, row + 1)).toEqual([row]);
          expect(list.pages.filter(({ items }) => items !== null).length).toBeLessThanOrEqual(PAGES_HELD_MAX);
        }
      }),
    );
  });
});
