/** Trees too large to build, and what a stranger may send. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  consistencyProof,
  inclusionProof,
  rootOf,
  verifyConsistency,
  verifyInclusion,
  type Hash,
} from "../../../../src/evidence/log/tree.ts";
import { broken, hex, sparseTree } from "./tree-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

const ordered = (most: number): fc.Arbitrary<readonly [number, number]> =>
  fc
    .tuple(fc.integer({ min: 1, max: most }), fc.integer({ min: 1, max: most }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)]);
const large = fc.oneof(ordered(1_000_000), ordered(Number.MAX_SAFE_INTEGER));

describe("a large tree", () => {
  test("includes the one leaf that differs, at its index only, by a proof of no more hashes than it is high", () => {
    fc.assert(
      fc.property(large, ([end, size]) => {
        const index = end - 1;
        const { read, leaf } = sparseTree([index]);
        const root = rootOf(size, read);
        const proof = inclusionProof(index, size, read);
        expect(proof.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));
        expect(verifyInclusion(leaf, index, size, proof, root)).toBe(true);
        expect(verifyInclusion(leaf, index - 1, size, proof, root)).toBe(false);
        expect(verifyInclusion(leaf, index + 1, size, proof, root)).toBe(false);
        expect(verifyInclusion(read(0, index + 1), index, size, proof, root)).toBe(false);
        expect(
          broken(proof).filter(
            ([fault, wrong]) => !fault.includes("swapped") && verifyInclusion(leaf, index, size, wrong, root),
          ),
        ).toEqual([]);
      }),
    );
  });

  test("continues each smaller one, but not one with another last leaf", () => {
    fc.assert(
      fc.property(large, ([old, size]) => {
        const { read } = sparseTree([old - 1, size - 1]);
        const [oldRoot, root] = [rootOf(old, read), rootOf(size, read)];
        const proof = consistencyProof(old, size, read);
        expect(verifyConsistency(old, oldRoot, size, root, proof)).toBe(true);
        const forked = rootOf(old, sparseTree([]).read);
        expect(verifyConsistency(old, forked, size, root, proof)).toBe(false);
        expect(
          broken(proof).filter(
            ([fault, wrong]) => !fault.includes("swapped") && verifyConsistency(old, oldRoot, size, root, wrong),
          ),
        ).toEqual([]);
      }),
    );
  });

  test("is as large as a double counts exactly", () => {
    const size = Number.MAX_SAFE_INTEGER;
    const { read, leaf } = sparseTree([size - 1]);
    const proof = inclusionProof(size - 1, size, read);
    expect(proof.length).toBe(52);
    expect(verifyInclusion(leaf, size - 1, size, proof, rootOf(size, read))).toBe(true);
    expect(hex(rootOf(size, read))).not.toBe(hex(rootOf(size - 1, read)));
  });

  test("is read at no more places than twice its height for a proof", () => {
    fc.assert(
      fc.property(large, ([end, size]) => {
        const { read } = sparseTree([]);
        let reads = 0;
        inclusionProof(end - 1, size, (level, index) => {
          reads += 1;
          expect((index + 1) * 2 ** level).toBeLessThanOrEqual(size);
          return read(level, index);
        });
        expect(reads).toBeLessThanOrEqual(2 * 53);
      }),
    );
  });
});

describe("hostile input gives false", () => {
  const { read, leaf } = sparseTree([2]);
  const [oldRoot, root] = [rootOf(3, read), rootOf(7, read)];
  const included = inclusionProof(2, 7, read);
  const continued = consistencyProof(3, 7, read);
  const numbers = [-1, -(2 ** 31), -7.5, 0.5, 2.000_000_1, Number.NaN, Infinity, -Infinity, 2 ** 53, 2 ** 64, 1e308];
  const lengths = [0, 1, 31, 33, 64];
  const many = (count: number): readonly Hash[] => Array.from({ length: count }, () => Buffer.alloc(32, 7));

  test("the input that is spoiled below is good", () => {
    expect(verifyInclusion(leaf, 2, 7, included, root)).toBe(true);
    expect(verifyConsistency(3, oldRoot, 7, root, continued)).toBe(true);
  });

  test.each(numbers)("for the size or index %d", (wrong) => {
    expect(verifyInclusion(leaf, wrong, 7, included, root)).toBe(false);
    expect(verifyInclusion(leaf, 2, wrong, included, root)).toBe(false);
    expect(verifyInclusion(leaf, wrong, wrong, [], leaf)).toBe(false);
    expect(verifyConsistency(wrong, oldRoot, 7, root, continued)).toBe(false);
    expect(verifyConsistency(3, oldRoot, wrong, root, continued)).toBe(false);
    expect(verifyConsistency(wrong, root, wrong, root, [])).toBe(false);
    expect(verifyConsistency(0, oldRoot, wrong, root, [])).toBe(false);
  });

  test("for a leaf of a tree that is empty or ends before it", () => {
    expect(verifyInclusion(leaf, 0, 0, [], leaf)).toBe(false);
    expect(verifyInclusion(leaf, 1, 1, [], leaf)).toBe(false);
    expect(verifyInclusion(leaf, 0, 1, [], leaf)).toBe(true);
  });

  test.each(lengths)("for a hash of %i bytes", (length) => {
    const short = Buffer.alloc(length, 7);
    expect(verifyInclusion(short, 2, 7, included, root)).toBe(false);
    expect(verifyInclusion(leaf, 2, 7, included, short)).toBe(false);
    expect(verifyInclusion(short, 0, 1, [], short)).toBe(false);
    expect(verifyConsistency(3, short, 7, root, continued)).toBe(false);
    expect(verifyConsistency(3, oldRoot, 7, short, continued)).toBe(false);
    expect(verifyConsistency(3, short, 3, short, [])).toBe(false);
    expect(verifyConsistency(0, oldRoot, 3, short, [])).toBe(false);
    expect(verifyConsistency(0, short, 0, short, [])).toBe(false);
    for (const at of included.keys()) expect(verifyInclusion(leaf, 2, 7, included.with(at, short), root)).toBe(false);
    for (const at of continued.keys())
      expect(verifyConsistency(3, oldRoot, 7, root, continued.with(at, short))).toBe(false);
  });

  test("for two halves of a node that are cut elsewhere: the lengths are checked, not only the sum", () => {
    const whole = Buffer.concat([leaf, ...included.slice(0, 1)]);
    const [first, second] = [whole.subarray(0, 30), whole.subarray(30)];
    expect(verifyInclusion(first, 2, 7, included.with(0, second), root)).toBe(false);
  });

  test.each([64, 65, 1000, 200_000])("for a proof of %i hashes", (count) => {
    expect(verifyInclusion(leaf, 2, 7, many(count), root)).toBe(false);
    expect(verifyInclusion(leaf, 2, Number.MAX_SAFE_INTEGER, many(count), root)).toBe(false);
    expect(verifyConsistency(3, oldRoot, 7, root, many(count))).toBe(false);
    expect(verifyConsistency(4, oldRoot, Number.MAX_SAFE_INTEGER, root, many(count))).toBe(false);
  });

  test("whatever it is", () => {
    const bytes = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.uint8Array({ maxLength: 40 }));
    const number = fc.oneof(fc.integer(), fc.nat(), fc.double(), fc.maxSafeInteger());
    const proofs = fc.array(bytes, { maxLength: 60 });
    fc.assert(
      fc.property(bytes, number, number, proofs, bytes, (from, a, b, proof, to) => {
        fc.pre(hex(from) !== hex(to));
        expect(verifyInclusion(from, a, b, proof, to)).toBe(false);
        expect(verifyConsistency(a, from, b, to, proof)).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });
});
