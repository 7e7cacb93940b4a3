/** The eight leaves whose roots and proofs the Certificate Transparency project published with RFC 6962. */
import { describe, expect, test } from "vitest";
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  nodeHash,
  rootOf,
  verifyConsistency,
  verifyInclusion,
} from "../../../../src/evidence/log/tree.ts";
import { hex, memoryTree, unhex } from "./tree-support.ts";

const LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS = [
  "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
  "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
  "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
  "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
  "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
  "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
  "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
  "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const INCLUSION = [
  { index: 0, size: 1, proof: [] },
  {
    index: 0,
    size: 8,
    proof: [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  },
  {
    index: 5,
    size: 8,
    proof: [
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
  { index: 2, size: 3, proof: ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"] },
  {
    index: 1,
    size: 5,
    proof: [
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  },
];
const CONSISTENCY = [
  { old: 1, size: 1, proof: [] },
  {
    old: 1,
    size: 8,
    proof: [
      "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
  },
  {
    old: 6,
    size: 8,
    proof: [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
  {
    old: 2,
    size: 5,
    proof: [
      "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
      "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
  },
  {
    old: 6,
    size: 7,
    proof: [
      "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
      "b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
      "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
  },
];

const leaves = LEAVES.map((leaf) => leafHash(unhex(leaf)));
const { read } = memoryTree(leaves);
const publishedRoot = (size: number): Uint8Array => unhex(ROOTS[size - 1] ?? "");

describe("the published tree of eight leaves", () => {
  test.each(ROOTS.map((root, at) => [at + 1, root] as const))("of size %i has its published root", (size, root) => {
    expect(hex(rootOf(size, read))).toBe(root);
  });

  test.each(INCLUSION)("includes leaf $index in size $size by the published proof", ({ index, size, proof }) => {
    expect(inclusionProof(index, size, read).map(hex)).toEqual(proof);
    const leaf = leafHash(unhex(LEAVES[index] ?? ""));
    expect(verifyInclusion(leaf, index, size, proof.map(unhex), publishedRoot(size))).toBe(true);
  });

  test.each(CONSISTENCY)("continues size $old in size $size by the published proof", ({ old, size, proof }) => {
    expect(consistencyProof(old, size, read).map(hex)).toEqual(proof);
    expect(verifyConsistency(old, publishedRoot(old), size, publishedRoot(size), proof.map(unhex))).toBe(true);
  });
});

describe("the edges of the tree", () => {
  const EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
  const nothing = (): never => {
    throw new Error("read of a hash");
  };

  test("the empty tree has the hash of nothing, and nothing is read for it", () => {
    expect(hex(rootOf(0, nothing))).toBe(EMPTY);
    expect(consistencyProof(0, 8, nothing)).toEqual([]);
    expect(consistencyProof(8, 8, nothing)).toEqual([]);
  });

  test("a leaf is not the node with the same bytes", () => {
    const [left, right] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)];
    expect(hex(nodeHash(left, right))).not.toBe(hex(leafHash(Buffer.concat([left, right]))));
  });

  test("every tree continues the empty one, which has one root and no proof", () => {
    const some = publishedRoot(8);
    expect(verifyConsistency(0, unhex(EMPTY), 8, some, [])).toBe(true);
    expect(verifyConsistency(0, unhex(EMPTY), 0, unhex(EMPTY), [])).toBe(true);
    expect(verifyConsistency(0, some, 8, some, [])).toBe(false);
    expect(verifyConsistency(0, unhex(EMPTY), 8, some, [some])).toBe(false);
    expect(verifyConsistency(0, some, 0, some, [])).toBe(false);
    expect(verifyConsistency(0, unhex(EMPTY), 0, some, [])).toBe(false);
  });

  test("a tree is consistent with itself without a proof, and with no other of its size", () => {
    const [a, b] = [publishedRoot(8), publishedRoot(7)];
    expect(verifyConsistency(8, a, 8, a, [])).toBe(true);
    expect(verifyConsistency(8, a, 8, b, [])).toBe(false);
    expect(verifyConsistency(8, a, 8, a, [a])).toBe(false);
  });

  test.each([-1, 0.5, Number.NaN, Infinity, 2 ** 53])("asked for a tree of %d, we stop: it is our bug", (wrong) => {
    expect(() => rootOf(wrong, read)).toThrow("assertion failed");
    expect(() => inclusionProof(0, wrong, read)).toThrow("assertion failed");
    expect(() => inclusionProof(wrong, 8, read)).toThrow("assertion failed");
    expect(() => consistencyProof(wrong, 8, read)).toThrow("assertion failed");
    expect(() => consistencyProof(1, wrong, read)).toThrow("assertion failed");
  });

  test("asked for a leaf beyond the end or a tree that shrank, we stop", () => {
    expect(() => inclusionProof(8, 8, read)).toThrow("assertion failed");
    expect(() => inclusionProof(0, 0, read)).toThrow("assertion failed");
    expect(() => consistencyProof(8, 7, read)).toThrow("assertion failed");
  });
});
