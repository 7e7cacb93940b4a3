import { openTablesReadOnly } from "../../src/adapters/store-lmdb-env.ts";

/** All that a reader of a store can get out of it: keys and values of every table, as they lie there. Pages that are free are no part of it. */
export async function readableStore(dir: string): Promise<Buffer> {
  const { root, turns: _turns, ...tables } = openTablesReadOnly(dir);
  try {
    const rows = Object.values(tables).flatMap((table) =>
      [...table.getRange({})].flatMap(({ key, value }) => [Buffer.from(key), Buffer.from(value)]),
    );
    return Buffer.concat(rows);
  } finally {
    await root.close();
  }
}
