/**
 * The Merkle tree of RFC 6962, section 2, in the words of RFC 9162, section 2.1. Arithmetic on doubles, no bit
 * operators: sizes go up to 2^53 - 1. What makes roots and proofs reads hashes of complete subtrees; what checks them
 * is for a stranger's bytes and gives a verdict.
 */
import { assert } from "../../core/assert.ts";
import { areEqual, concat, sha256 as sha256Of } from "../platform.ts";

/** 32 bytes. */
export type Hash = Uint8Array;
/**
 * The hash of the complete subtree of 2^level leaves that has `index` such subtrees to its left.
 * @throws when there is none: a bug of ours, or a damaged log.
 */
export type HashReader = (level: number, index: number) => Hash;

const HASH_BYTES = 32;
/** What keeps a node from standing for a leaf. */
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

const sha256 = (...parts: readonly Uint8Array[]): Hash => sha256Of(concat(...parts));
const EMPTY = sha256();

export const leafHash = (bytes: Uint8Array): Hash => sha256(LEAF, bytes);
export const nodeHash = (left: Hash, right: Hash): Hash => sha256(NODE, left, right);

export function rootOf(size: number, read: HashReader): Hash {
  assert(isCount(size), "a tree has a whole number of leaves");
  return size === 0 ? EMPTY : subtreeHash(0, size, read);
}

/** RFC 9162, 2.1.3.1: what to hash a leaf with, from the leaf upwards. */
export function inclusionProof(index: number, size: number, read: HashReader): readonly Hash[] {
  assert(isCount(index) && isCount(size) && index < size, "a proof is for a leaf of the tree");
  return descend(index, size, read, (start, end) => end - start === 1).beside;
}

/** RFC 9162, 2.1.4.1. Every tree is consistent with the empty one, and with itself: the proof is empty. */
export function consistencyProof(oldSize: number, size: number, read: HashReader): readonly Hash[] {
  assert(isCount(oldSize) && isCount(size) && oldSize <= size, "a tree only grows");
  if (oldSize === 0) return [];
  const { start, end, beside } = descend(oldSize - 1, size, read, (_, subtreeEnd) => subtreeEnd === oldSize);
  // A subtree that begins at the first leaf is the old tree itself, whose root the verifier has.
  return start === 0 ? beside : [subtreeHash(start, end, read), ...beside];
}

/**
 * RFC 9162, 2.1.3.2. The size is bound by the root alone: sizes in which the leaf's path has one shape are not told
 * apart.
 */
export function verifyInclusion(leaf: Hash, index: number, size: number, proof: readonly Hash[], root: Hash): boolean {
  if (!isCount(index) || !isCount(size) || index >= size) return false;
  const sides = sidesOf(index, size - 1);
  if (proof.length !== sides.length || ![leaf, root, ...proof].every(isHash)) return false;
  return same(climb(leaf, proof, sides), root);
}

/** RFC 9162, 2.1.4.2. The empty tree has one root only, and no proof is needed that another tree continues it. */
export function verifyConsistency(
  oldSize: number,
  oldRoot: Hash,
  size: number,
  root: Hash,
  proof: readonly Hash[],
): boolean {
  if (!isCount(oldSize) || !isCount(size) || oldSize > size || !isHash(oldRoot) || !isHash(root)) return false;
  if (size === 0 && !same(root, EMPTY)) return false;
  if (oldSize === size) return proof.length === 0 && same(oldRoot, root);
  if (oldSize === 0) return proof.length === 0 && same(oldRoot, EMPTY);
  // The largest complete subtree that ends with the old tree: both roots are reached from it.
  let node = oldSize - 1;
  let last = size - 1;
  while (isOdd(node)) [node, last] = [half(node), half(last)];
  const sides = sidesOf(node, last);
  const [seed, ...beside] = node === 0 ? [oldRoot, ...proof] : proof;
  if (seed === undefined || beside.length !== sides.length || !proof.every(isHash)) return false;
  const ofOld = beside.filter((_, at) => sides[at] === "left").reduce((at, other) => nodeHash(other, at), seed);
  return same(ofOld, oldRoot) && same(climb(seed, beside, sides), root);
}

/** On which side of the way up the other hash stands. */
type Side = "left" | "right";

/**
 * The sides from a node up to the root, where `last` is the rightmost node of its level. A lone rightmost node climbs
 * without a hash.
 */
function sidesOf(node: number, last: number): readonly Side[] {
  const sides: Side[] = [];
  for (let [at, end] = [node, last]; end > 0; [at, end] = [half(at), half(end)]) {
    if (isOdd(at)) sides.push("left");
    else if (at < end) sides.push("right");
  }
  return sides;
}

const climb = (from: Hash, beside: readonly Hash[], sides: readonly Side[]): Hash =>
  beside.reduce((at, other, level) => (sides[level] === "left" ? nodeHash(other, at) : nodeHash(at, other)), from);

type Place = { readonly start: number; readonly end: number; readonly beside: readonly Hash[] };

/**
 * From the root towards a leaf, down to the first subtree that `isThere`. `beside` are the subtrees not entered, the
 * lowest first.
 */
function descend(
  leaf: number,
  size: number,
  read: HashReader,
  isThere: (start: number, end: number) => boolean,
): Place {
  const beside: Hash[] = [];
  let [start, end] = [0, size];
  while (!isThere(start, end)) {
    const middle = start + 2 ** (heightOf(end - start) - 1);
    beside.push(leaf < middle ? subtreeHash(middle, end, read) : subtreeHash(start, middle, read));
    if (leaf < middle) end = middle;
    else start = middle;
  }
  return { start, end, beside: beside.toReversed() };
}

/** MTH(D[start:end]) of RFC 9162, 2.1.1, for the ranges that its splits make. */
function subtreeHash(start: number, end: number, read: HashReader): Hash {
  const height = heightOf(end - start);
  if (end - start === 2 ** height) return read(height, start / 2 ** height);
  const middle = start + 2 ** (height - 1);
  return nodeHash(subtreeHash(start, middle, read), subtreeHash(middle, end, read));
}

/** The lowest tree that holds so many leaves. */
function heightOf(leaves: number): number {
  let height = 0;
  while (2 ** height < leaves) height += 1;
  return height;
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;
const isHash = (bytes: Uint8Array): boolean => bytes.length === HASH_BYTES;
const isOdd = (value: number): boolean => value % 2 === 1;
const half = (value: number): number => Math.floor(value / 2);
const same = (a: Hash, b: Hash): boolean => areEqual(a, b);
