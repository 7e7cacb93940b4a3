/**
 * What a log asks of a witness, and how a witness judges it. https://c2sp.org/tlog-witness is followed. Whoever keeps the answers of
 * `readSubmission` and `contradictionOf` apart from what is cosigned cosigns a fork: the second is asked and the new checkpoint kept
 * in one turn.
 */
import { assert } from "../../core/assert.ts";
import { areEqual, base64 } from "../platform.ts";
import { type Checkpoint, exactDecimal, readCheckpoint } from "./checkpoint.ts";
import { exactBase64, NOTE_BYTES_MAX, openNote, type Verifier } from "./note.ts";
import { type Hash, rootOf, verifyConsistency } from "./tree.ts";

/** `old` is the size that the witness cosigned last, as far as the log knows; `proof` leads from there to the note's. */
export type AddCheckpoint = { readonly old: number; readonly proof: readonly Hash[]; readonly note: string };

/** A request that a log of ours signed: what it says of itself, and the text that a cosignature covers. */
export type Submission = AddCheckpoint & {
  readonly kind: "submission";
  readonly checkpoint: Checkpoint;
  readonly text: string;
};

/** The largest tree of a log that a witness has cosigned. */
export type Cosigned = Pick<Checkpoint, "size" | "root">;

export const witnessRefusals = {
  REQUEST_MALFORMED: { status: 400, says: "The request is no old size, proof and checkpoint." },
  ORIGIN_UNKNOWN: { status: 404, says: "This witness does not know that log." },
  SIGNATURE_UNKNOWN: { status: 403, says: "No key that this witness knows of that log signed the checkpoint." },
  OLD_SIZE_BEYOND: { status: 400, says: "The old size is beyond the checkpoint's." },
  OLD_SIZE_OTHER: { status: 409, says: "Another size of that log was cosigned last." },
  ROOT_OTHER: { status: 409, says: "Another root was cosigned for that size." },
  PROOF_INVALID: { status: 422, says: "The proof does not lead from what was cosigned last to the checkpoint." },
} as const satisfies Record<string, { readonly status: number; readonly says: string }>;

export type WitnessRefusal = { readonly kind: "refused"; readonly code: keyof typeof witnessRefusals };

const PROOF_LINES_MAX = 63;
/** The largest note, and everything above it. */
export const ADD_CHECKPOINT_BYTES_MAX = NOTE_BYTES_MAX + 4096;
const HASH_BYTES = 32;
/** No part can match in two ways, so matching is linear. */
const HEAD = /^old ([0-9]{1,16})\n((?:[^\n]{44}\n){0,63})\n/;

/** What a witness that never saw a log holds of it: every tree continues the empty one. */
export const nothingCosigned: Cosigned = {
  size: 0,
  root: rootOf(0, () => {
    throw new Error("the empty tree has no hashes");
  }),
};

export function writeAddCheckpoint({ old, proof, note }: AddCheckpoint): string {
  assert(Number.isSafeInteger(old) && old >= 0 && proof.length <= PROOF_LINES_MAX, "a request goes on from a size");
  const lines = proof.map((hash) => `${base64(hash)}\n`);
  return `old ${old}\n${lines.join("")}\n${note}`;
}

/** The parts of a request, of which nothing is checked. Undefined for bytes that `writeAddCheckpoint` would not write again. */
export function readAddCheckpoint(bytes: Uint8Array): AddCheckpoint | undefined {
  const text = bytes.length > ADD_CHECKPOINT_BYTES_MAX ? undefined : utf8(bytes);
  const head = text === undefined ? null : HEAD.exec(text);
  if (text === undefined || head === null) return undefined;
  const [above, size = "", hashes = ""] = head;
  const old = exactDecimal(size);
  const lines = hashes.split("\n").slice(0, -1);
  const proof = lines.map((line) => exactBase64(line, HASH_BYTES)).filter((hash) => hash !== undefined);
  if (old === undefined || proof.length !== lines.length) return undefined;
  return { old, proof, note: text.slice(above.length) };
}

/** Everything that can be said without knowing what was cosigned before. `keysOf` gives none for a log that is not known. */
export function readSubmission(
  bytes: Uint8Array,
  keysOf: (origin: string) => readonly Verifier[],
): Submission | WitnessRefusal {
  const request = readAddCheckpoint(bytes);
  if (request === undefined) return refused("REQUEST_MALFORMED");
  const origin = request.note.slice(0, Math.max(0, request.note.indexOf("\n")));
  const keys = keysOf(origin);
  if (keys.length === 0) return refused("ORIGIN_UNKNOWN");
  const opened = openNote(request.note, keys);
  if (opened.kind === "refused") return refused("SIGNATURE_UNKNOWN");
  const checkpoint = readCheckpoint(opened.text);
  if (checkpoint === undefined) return refused("REQUEST_MALFORMED");
  if (request.old > checkpoint.size) return refused("OLD_SIZE_BEYOND");
  return { ...request, kind: "submission", checkpoint, text: opened.text };
}

/** Why the checkpoint must not be cosigned after this one; undefined when it continues it. */
export function contradictionOf({ old, proof, checkpoint }: Submission, held: Cosigned): WitnessRefusal | undefined {
  if (old !== held.size) return refused("OLD_SIZE_OTHER");
  const { size, root } = checkpoint;
  if (size === held.size && !areEqual(root, held.root)) return refused("ROOT_OTHER");
  return verifyConsistency(held.size, held.root, size, root, proof) ? undefined : refused("PROOF_INVALID");
}

const refused = (code: WitnessRefusal["code"]): WitnessRefusal => ({ kind: "refused", code });

function utf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
