/** Files of a desk as an erasure finds them: what cannot be read is not taken for gone. */
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createDeskFiles } from "../../../src/adapters/desk-files.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

test("a file is read, removed, and then none", async () => {
  const dir = temporaryFolder();
  const files = createDeskFiles(dir);
  writeFileSync(join(dir, "page.md"), "words");
  expect(Buffer.from(files.read("page.md") ?? []).toString()).toBe("words");
  await files.remove("page.md");
  await files.remove("page.md");
  expect(files.read("page.md")).toBeUndefined();
});

test("a name that something else has is refused, and the other thing is left alone", () => {
  const dir = temporaryFolder();
  const files = createDeskFiles(dir);
  mkdirSync(join(dir, "folder.md"));
  writeFileSync(join(dir, "elsewhere"), "a person's");
  symlinkSync(join(dir, "elsewhere"), join(dir, "link.md"));
  for (const name of ["folder.md", "link.md"]) expect(() => files.read(name)).toThrow(`${name} is no file that can be`);
  expect(readFileSync(join(dir, "elsewhere"), "utf8")).toBe("a person's");
});
