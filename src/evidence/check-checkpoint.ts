/** Checkpoints and what they include, as far as the keys that a reader trusts vouch for them. */
import type { KnownKey } from "./keys.ts";
import { exactDecimal, readCheckpoint } from "./log/checkpoint.ts";
import { openNote, verifierOf } from "./log/note.ts";
import type { LogProof } from "./log/proof.ts";
import { leafHash, verifyInclusion } from "./log/tree.ts";

/** A leaf's index in the log of one epoch. */
export type Place = { readonly epoch: number; readonly index: number };

/** A key that seals behind `from` and before `until`, the leaves that made it the desk's key and ended that; undefined when unknown. */
export type Trusted = { readonly key: KnownKey; readonly from: Place | undefined; readonly until: Place | undefined };

export type TrustedCheckpoint = {
  readonly name: string;
  readonly epoch: number;
  readonly size: number;
  readonly root: Uint8Array;
};

/** What can be the name of a note's key; other origins are of no log. */
const KEY_NAME = /^[!-*,-~]{1,256}$/;
const FIRST_SUCCESSOR = 2;

/** `origin` is that of the seals; the log's is `<origin>/log`, and `<origin>/log/<n>` from the second epoch on. Undefined for others. */
function epochOf(logOrigin: string, origin: string): number | undefined {
  if (!logOrigin.startsWith(`${origin}/log`)) return undefined;
  const rest = logOrigin.slice(`${origin}/log`.length);
  if (rest === "") return 1;
  const epoch = rest.startsWith("/") ? exactDecimal(rest.slice(1)) : undefined;
  return epoch === undefined || epoch < FIRST_SUCCESSOR ? undefined : epoch;
}

/** Undefined unless a key signed it that signed the checkpoints of that size, and no known key is named by a signature that is not its own. */
export function openCheckpoint(
  note: string,
  origin: string,
  trustedIn: (epoch: number) => readonly Trusted[],
): TrustedCheckpoint | undefined {
  const name = note.slice(0, Math.max(0, note.indexOf("\n")));
  const epoch = epochOf(name, origin);
  if (epoch === undefined || !KEY_NAME.test(name)) return undefined;
  const signers = trustedIn(epoch).map((trusted) => ({ trusted, verifier: verifierOf(name, trusted.key) }));
  const opened = openNote(
    note,
    signers.map(({ verifier }) => verifier),
  );
  const checkpoint = opened.kind === "note" ? readCheckpoint(opened.text) : undefined;
  if (checkpoint?.origin !== name) return undefined;
  const { size, root } = checkpoint;
  const inTime = signers.filter(({ trusted }) => signsAt(trusted, epoch, size));
  const isSigned =
    inTime.length === signers.length || inTime.some(({ verifier }) => openNote(note, [verifier]).kind === "note");
  return isSigned ? { name, epoch, size, root } : undefined;
}

/** The tree that ends with a key's leaf may be signed by the key before it and by the new one. */
function signsAt({ from, until }: Trusted, epoch: number, size: number): boolean {
  const begun = from === undefined || epoch > from.epoch || (epoch === from.epoch && size > from.index);
  const ended = until !== undefined && (epoch > until.epoch || (epoch === until.epoch && size > until.index + 1));
  return begun && !ended;
}

/** Whether a seal by this key may stand there. A later epoch logs again what was sealed before it, so there an ended key's may stand anywhere. */
export function sealsAt({ from, until }: Trusted, { epoch, index }: Place): boolean {
  const begun = from === undefined || epoch > from.epoch || (epoch === from.epoch && index > from.index);
  const ended = until !== undefined && epoch === until.epoch && index >= until.index;
  return begun && !ended;
}

/** The checkpoint under which the proof shows a leaf of these bytes at its index. */
export function includedIn(
  { index, hashes, checkpoint }: LogProof,
  leaf: Uint8Array,
  origin: string,
  trustedIn: (epoch: number) => readonly Trusted[],
): TrustedCheckpoint | undefined {
  const opened = openCheckpoint(checkpoint, origin, trustedIn);
  if (opened === undefined) return undefined;
  return verifyInclusion(leafHash(leaf), index, opened.size, hashes, opened.root) ? opened : undefined;
}
