import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openConsoleTokens } from "../../../src/adapters/console-tokens.ts";
import { sha256Of } from "../../../src/core/ids.ts";

let dir = "";
const file = (): string => path.join(dir, "console-tokens.json");
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-tokens-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

const kept = (digit: string) => ({ hash: sha256Of(digit.repeat(64)), made_at: 1, used_at: 2 });

test("gives what was written last, after a restart too, and shows the file to its owner alone", () => {
  const store = openConsoleTokens(dir);
  expect(store.read()).toEqual([]);
  store.write([kept("a"), kept("b")]);
  store.write([kept("b")]);
  expect(openConsoleTokens(dir).read()).toEqual([kept("b")]);
  expect(statSync(file()).mode & 0o777).toBe(0o600);
  expect(readdirSync(dir)).toEqual(["console-tokens.json"]);
});

describe("what lies where the part is written is taken away:", () => {
  const part = (): string => `${file()}.part`;
  test.each([
    ["a part that a crash left, open to all", () => writeFileSync(part(), "x".repeat(10_000), { mode: 0o644 })],
    ["a pipe that nobody reads", () => void execFileSync("mkfifo", [part()])],
    ["a link to another file", () => symlinkSync("/dev/full", part())],
  ])("%s", (_says, lay) => {
    lay();
    openConsoleTokens(dir).write([kept("a")]);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({ tokens: [kept("a")] });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(readdirSync(dir)).toEqual(["console-tokens.json"]);
  });
});

describe("nobody is logged in by a file that", () => {
  const whole = JSON.stringify({ tokens: [kept("a")] });
  test.each([
    ["is empty", ""],
    ["is torn", whole.slice(0, -3)],
    ["is no JSON", "\u0000\u0001"],
    ["is of another form", JSON.stringify([kept("a")])],
    ["has a hash that is none", JSON.stringify({ tokens: [{ ...kept("a"), hash: "A".repeat(64) }] })],
    ["has a time that is none", JSON.stringify({ tokens: [{ ...kept("a"), used_at: -1 }] })],
    ["has more than there can be", JSON.stringify({ tokens: Array(101).fill(kept("a")) })],
    ["is larger than it can be", `${whole}${" ".repeat(70_000)}`],
  ])("%s", (_says, text) => {
    writeFileSync(file(), text);
    expect(openConsoleTokens(dir).read()).toEqual([]);
  });

  test("is a folder, or a link to a good one", () => {
    mkdirSync(file());
    expect(openConsoleTokens(dir).read()).toEqual([]);
    rmSync(file(), { recursive: true });
    writeFileSync(path.join(dir, "other"), whole);
    symlinkSync(path.join(dir, "other"), file());
    expect(openConsoleTokens(dir).read()).toEqual([]);
  });
});

test("a folder that is gone is an error of who writes", () => {
  expect(() => openConsoleTokens(path.join(dir, "gone")).write([])).toThrow("ENOENT");
});
