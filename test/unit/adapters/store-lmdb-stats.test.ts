import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../../src/adapters/store-lmdb.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("who asks how many actors there are has no file of an artifact looked at, of which there may be very many", async () => {
  const dir = temporaryFolder();
  const store = await openStore(join(dir, "store"));
  // Whoever looks for the folder meets a file, and throws.
  writeFileSync(join(dir, "artifacts"), "");
  const { actors, unfinished } = store.stats();
  expect([actors, unfinished]).toEqual([0, 0]);
  expect(() => store.stats().bytes).toThrow(/ENOTDIR/);
  await store.close();
});
