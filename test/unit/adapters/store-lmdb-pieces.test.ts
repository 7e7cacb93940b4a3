import { join } from "node:path";
import { expect, test } from "vitest";
import { openTables } from "../../../src/adapters/store-lmdb-env.ts";
import { number8, numberOf8 } from "../../../src/adapters/store-lmdb-keys.ts";
import { eachRow } from "../../../src/adapters/store-lmdb-pieces.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const ROWS = 60;

test("every row once, and others have their turn while rows take long", async () => {
  const { root, bytes } = openTables(join(temporaryFolder(), "store"));
  await bytes.batch(() => {
    for (let row = 1; row <= ROWS; row += 1) void bytes.put(number8(row), Buffer.from("bytes"));
  });
  const met: number[] = [];
  let others = 0;
  let isOver = false;
  const other = (): void => {
    others += 1;
    if (!isOver) setImmediate(other);
  };
  setImmediate(other);
  await eachRow(bytes, (key) => {
    met.push(numberOf8(key));
    for (const until = performance.now() + 1; performance.now() < until;);
  });
  isOver = true;
  expect(met).toEqual(Array.from({ length: ROWS }, (_, at) => at + 1));
  expect(others).toBeGreaterThan(5);
  await root.close();
});
