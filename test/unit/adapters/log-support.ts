/** A log over the disk in memory, and what must be true of its files at any moment. */
import { createHash } from "node:crypto";
import { expect } from "vitest";
import { type EvidenceLog, openLog } from "../../../src/adapters/log-files.ts";
import type { LogDisk } from "../../../src/adapters/log-disk.ts";
import type { NewLeaf } from "../../../src/adapters/log-plan.ts";
import type { Clock } from "../../../src/engine/ports.ts";
import { type Checkpoint, readCheckpoint } from "../../../src/evidence/log/checkpoint.ts";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { type NoteSigner, openNote, readVkey, signerOf } from "../../../src/evidence/log/note.ts";
import { readProof } from "../../../src/evidence/log/proof.ts";
import { decodeEntries, entriesPath, readerOverTiles, tilePath } from "../../../src/evidence/log/tiles.ts";
import { leafHash, rootOf, verifyInclusion } from "../../../src/evidence/log/tree.ts";
import { privateKey } from "../evidence/support.ts";

export const ORIGIN = "localhost/equity-desk/log";
export const DIR = "/desk/.qoc/evidence/log";
export const SIGNED = "/desk/.qoc/log-state/signed";
export const LEAVES = "/desk/.qoc/log-state/leaves";
export const PUBLISHED = `${DIR}/checkpoint`;

export const signer = signerOf(ORIGIN, privateKey);
export const sealOf = (n: number): string => createHash("sha256").update(`seal ${n}`).digest("hex");
/** Leaves for the seals of so many numbers, from the first on. */
export const seals = (first: number, count: number): readonly NewLeaf[] =>
  Array.from({ length: count }, (_, n) => ({ kind: "seal", seal: sealOf(first + n) }));

/** Nobody waits: what is asked for after some time is called in the next turn. */
export const promptClock: Clock = {
  now: () => 0,
  wake: (_, call) => soon(call),
  after: (_, call) => soon(call),
};
function soon(call: () => void): () => void {
  let called = false;
  queueMicrotask(() => {
    if (!called) call();
  });
  return () => void (called = true);
}

export const openOn = (disk: LogDisk, over: { signer?: NoteSigner; clock?: Clock } = {}): Promise<EvidenceLog> =>
  openLog({ dir: DIR, origin: ORIGIN, signer, clock: promptClock, disk, ...over });

/** The checkpoint that a note says, when this desk signed it. */
export function checkpointOf(note: string | Uint8Array): Checkpoint {
  const verifier = readVkey(signer.vkey);
  const opened = openNote(note, verifier === undefined ? [] : [verifier]);
  const checkpoint = opened.kind === "note" ? readCheckpoint(opened.text) : undefined;
  if (checkpoint === undefined) throw new Error("not a checkpoint of this desk");
  return checkpoint;
}

/** Remembers every root that was ever signed, and says so when a size gets a second one. */
export function watchedSigner(): { readonly signer: NoteSigner; readonly forks: string[] } {
  const roots = new Map<string, string>();
  const forks: string[] = [];
  return {
    forks,
    signer: {
      ...signer,
      sign: (bytes) => {
        const [, size = "", root = ""] = Buffer.from(bytes).toString().split("\n");
        if ((roots.get(size) ?? root) !== root) forks.push(`size ${size} has two roots`);
        roots.set(size, root);
        return signer.sign(bytes);
      },
    },
  };
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

const hashes = new Map<string, string>();
/** The leaf hash of a seal, computed once. */
function hashOf(seal: string): string {
  const known = hashes.get(seal) ?? hex(leafHash(leafBytes({ kind: "seal", seal })));
  hashes.set(seal, known);
  return known;
}

type Files = ReadonlyMap<string, Uint8Array>;

/** Whoever is served these files can check all that they claim: nothing is published that is not signed, proved and there. */
export function expectWholeLog(files: Files, acknowledged: ReadonlyMap<string, number>): void {
  const note = files.get(PUBLISHED);
  if (note === undefined) {
    expect(acknowledged.size).toBe(0);
    return;
  }
  const published = checkpointOf(note);
  expect(checkpointOf(files.get(SIGNED) ?? "").size).toBeGreaterThanOrEqual(published.size);
  const fileAt = (path: string): Uint8Array => files.get(`${DIR}/${path}`) ?? new Uint8Array();
  const readTile = (level: number, index: number, width: number): Uint8Array => fileAt(tilePath(level, index, width));
  const read = readerOverTiles(published.size, readTile);
  expect(hex(rootOf(published.size, read))).toBe(hex(published.root));
  for (let index = 0; index * 256 < published.size; index += 1) {
    const width = Math.min(256, published.size - index * 256);
    const entries = decodeEntries(fileAt(entriesPath(index, width)), width) ?? [];
    expect(hex(Buffer.concat(entries.map(leafHash)))).toBe(hex(readTile(0, index, width)));
  }
  const isThere = ([seal, index]: readonly [string, number]): boolean =>
    index < published.size && hex(read(0, index)) === hashOf(seal);
  expect([...acknowledged].filter((each) => !isThere(each))).toEqual([]);
}

/** The receipt of a leaf as a stranger checks it. */
export function expectReceipt(log: EvidenceLog, leaf: Uint8Array, seal: string): void {
  const proof = readProof(log.proofOf(seal) ?? "");
  if (proof === undefined) throw new Error("no receipt");
  const { size, root } = checkpointOf(proof.checkpoint);
  expect(proof.index).toBe(log.indexOf(seal));
  expect(verifyInclusion(leafHash(leaf), proof.index, size, proof.hashes, root)).toBe(true);
}
