/** Asks `verify.py`, which was written from the format's page alone. Where it and the library disagree, one of the three is wrong. */
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { expect } from "vitest";
import type { VerifyPolicy } from "../../src/evidence/verify.ts";
import { CONFORMANCE } from "./generator/case.ts";
import { judge, type Told } from "./library.ts";

export type Asked = { readonly name: string; readonly bytes: Uint8Array };

const missing = [
  ["python3", "--version"],
  ["openssl", "version"],
].flatMap(([command = "", argument = ""]) => (spawnSync(command, [argument]).status === 0 ? [] : [command]));
if (missing.length > 0) process.stdout.write(`skipped: the second verifier needs ${missing.join(" and ")}\n`);
export const isMissing = missing.length > 0;

export const temporary = (): string => mkdtempSync(join(tmpdir(), "qoc-second-"));

/** What it prints, one object a file, from one process. Folders and policies are found below `test/conformance`. */
export function runSecond(options: readonly string[], files: readonly string[]): readonly (Told & { file: string })[] {
  const ran = spawnSync("python3", [join(CONFORMANCE, "verify.py"), ...options, ...files], {
    cwd: CONFORMANCE,
    encoding: "utf8",
    maxBuffer: 2 ** 26,
  });
  expect(ran.stderr).toBe("");
  const told = ran.stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  expect(told).toHaveLength(files.length);
  expect(ran.status).toBe(told.every(({ ok }) => ok) ? 0 : 1);
  return told;
}

export function askSecond(
  folder: string,
  asked: readonly Asked[],
  ...options: readonly string[]
): readonly Omit<Told, "witnesses">[] {
  mkdirSync(folder, { recursive: true });
  const files = asked.map(({ bytes }, n) => {
    const file = join(folder, `${n}.json`);
    writeFileSync(file, bytes);
    return file;
  });
  return runSecond(options, files).map(({ ok, level, codes }) => ({ ok, level, codes }));
}

export const askFirst = (asked: readonly Asked[], policy: VerifyPolicy): readonly Omit<Told, "witnesses">[] =>
  asked.map(({ bytes }) => {
    const { ok, level, codes } = judge(bytes, policy);
    return { ok, level, codes };
  });

/** Both verdicts, which must be one, by the names of what differs. */
export function expectSame(
  asked: readonly { readonly name: string }[],
  first: readonly object[],
  second: readonly object[],
): void {
  const pairs = asked.map(({ name }, n) => ({ name, first: first[n], second: second[n] }));
  expect(pairs.filter((pair) => JSON.stringify(pair.first) !== JSON.stringify(pair.second))).toEqual([]);
}

export const sample = <T>(arbitrary: fc.Arbitrary<T>, numRuns: number): readonly T[] =>
  fc.sample(arbitrary, { seed: 1, numRuns });

/** Copies of files with bytes flipped, dropped or doubled. */
export const bytesChanged = (of: readonly Asked[], numRuns: number): readonly Asked[] =>
  sample(
    fc.record({ file: fc.constantFrom(...of), at: fc.nat(1_000_000), bit: fc.nat(7), how: fc.nat(2) }),
    numRuns,
  ).map(({ file, at, bit, how }, n) => {
    const place = at % file.bytes.length;
    const byte = file.bytes[place] ?? 0;
    const instead = [[byte ^ (1 << bit)], [], [byte, byte]][how] ?? [];
    const parts = [file.bytes.subarray(0, place), Uint8Array.from(instead), file.bytes.subarray(place + 1)];
    return { name: `${n}: ${file.name} byte ${place}, ${how}, bit ${bit}`, bytes: Buffer.concat(parts) };
  });
