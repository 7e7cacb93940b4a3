import { readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createArtifactFiles, sweepParts } from "../../../src/adapters/artifact-files.ts";
import { artifactOf } from "../../support/store-changes.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const { ref, bytes } = artifactOf("large enough");

test("bytes lie in a file under their hash, for the daemon's user alone", async () => {
  const dir = join(temporaryFolder(), "a/artifacts");
  const files = createArtifactFiles(dir);
  await files.write(ref.sha256, bytes);
  expect(files.read(ref.sha256)).toEqual(bytes);
  expect(readdirSync(join(dir, ref.sha256.slice(0, 2)))).toEqual([ref.sha256]);
  expect(statSync(join(dir, ref.sha256.slice(0, 2), ref.sha256)).mode & 0o777).toBe(0o600);
  expect(files.bytes()).toBe(bytes.length);
});

test("the same bytes may be written again, also at once", async () => {
  const dir = temporaryFolder();
  const files = createArtifactFiles(dir);
  await Promise.all([files.write(ref.sha256, bytes), files.write(ref.sha256, bytes)]);
  expect(files.read(ref.sha256)).toEqual(bytes);
  expect(readdirSync(join(dir, ref.sha256.slice(0, 2)))).toEqual([ref.sha256]);
});

test("what was never written is not there, and takes no room", () => {
  const files = createArtifactFiles(join(temporaryFolder(), "none"));
  expect(files.read(ref.sha256)).toBeUndefined();
  expect(files.bytes()).toBe(0);
});

test("a write that fails leaves nothing and says why", async () => {
  const dir = temporaryFolder();
  writeFileSync(join(dir, ref.sha256.slice(0, 2)), "in the way");
  await expect(createArtifactFiles(dir).write(ref.sha256, bytes)).rejects.toThrow(/EEXIST|ENOTDIR/);
  expect(readdirSync(dir)).toEqual([ref.sha256.slice(0, 2)]);
});

test("what a crash left half-written is swept, and nothing else", async () => {
  const dir = temporaryFolder();
  await createArtifactFiles(dir).write(ref.sha256, bytes);
  writeFileSync(join(dir, `${ref.sha256}.0a.part`), "half");
  sweepParts(dir);
  expect(readdirSync(dir)).toEqual([ref.sha256.slice(0, 2)]);
});

test("there is nothing to sweep where nothing was ever written", () => {
  expect(() => sweepParts(join(temporaryFolder(), "none"))).not.toThrow();
});
