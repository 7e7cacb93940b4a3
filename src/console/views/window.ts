/** Which rows of a long list stand in the document. Every row is equally high, so this is arithmetic. */

/** In CSS pixels: `above` is how much of the list is above the upper edge of what is seen, negative before it begins. */
export type Place = { readonly above: number; readonly seen: number; readonly row: number };

/** Rows `first` up to, not including, `last`; `before` and `after` are the heights of what is left out. */
export type Window = { readonly first: number; readonly last: number; readonly before: number; readonly after: number };

/** Rows kept ready on either side, so that a flick of the wheel meets no gap. */
export const ROWS_BESIDE = 12;

export function windowOf({ above, seen, row }: Place, rows: number): Window {
  const clamp = (index: number): number => Math.min(rows, Math.max(0, index));
  const first = clamp(Math.floor(above / row) - ROWS_BESIDE);
  const last = Math.max(first, clamp(Math.ceil((above + Math.max(0, seen)) / row) + ROWS_BESIDE));
  return { first, last, before: first * row, after: (rows - last) * row };
}
