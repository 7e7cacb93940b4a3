/** Logs with two histories, and a witness that is asked about them. */
import type { KeyObject } from "node:crypto";
import type { LogDisk } from "../../../src/adapters/log-disk.ts";
import { writeAddCheckpoint } from "../../../src/evidence/log/add-checkpoint.ts";
import { type Checkpoint, readCheckpoint, writeCheckpoint } from "../../../src/evidence/log/checkpoint.ts";
import { cosignerOf, openNote, readVkey, signerOf, signNote, type Verifier } from "../../../src/evidence/log/note.ts";
import { consistencyProof, type Hash, leafHash, rootOf } from "../../../src/evidence/log/tree.ts";
import { openMemory, type WitnessMemory } from "../../../src/witness/memory.ts";
import { createWitness, type Witness } from "../../../src/witness/witness.ts";
import { keyOf } from "../evidence/log/note-vectors.ts";
import { memoryTree } from "../evidence/log/tree-support.ts";

export const LOG = "localhost/equity-desk/log";
export const WITNESS = "witness.example/w1";
const NOW_S = 1_780_000_000;

export function verifierOf(vkey: string): Verifier {
  const verifier = readVkey(vkey);
  if (verifier === undefined) throw new Error(`${vkey} is no vkey`);
  return verifier;
}

export const logKey = keyOf(21);
export const logSigner = signerOf(LOG, logKey);
export const witnessKey = keyOf(22);
export const witnessVerifier = verifierOf(cosignerOf(WITNESS, witnessKey, 0).vkey);

export type History = {
  readonly root: (size: number) => Hash;
  readonly note: (size: number) => string;
  readonly proof: (old: number, size: number) => readonly Hash[];
  /** The body of a request to go on from one size to another. */
  readonly request: (old: number, size: number) => Buffer;
};

/** Leaves of this name from `forkedAt` on; before it, those that all histories share. */
export function historyOf(name: string, forkedAt: number, sizeMax: number, key: KeyObject = logKey): History {
  const hashes = Array.from({ length: sizeMax }, (_, n) =>
    leafHash(Buffer.from(n < forkedAt ? `leaf ${n}` : `leaf ${n} of ${name}`)),
  );
  const { read } = memoryTree(hashes);
  const signer = signerOf(LOG, key);
  const root = (size: number): Hash => rootOf(size, read);
  const note = (size: number): string => signNote(writeCheckpoint({ origin: LOG, size, root: root(size) }), [signer]);
  const proof = (old: number, size: number): readonly Hash[] => consistencyProof(old, size, read);
  return {
    root,
    note,
    proof,
    request: (old, size) => Buffer.from(writeAddCheckpoint({ old, proof: proof(old, size), note: note(size) })),
  };
}

export type AskedWitness = {
  readonly ask: Witness;
  readonly memory: WitnessMemory;
  /** What it complained of. */
  readonly complaints: string[];
};

export const FOLDER = "/desk/witness";

/** Knows one log by one key. */
export function witnessOn(disk: LogDisk, folder = FOLDER): AskedWitness {
  const memory = openMemory(folder, disk);
  const complaints: string[] = [];
  const ask = createWitness({
    keysOf: (origin) => (origin === LOG ? [verifierOf(logSigner.vkey)] : []),
    memory,
    cosigner: (nowSeconds) => cosignerOf(WITNESS, witnessKey, nowSeconds),
    nowSeconds: () => NOW_S,
    complain: (says) => complaints.push(says),
  });
  return { ask, memory, complaints };
}

/** The checkpoint that a line of the witness's is a cosignature of. */
export function cosignedIn(request: Uint8Array, line: string): Checkpoint | undefined {
  const text = Buffer.from(request).toString();
  const note = text.slice(text.indexOf("\n\n") + 2);
  const opened = openNote(`${note.slice(0, note.lastIndexOf("\n\n") + 2)}${line}`, [witnessVerifier]);
  return opened.kind === "note" ? readCheckpoint(opened.text) : undefined;
}
