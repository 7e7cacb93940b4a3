import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { findCommand } from "../../../src/agent/find-command.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

function program(folder: string, name: string, mode = 0o755): string {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, name);
  writeFileSync(file, "", { mode });
  return file;
}

test("the first folder of the PATH that has it wins; one that has it only to be read is passed over", () => {
  const root = temporaryFolder();
  program(path.join(root, "a"), "tool", 0o644);
  const second = program(path.join(root, "b"), "tool");
  program(path.join(root, "c"), "tool");
  const found = findCommand("tool", ["a", "b", "c"].map((each) => path.join(root, each)).join(":"), root);
  expect(found).toEqual({ kind: "found", file: second, real: second });
});

test("no relative folder of a PATH counts: it would be the desk's", () => {
  const root = temporaryFolder();
  program(root, "tool");
  expect(findCommand("tool", ".::", root).kind).toBe("none");
});

test("a path is looked for from the desk on, and behind its links", () => {
  const root = temporaryFolder();
  const real = program(path.join(root, "lib"), "tool.js");
  mkdirSync(path.join(root, "bin"));
  symlinkSync("../lib/tool.js", path.join(root, "bin", "tool"));
  expect(findCommand("bin/tool", "", root)).toEqual({ kind: "found", file: path.join(root, "bin", "tool"), real });
});
