/**
 * Trees to test on: one written as RFC 6962 defines it, one in memory, and one of any size in which most leaves are
 * alike.
 */
import { createHash } from "node:crypto";
import { leafHash, nodeHash, type Hash, type HashReader } from "../../../../src/evidence/log/tree.ts";

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const unhex = (text: string): Uint8Array => Buffer.from(text, "hex");

export const numbered = (index: number): Uint8Array => Buffer.from(`leaf ${index}`);
export const numberedHashes = (size: number): readonly Hash[] =>
  Array.from({ length: size }, (_, index) => leafHash(numbered(index)));

/** MTH of RFC 6962, 2.1, as it is written there and by another road to SHA-256. */
export function merkleTreeHash(entries: readonly Uint8Array[]): Hash {
  const [first] = entries;
  if (first === undefined) return createHash("sha256").digest();
  if (entries.length === 1) return createHash("sha256").update("\0").update(first).digest();
  let k = 1;
  while (k * 2 < entries.length) k *= 2;
  return createHash("sha256")
    .update("\u0001")
    .update(merkleTreeHash(entries.slice(0, k)))
    .update(merkleTreeHash(entries.slice(k)))
    .digest();
}

/** A reader that throws for what is not complete. */
export function memoryTree(leaves: readonly Hash[]): { readonly read: HashReader } {
  const rows: Hash[][] = [[...leaves]];
  for (let row = rows[0] ?? []; row.length > 1; rows.push(row))
    row = row.flatMap((right, at) => (at % 2 === 1 ? [nodeHash(row[at - 1] ?? right, right)] : []));
  const read: HashReader = (level, index) => {
    const found = rows[level]?.[index];
    if (found === undefined) throw new Error(`no hash ${index} of level ${level}`);
    return found;
  };
  return { read };
}

/** A tree without end whose leaves are alike, save the `marked` ones. */
export function sparseTree(marked: readonly number[]): { readonly read: HashReader; readonly leaf: Hash } {
  const alike = [leafHash(Buffer.from("alike"))];
  for (let level = 0, hash = alike[0]; level < 53 && hash !== undefined; level += 1) {
    hash = nodeHash(hash, hash);
    alike.push(hash);
  }
  const leaf = leafHash(Buffer.from("marked"));
  const read: HashReader = (level, index) => {
    const [start, end] = [index * 2 ** level, (index + 1) * 2 ** level];
    const common = alike[level];
    if (common === undefined) throw new Error(`no level ${level}`);
    if (!marked.some((at) => at >= start && at < end)) return common;
    return level === 0 ? leaf : nodeHash(read(level - 1, index * 2), read(level - 1, index * 2 + 1));
  };
  return { read, leaf };
}

/** Every way in which one hash of a proof can go wrong, by name. */
export function broken(proof: readonly Hash[]): readonly (readonly [fault: string, proof: readonly Hash[]])[] {
  const stranger = Buffer.alloc(32, 7);
  return [
    ...proof.flatMap((hash, at) => {
      const flipped = Uint8Array.from(hash);
      flipped[at % 32] = (flipped[at % 32] ?? 0) ^ (1 << (at % 8));
      const next = proof[at + 1];
      const swapped = next === undefined ? [] : [proof.with(at, next).with(at + 1, hash)];
      return [
        [`hash ${at} altered`, proof.with(at, flipped)] as const,
        [`hash ${at} dropped`, proof.toSpliced(at, 1)] as const,
        [`hash ${at} doubled`, proof.toSpliced(at, 0, hash)] as const,
        [`hash ${at} cut short`, proof.with(at, hash.subarray(0, 31))] as const,
        [`hash ${at} too long`, proof.with(at, Buffer.concat([hash, Uint8Array.of(0)]))] as const,
        ...swapped.map((wrong) => [`hashes ${at} and ${at + 1} swapped`, wrong] as const),
      ];
    }),
    ["a hash before", [stranger, ...proof]],
    ["a hash behind", [...proof, stranger]],
    ["nothing behind", [...proof, new Uint8Array()]],
  ];
}
