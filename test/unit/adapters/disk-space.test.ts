import { join } from "node:path";
import { expect, test } from "vitest";
import { freeBytes } from "../../../src/adapters/disk-space.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("the free space of a folder's disk is a number of bytes", () => {
  const free = freeBytes(temporaryFolder());
  expect(Number.isSafeInteger(free)).toBe(true);
  expect(free).toBeGreaterThan(0);
});

test("a folder that is not there has no disk", () => {
  expect(() => freeBytes(join(temporaryFolder(), "none"))).toThrow("ENOENT");
});
