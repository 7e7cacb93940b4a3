/**
 * Receipts: an entry's index, its inclusion proof and the signed checkpoint that the proof leads to, in one text that
 * verifies offline. https://c2sp.org/tlog-proof is followed. Such files end in `.tlog-proof`.
 */
import { assert } from "../../core/assert.ts";
import { base64 } from "../platform.ts";
import { exactDecimal } from "./checkpoint.ts";
import { exactBase64, NOTE_BYTES_MAX } from "./note.ts";

/**
 * `hashes` lead from the leaf's sibling up to a child of the root, as RFC 6962, 2.1.1 orders them. `checkpoint` is the
 * whole signed note, verbatim. `extra` is signed by nobody: never believe it.
 */
export type LogProof = {
  readonly index: number;
  readonly hashes: readonly Uint8Array[];
  readonly checkpoint: string;
  readonly extra?: Uint8Array;
};

export const PROOF_CHARS_MAX = 2 * NOTE_BYTES_MAX;
/** The height of a tree of 2^63 leaves. */
const HASHES_MAX = 63;
const HASH_BYTES = 32;
const HEADER = "c2sp.org/tlog-proof@v1";
/** Everything above the checkpoint, the empty line included. No part can match in two ways, so matching is linear. */
const HEAD = /^c2sp\.org\/tlog-proof@v1\n(?:extra ([^\n]+)\n)?index ([0-9]+)\n((?:[^\n]{44}\n){0,63})\n/;

/**
 * Empty extra data is written as none.
 * @throws for an index that is no count, hashes that are not 32 bytes, or no checkpoint.
 */
export function writeProof({ index, hashes, checkpoint, extra }: LogProof): string {
  assert(Number.isSafeInteger(index) && index >= 0, "an index is a count");
  assert(hashes.length <= HASHES_MAX && hashes.every((hash) => hash.length === HASH_BYTES), "a proof is of hashes");
  assert(isNote(checkpoint), "a checkpoint is a note");
  const lines = [
    HEADER,
    ...(extra === undefined || extra.length === 0 ? [] : [`extra ${base64(extra)}`]),
    `index ${index}`,
    ...hashes.map(base64),
  ];
  const proof = `${lines.join("\n")}\n\n${checkpoint}`;
  assert(proof.length <= PROOF_CHARS_MAX, `a proof has at most ${PROOF_CHARS_MAX} characters`);
  return proof;
}

/**
 * The parts of a proof: nothing of it is verified. Undefined for a text that `writeProof` would not write again; the
 * checkpoint may be any lines, and opening it as a note judges them.
 */
export function readProof(text: string): LogProof | undefined {
  const head = text.length > PROOF_CHARS_MAX ? null : HEAD.exec(text);
  if (head === null) return undefined;
  const [above, extraText, indexText = "", hashLines = ""] = head;
  const checkpoint = text.slice(above.length);
  const index = exactDecimal(indexText);
  const extra = extraText === undefined ? undefined : exactBase64(extraText);
  const lines = hashLines.split("\n").slice(0, -1);
  const hashes = lines.map((line) => exactBase64(line, HASH_BYTES)).filter((hash) => hash !== undefined);
  if (index === undefined || hashes.length !== lines.length || !isNote(checkpoint)) return undefined;
  if (extraText === undefined) return { index, hashes, checkpoint };
  return extra === undefined ? undefined : { index, hashes, checkpoint, extra };
}

/** As far as a proof is concerned: whole lines, and some. */
const isNote = (checkpoint: string): boolean => checkpoint.length > 1 && checkpoint.endsWith("\n");
