/** All trees of up to 64 leaves: every root, every proof, and every proof spoiled. */
import { describe, expect, test } from "vitest";
import {
  consistencyProof,
  inclusionProof,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "../../../../src/evidence/log/tree.ts";
import { broken, hex, memoryTree, merkleTreeHash, numbered, numberedHashes } from "./tree-support.ts";

const SIZE_MAX = 64;
const sizes = Array.from({ length: SIZE_MAX }, (_, at) => at + 1);
const leaves = numberedHashes(SIZE_MAX + 2);
const { read } = memoryTree(leaves);
const roots = Array.from({ length: SIZE_MAX + 2 }, (_, size) => rootOf(size, read));
const rootAt = (size: number): Uint8Array => roots[size] ?? new Uint8Array();
const leafAt = (index: number): Uint8Array => leaves[index] ?? new Uint8Array();
const stranger = Buffer.alloc(32, 7);

/**
 * From the root to a leaf, the side that is entered and what height stands beside: two paths of one shape cannot be
 * told apart.
 */
function shapeOf(index: number, size: number): string {
  if (size <= 1) return "";
  let k = 1;
  while (k * 2 < size) k *= 2;
  return index < k ? `l${shapeOf(index, k)}` : `r${shapeOf(index - k, size - k)}`;
}

test("roots are those of the definition", () => {
  const entries = Array.from({ length: SIZE_MAX }, (_, index) => numbered(index));
  const defined = [0, ...sizes].map((size) => hex(merkleTreeHash(entries.slice(0, size))));
  expect([0, ...sizes].map((size) => hex(rootAt(size)))).toEqual(defined);
  expect(new Set(defined).size).toBe(SIZE_MAX + 1);
});

describe("an inclusion proof", () => {
  const cases = sizes.flatMap((size) => leaves.slice(0, size).map((leaf, index) => ({ leaf, index, size })));

  test("verifies for every leaf of every size", () => {
    const refused = cases.filter(
      ({ leaf, index, size }) => !verifyInclusion(leaf, index, size, inclusionProof(index, size, read), rootAt(size)),
    );
    expect(cases.length).toBe((SIZE_MAX * (SIZE_MAX + 1)) / 2);
    expect(refused).toEqual([]);
  });

  test("with any one hash altered, dropped, doubled or swapped is refused", () => {
    let tried = 0;
    const accepted = cases.flatMap(({ leaf, index, size }) =>
      broken(inclusionProof(index, size, read)).flatMap(([fault, proof]) => {
        tried += 1;
        return verifyInclusion(leaf, index, size, proof, rootAt(size)) ? [{ index, size, fault }] : [];
      }),
    );
    expect(tried).toBeGreaterThan(50_000);
    expect(accepted).toEqual([]);
  });

  test("for another leaf, index or root is refused", () => {
    const accepted = cases.filter(({ leaf, index, size }) => {
      const proof = inclusionProof(index, size, read);
      const root = rootAt(size);
      return (
        verifyInclusion(leaf, index - 1, size, proof, root) ||
        verifyInclusion(leaf, index + 1, size, proof, root) ||
        verifyInclusion(leafAt(index + 1), index, size, proof, root) ||
        verifyInclusion(stranger, index, size, proof, root) ||
        verifyInclusion(leaf, index, size, proof, rootAt(size - 1)) ||
        verifyInclusion(leaf, index, size, proof, rootAt(size + 1)) ||
        verifyInclusion(leaf, index, size, proof, stranger)
      );
    });
    expect(accepted).toEqual([]);
  });

  test("with the size and root of a neighbour is refused", () => {
    const accepted = cases.filter(({ leaf, index, size }) => {
      const proof = inclusionProof(index, size, read);
      return [size - 1, size + 1].some((other) => verifyInclusion(leaf, index, other, proof, rootAt(other)));
    });
    expect(accepted).toEqual([]);
  });

  test("with the size alone off by one is refused, save where the path to the leaf is the same", () => {
    const differs = cases.flatMap(({ leaf, index, size }) =>
      [size - 1, size + 1].filter((other) => {
        const accepted = verifyInclusion(leaf, index, other, inclusionProof(index, size, read), rootAt(size));
        return accepted !== (index < other && shapeOf(index, other) === shapeOf(index, size));
      }),
    );
    expect(differs).toEqual([]);
  });
});

describe("a consistency proof", () => {
  const cases = sizes.flatMap((size) => sizes.filter((old) => old <= size).map((old) => ({ old, size })));

  test("verifies for every two sizes", () => {
    const refused = cases.filter(
      ({ old, size }) => !verifyConsistency(old, rootAt(old), size, rootAt(size), consistencyProof(old, size, read)),
    );
    expect(cases.length).toBe((SIZE_MAX * (SIZE_MAX + 1)) / 2);
    expect(refused).toEqual([]);
  });

  test("with any one hash altered, dropped, doubled or swapped is refused", () => {
    let tried = 0;
    const accepted = cases.flatMap(({ old, size }) =>
      broken(consistencyProof(old, size, read)).flatMap(([fault, proof]) => {
        tried += 1;
        return verifyConsistency(old, rootAt(old), size, rootAt(size), proof) ? [{ old, size, fault }] : [];
      }),
    );
    expect(tried).toBeGreaterThan(50_000);
    expect(accepted).toEqual([]);
  });

  test("between other roots is refused", () => {
    const accepted = cases.filter(({ old, size }) => {
      const proof = consistencyProof(old, size, read);
      const holds = (oldRoot: Uint8Array, root: Uint8Array): boolean =>
        verifyConsistency(old, oldRoot, size, root, proof);
      return (
        holds(stranger, rootAt(size)) ||
        holds(rootAt(old), stranger) ||
        holds(rootAt(old - 1), rootAt(size)) ||
        holds(rootAt(old), rootAt(size + 1)) ||
        (old < size && (holds(rootAt(size), rootAt(old)) || holds(rootAt(size), rootAt(size))))
      );
    });
    expect(accepted).toEqual([]);
  });

  test("for an old size off by one is refused", () => {
    const accepted = cases.flatMap(({ old, size }) =>
      [old - 1, old + 1]
        .filter((other) => verifyConsistency(other, rootAt(old), size, rootAt(size), consistencyProof(old, size, read)))
        .map((other) => ({ old, other, size })),
    );
    expect(accepted).toEqual([]);
  });

  test("with the size and root of a neighbour is refused", () => {
    const accepted = cases.flatMap(({ old, size }) => {
      const proof = consistencyProof(old, size, read);
      return [size - 1, size + 1]
        .filter((other) => verifyConsistency(old, rootAt(old), other, rootAt(other), proof))
        .map((other) => ({ old, size, other }));
    });
    expect(accepted).toEqual([]);
  });

  test("from a tree that shrank is refused", () => {
    const accepted = cases.filter(
      ({ old, size }) =>
        old < size && verifyConsistency(size, rootAt(size), old, rootAt(old), consistencyProof(old, size, read)),
    );
    expect(accepted).toEqual([]);
  });
});

test("a log that changed one old leaf has no proof that it continues", () => {
  const forks = leaves.map((_, index) => memoryTree(leaves.with(index, stranger)).read);
  const accepted = forks.flatMap((fork, index) =>
    sizes
      .filter((old) => old > index)
      .filter((old) => {
        const size = SIZE_MAX + 1;
        return verifyConsistency(old, rootAt(old), size, rootOf(size, fork), consistencyProof(old, size, fork));
      }),
  );
  expect(accepted).toEqual([]);
});
