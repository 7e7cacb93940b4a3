/** Checks of what a transparency log says of a seal: the receipt, the key's time, the checkpoint that the reader held, witnesses. */
import type { Envelope } from "./envelope.ts";
import { includedIn, openCheckpoint, sealsAt, type Trusted, type TrustedCheckpoint } from "./check-checkpoint.ts";
import { leafBytes, readLeaf } from "./log/leaf.ts";
import { isCosigner, openNote, readVkey, type Verifier } from "./log/note.ts";
import { readProof, type LogProof } from "./log/proof.ts";
import { verifyConsistency } from "./log/tree.ts";
import type { Finding } from "./verify-codes.ts";
import type { Level, Logged, VerifyPolicy } from "./verify-policy.ts";

type Receipt = { readonly proof: LogProof; readonly checkpoint: TrustedCheckpoint };

export type LogCheck = {
  readonly logged: Logged | null;
  /** The names of the witnesses whose cosignatures verify. */
  readonly witnesses: readonly string[];
  /** The log goes on from the checkpoint that the reader held. */
  readonly continues: boolean;
  readonly findings: readonly Finding[];
  /** The seal stands where its key did not seal: its signature then counts for nothing. */
  readonly outOfRange: readonly Finding[];
};

/** `own` is the receipt that a pack holds; the one of the policy goes before it, but both must hold. */
export function checkLog(
  envelope: Envelope,
  trusted: readonly Trusted[],
  policy: VerifyPolicy,
  own: string | null = null,
): LogCheck {
  const given = [
    ...(policy.receipt === undefined ? [] : [{ text: policy.receipt, at: "receipt" }]),
    ...(own === null ? [] : [{ text: own, at: "/tlog_proof" }]),
  ];
  const findings: Finding[] = [];
  const outOfRange: Finding[] = [];
  const receipts = given.map(({ text, at }) => {
    const receipt = (policy.keys ?? []).length === 0 ? undefined : readReceipt(text, envelope, trusted);
    if ((policy.keys ?? []).length === 0) findings.push({ code: "LOG_PROOF_UNCHECKED", at });
    else if (receipt === undefined) findings.push({ code: "LOG_PROOF_INVALID", at });
    else if (!isInRange(envelope, receipt, trusted)) outOfRange.push({ code: "KEY_OUT_OF_RANGE", at });
    return receipt;
  });
  const [receipt] = receipts;
  const consistency = checkHeld(envelope.integrity.seal.origin, receipt, trusted, policy);
  const cosigned = checkWitnesses(receipt, policy);
  return {
    logged: receipt === undefined ? null : { index: receipt.proof.index, size: receipt.checkpoint.size },
    witnesses: cosigned.names,
    continues: policy.held !== undefined && consistency.length === 0,
    findings: [...findings, ...consistency, ...cosigned.findings],
    outOfRange,
  };
}

/** `E2` and what the log adds to it. */
export function levelOf({ logged, continues }: LogCheck): Level {
  if (logged === null) return "E2";
  return continues ? "E4" : "E3";
}

function readReceipt(text: string, envelope: Envelope, trusted: readonly Trusted[]): Receipt | undefined {
  const proof = readProof(text);
  const leaf = proof === undefined ? undefined : leafOf(proof, envelope);
  if (proof === undefined || leaf === undefined) return undefined;
  const checkpoint = includedIn(proof, leaf, envelope.integrity.seal.origin, () => trusted);
  return checkpoint === undefined ? undefined : { proof, checkpoint };
}

/** Rebuilt from the seal. An amendment's leaf names the index of its base, which only the receipt tells: it brings the leaf itself. */
function leafOf({ extra }: LogProof, { kind, integrity }: Envelope): Uint8Array | undefined {
  const seal = integrity.seal_hash;
  if (kind === "envelope") return extra === undefined ? leafBytes({ kind: "seal", seal }) : undefined;
  const leaf = extra === undefined ? undefined : readLeaf(extra);
  return leaf?.kind === "amendment" && leaf.seal === seal ? extra : undefined;
}

function isInRange({ integrity }: Envelope, { proof, checkpoint }: Receipt, trusted: readonly Trusted[]): boolean {
  const keyid = integrity.dsse.signatures[0]?.keyid;
  const signer = trusted.find(({ key }) => key.keyid === keyid);
  return signer === undefined || sealsAt(signer, { epoch: checkpoint.epoch, index: proof.index });
}

function checkHeld(
  origin: string,
  receipt: Receipt | undefined,
  trusted: readonly Trusted[],
  { held }: VerifyPolicy,
): readonly Finding[] {
  if (held === undefined) return [];
  const at = "held checkpoint";
  if (receipt === undefined) return [{ code: "CHECKPOINT_INCONSISTENT", at }];
  const before = openCheckpoint(held.checkpoint, origin, () => trusted);
  const { name, size, root } = receipt.checkpoint;
  if (before?.name !== name) return [{ code: "CHECKPOINT_UNUSABLE", at }];
  return verifyConsistency(before.size, before.root, size, root, held.consistency)
    ? []
    : [{ code: "CHECKPOINT_INCONSISTENT", at }];
}

function checkWitnesses(receipt: Receipt | undefined, { witnesses = [], witnessesMin }: VerifyPolicy) {
  const findings: Finding[] = [];
  const asked: Verifier[] = [];
  for (const [index, vkey] of witnesses.entries()) {
    const witness = readVkey(vkey);
    if (witness === undefined || !isCosigner(witness))
      findings.push({ code: "KEY_UNUSABLE", at: `witness ${index + 1}` });
    else if (asked.every((other) => keyIn(other) !== keyIn(witness))) asked.push(witness);
  }
  // Each is asked alone: a cosignature that does not verify takes nothing from the others.
  const note = receipt?.proof.checkpoint;
  const signed = note === undefined ? [] : asked.filter((witness) => openNote(note, [witness]).kind === "note");
  if (signed.length < (witnessesMin ?? (witnesses.length === 0 ? 0 : 1)))
    findings.push({ code: "WITNESSES_MISSING", at: `${signed.length} signed` });
  return { names: signed.map(({ name }) => name), findings };
}

/** The name is not signed, so one key is one witness. */
const keyIn = ({ vkey }: Verifier): string => vkey.split("+").slice(2).join("+");
