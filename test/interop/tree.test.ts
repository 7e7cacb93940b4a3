/** RFC 6962 proofs through the second verifier, whose arithmetic is that of RFC 9162's pages and not ours. */
import { spawnSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  consistencyProof,
  inclusionProof,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "../../src/evidence/log/tree.ts";
import { broken, memoryTree, numberedHashes, sparseTree } from "../unit/evidence/log/tree-support.ts";

type Question = readonly [kind: "included" | "consistent", ...parts: readonly (number | string | readonly string[])[]];

const SIZE_MAX = 64;
const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const hasPython = spawnSync("python3", ["--version"]).status === 0;
if (!hasPython) process.stdout.write("skipped: the second verifier's tree needs python3\n");

function askPython(questions: readonly Question[]): readonly boolean[] {
  const program = [
    "import json, sys",
    "sys.dont_write_bytecode = True",
    "import log",
    "read = lambda part: part if isinstance(part, int) else [bytes.fromhex(one) for one in part] if isinstance(part, list) else bytes.fromhex(part)",
    "print(json.dumps([getattr(log, kind)(*map(read, parts)) for kind, *parts in json.load(sys.stdin)]))",
  ].join("\n");
  const cwd = new URL("../conformance/", import.meta.url);
  const input = JSON.stringify(questions);
  const ran = spawnSync("python3", ["-c", program], { cwd, input, encoding: "utf8", maxBuffer: 2 ** 26 });
  expect(ran.stderr).toBe("");
  return JSON.parse(ran.stdout);
}

const { read } = memoryTree(numberedHashes(SIZE_MAX));
const leaves = numberedHashes(SIZE_MAX);
const sizes = Array.from({ length: SIZE_MAX }, (_, n) => n + 1);
const roots = [0, ...sizes].map((size) => rootOf(size, read));
const rootAt = (size: number): Uint8Array => roots[size] ?? new Uint8Array();
const leafAt = (index: number): Uint8Array => leaves[index] ?? new Uint8Array();

const inclusion = (index: number, size: number, proof: readonly Uint8Array[]): Question => [
  "included",
  hex(leafAt(index)),
  index,
  size,
  proof.map(hex),
  hex(rootAt(size)),
];
const consistency = (old: number, size: number, proof: readonly Uint8Array[]): Question => [
  "consistent",
  old,
  hex(rootAt(old)),
  size,
  hex(rootAt(size)),
  proof.map(hex),
];

describe.skipIf(!hasPython)("the second verifier", { timeout: 60_000 }, () => {
  test("takes our proofs for every leaf and every two sizes up to 64", () => {
    const questions = sizes.flatMap((size) => [
      ...sizes.slice(0, size).map((n) => inclusion(n - 1, size, inclusionProof(n - 1, size, read))),
      ...[0, ...sizes.slice(0, size)].map((old) => consistency(old, size, consistencyProof(old, size, read))),
    ]);
    expect(questions).toHaveLength(64 * 65 + 64);
    expect(new Set(askPython(questions))).toEqual(new Set([true]));
  });

  test("refuses each of them with a hash altered, dropped, doubled or swapped", () => {
    const whole = (proof: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] =>
      broken(proof).flatMap(([, wrong]) => (wrong.every(({ length }) => length === 32) ? [wrong] : []));
    const some = sizes.filter((size) => size % 7 === 0 || size > 60);
    const questions = some.flatMap((size) =>
      sizes
        .slice(0, size)
        .flatMap((n) => [
          ...whole(inclusionProof(n - 1, size, read)).map((wrong) => inclusion(n - 1, size, wrong)),
          ...whole(consistencyProof(n, size, read)).map((wrong) => consistency(n, size, wrong)),
        ]),
    );
    expect(questions.length).toBeGreaterThan(10_000);
    expect(new Set(askPython(questions))).toEqual(new Set([false]));
  });

  test("agrees with us on any numbers and hashes, and in trees of any size", () => {
    const count = fc.nat(9);
    const hash = fc.nat(SIZE_MAX - 1).map((n) => (n % 2 === 0 ? rootAt(n % 8) : leafAt(n % 8)));
    const asked = fc.sample(fc.tuple(count, count, fc.array(hash, { maxLength: 5 })), { seed: 1, numRuns: 3000 });
    const ours = asked.map(([a, b, proof]) => [
      verifyInclusion(leafAt(a), a, b, proof, rootAt(b)),
      verifyConsistency(a, rootAt(a), b, rootAt(b), proof),
    ]);
    const theirs = askPython(asked.flatMap(([a, b, proof]) => [inclusion(a, b, proof), consistency(a, b, proof)]));
    expect(theirs).toEqual(ours.flat());
    expect(ours.flat().filter(Boolean).length).toBeGreaterThan(100);

    const large = fc.sample(fc.tuple(fc.nat(2 ** 40), fc.integer({ min: 1, max: 2 ** 40 })), { seed: 2, numRuns: 100 });
    const questions = large.flatMap(([a, more]): readonly Question[] => {
      const { read: sparse, leaf } = sparseTree([a]);
      const [old, size] = [a + 1, a + more];
      const root = hex(rootOf(size, sparse));
      return [
        ["included", hex(leaf), a, size, inclusionProof(a, size, sparse).map(hex), root],
        ["consistent", old, hex(rootOf(old, sparse)), size, root, consistencyProof(old, size, sparse).map(hex)],
      ];
    });
    expect(new Set(askPython(questions))).toEqual(new Set([true]));
  });
});
