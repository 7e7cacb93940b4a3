/**
 * A list that is read in pages, of which only those near to what is seen are kept. A page that was dropped keeps its place and its cursor: it
 * is read again when somebody comes back, and rows below it do not move whatever became of it meanwhile.
 */

/** `items` is null while it is dropped; `size` rows belong to it for ever. */
type Page<T> = {
  readonly cursor: string | null;
  readonly size: number;
  readonly looked: number;
  readonly items: readonly T[] | null;
};

export type Pages<T> = {
  readonly pages: readonly Page<T>[];
  /** Of the page behind the last one; null when there is none. */
  readonly next: string | null;
};

export type Answer<T> = { readonly items: readonly T[]; readonly next: string | null; readonly looked: number };

/** Pages held at one time, those with the rows that are seen among them. */
export const PAGES_HELD_MAX = 12;

export const firstPage = <T>({ items, next, looked }: Answer<T>): Pages<T> => ({
  pages: [{ cursor: null, size: items.length, looked, items }],
  next,
});

export const addPage = <T>({ pages, next: cursor }: Pages<T>, { items, next, looked }: Answer<T>): Pages<T> => ({
  pages: [...pages, { cursor, size: items.length, looked, items }],
  next,
});

export const rowCount = <T>({ pages }: Pages<T>): number => pages.reduce((rows, { size }) => rows + size, 0);
export const lookedAt = <T>({ pages }: Pages<T>): number => pages.reduce((looked, page) => looked + page.looked, 0);

/** Null for a row of a dropped page, and for one that is gone since. */
export function rowsIn<T>({ pages }: Pages<T>, first: number, last: number): readonly (T | null)[] {
  const rows: (T | null)[] = [];
  let begins = 0;
  for (const { size, items } of pages) {
    if (begins >= last) break;
    for (let at = Math.max(first, begins); at < Math.min(last, begins + size); at += 1)
      rows.push(items?.[at - begins] ?? null);
    begins += size;
  }
  return rows;
}

/** Indexes of dropped pages with a row from `first` up to, not including, `last`. */
export function missingIn<T>(list: Pages<T>, first: number, last: number): readonly number[] {
  return spans(list).flatMap(({ index, begins, ends, page }) =>
    page.items === null && begins < last && ends > first ? [index] : [],
  );
}

/** Cursors of the pages with a row from `first` up to, not including, `last`; null for the first page's. */
export const cursorsIn = <T>(list: Pages<T>, first: number, last: number): readonly (string | null)[] =>
  spans(list).flatMap(({ begins, ends, page }) => (begins < last && ends > first ? [page.cursor] : []));

/** A dropped page, read again. What does not fit in its place any more is left to the next reading of the list. */
export const refill = <T>({ pages, next }: Pages<T>, index: number, items: readonly T[]): Pages<T> => ({
  pages: pages.map((page, at) => (at === index ? { ...page, items: items.slice(0, page.size) } : page)),
  next,
});

/** Drops what is furthest from the row. */
export function dropFar<T>(list: Pages<T>, row: number, held = PAGES_HELD_MAX): Pages<T> {
  const near = spans(list)
    .filter(({ page }) => page.items !== null)
    .toSorted((a, b) => distance(a, row) - distance(b, row))
    .slice(0, held);
  if (near.length === list.pages.filter((page) => page.items !== null).length) return list;
  const kept = new Set(near.map(({ index }) => index));
  return {
    pages: list.pages.map((page, index) => (kept.has(index) ? page : { ...page, items: null })),
    next: list.next,
  };
}

/** Every item in its place, as `change` makes it. */
export const mapItems = <T>({ pages, next }: Pages<T>, change: (item: T) => T): Pages<T> => ({
  pages: pages.map((page) => (page.items === null ? page : { ...page, items: mapped(page.items, change) })),
  next,
});

/** The same array when nothing changed, so that nothing is drawn again. */
function mapped<T>(items: readonly T[], change: (item: T) => T): readonly T[] {
  const changed = items.map((item) => change(item));
  return changed.some((item, index) => item !== items[index]) ? changed : items;
}

type Span<T> = { readonly index: number; readonly begins: number; readonly ends: number; readonly page: Page<T> };

function spans<T>({ pages }: Pages<T>): readonly Span<T>[] {
  let begins = 0;
  return pages.map((page, index) => {
    const span = { index, begins, ends: begins + page.size, page };
    begins = span.ends;
    return span;
  });
}

const distance = <T>({ begins, ends }: Span<T>, row: number): number =>
  row < begins ? begins - row : Math.max(0, row - ends + 1);
