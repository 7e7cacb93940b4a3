import type { Table } from "./store-lmdb-env.ts";

/** What is read before others get their turn: so many rows, or what took this long (milliseconds). A row may be a large artifact, to be hashed. */
const PIECE_ROWS = 1_000;
const PIECE_MS = 4;

/** Every row of a table once, in the order of the keys; what is written meanwhile may be met or not. */
export async function eachRow(table: Table, look: (key: Buffer, value: Buffer) => void): Promise<void> {
  let last: Buffer | undefined;
  for (;;) {
    const from = last === undefined ? {} : { start: last, exclusiveStart: true };
    const until = performance.now() + PIECE_MS;
    let isCut = false;
    let rows = 0;
    for (const { key, value } of table.getRange({ ...from, limit: PIECE_ROWS })) {
      look(key, value);
      last = Buffer.from(key);
      rows += 1;
      isCut = rows === PIECE_ROWS || performance.now() >= until;
      if (isCut) break;
    }
    if (!isCut) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
