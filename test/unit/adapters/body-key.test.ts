import { chmodSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { openBodyKey } from "../../../src/adapters/body-key.ts";
import { KeyFilesRefused } from "../../../src/adapters/key-files.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const fileIn = (dir: string): string => path.join(dir, ".qoc", "keys", "body.key");

test("the first start makes a key of 32 bytes that nobody else can read, and every other start finds it", async () => {
  const dir = temporaryFolder();
  const made = await openBodyKey(dir);
  expect([made.length, statSync(fileIn(dir)).mode & 0o777]).toEqual([32, 0o600]);
  expect(Buffer.from(made).equals(readFileSync(fileIn(dir)))).toBe(true);
  expect(await openBodyKey(dir)).toEqual(made);
  expect(await openBodyKey(temporaryFolder())).not.toEqual(made);
});

test("a key that others can read, or that is cut, is refused", async () => {
  const dir = temporaryFolder();
  await openBodyKey(dir);
  chmodSync(fileIn(dir), 0o640);
  await expect(openBodyKey(dir)).rejects.toThrow(KeyFilesRefused);
  chmodSync(fileIn(dir), 0o600);
  truncateSync(fileIn(dir), 16);
  await expect(openBodyKey(dir)).rejects.toThrow("does not hold a key of 32 bytes");
});

test("a key that is lost or exchanged is refused, because what came before would be taken for new", async () => {
  const dir = temporaryFolder();
  await openBodyKey(dir);
  writeFileSync(fileIn(dir), Buffer.alloc(32, 1));
  await expect(openBodyKey(dir)).rejects.toThrow("is not the key that");
  rmSync(fileIn(dir));
  await expect(openBodyKey(dir)).rejects.toThrow("is missing while");
  rmSync(path.join(path.dirname(fileIn(dir)), "body.id"));
  expect(await openBodyKey(dir)).toHaveLength(32);
});

test("a key without its id, as a crash between the two leaves it, is given its id again", async () => {
  const dir = temporaryFolder();
  const made = await openBodyKey(dir);
  const id = path.join(path.dirname(fileIn(dir)), "body.id");
  const named = readFileSync(id, "utf8");
  rmSync(id);
  expect(await openBodyKey(dir)).toEqual(made);
  expect(readFileSync(id, "utf8")).toBe(named);
});
