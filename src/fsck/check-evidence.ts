/** What was sealed of one run: sealed again from its journal, it must come out as it lies there. */
import { join } from "node:path";
import { amendmentParts, envelopeParts, type SealParts } from "../desk/seal-parts.ts";
import { erasedSeals, sealsTold } from "../adapters/log-known.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import { amendmentIdOf } from "../evidence/amendment.ts";
import type { Signer } from "../evidence/dsse.ts";
import { textIn } from "../evidence/journal.ts";
import type { KnownKey } from "../evidence/keys.ts";
import { markOf } from "../evidence/log/mark.ts";
import { seal } from "../evidence/seal.ts";
import { checkErased } from "./check-erased.ts";
import { checkReceipt, type ReceiptCheckpoint, type ReceiptWorld } from "./check-receipt.ts";
import { birthOfActor, type Actor } from "./check-rows.ts";
import type { Finding } from "./findings.ts";
import { bytesOf } from "./small-file.ts";

export type EvidenceWorld = ReceiptWorld & {
  /** The desk's folder, and the one of its evidence. */
  readonly dir: string;
  readonly evidence: string;
  /** The desk's keys, the present one and those before it. */
  readonly keys: readonly KnownKey[];
  /** Of the present key; undefined where its private half cannot be read. */
  readonly signer: Signer | undefined;
};

/** A leaf that the log must have, or that it may have by now. `key`: what the leaf is known by, or the seal whose erasure it says. */
export type Claim = { readonly key: string; readonly kind: "seal" | "received" | "erasure"; readonly isDue: boolean };

export type EvidenceFacts = {
  readonly claims: readonly Claim[];
  /** Evidence ids whose files are accounted for. */
  readonly files: readonly string[];
  /** Checkpoints that receipts lead to. */
  readonly checkpoints: readonly ReceiptCheckpoint[];
};

type Facts = { readonly claims: Claim[]; readonly files: string[]; readonly checkpoints: ReceiptCheckpoint[] };
type Found = (finding: Finding) => void;

export function checkEvidence({ record, journal }: Actor, world: EvidenceWorld, found: Found): EvidenceFacts {
  const facts: Facts = { claims: [], files: [], checkpoints: [] };
  const [first] = journal;
  if (first?.event === "ERASED") {
    checkErased(first.data, world, facts.files, found);
    const mark = textIn(first.data, "mark");
    if (mark !== undefined) facts.claims.push({ key: mark, kind: "received", isDue: false });
    for (const key of erasedSeals(first.data))
      facts.claims.push({ key, kind: "seal", isDue: true }, { key, kind: "erasure", isDue: true });
    return facts;
  }
  const birth = birthOfActor(record, journal);
  if (birth === undefined) return facts;
  const key = markOf(Buffer.from(birth.disclosure_key, "base64url"), birth.evidence_id);
  facts.claims.push({ key, kind: "received", isDue: false });
  if (first !== undefined) checkSealed(record, journal, world, facts, found);
  return facts;
}

function checkSealed(
  record: ActorRecord,
  journal: readonly Entry[],
  world: EvidenceWorld,
  facts: Facts,
  found: Found,
): void {
  const parts = envelopeParts(record, journal);
  if (parts === undefined) return;
  const told = sealsTold(journal);
  const [base] = told;
  const hash = checkOne(record, parts, base, world, facts, found);
  let prev = base ?? hash;
  for (let ordinal = 1; ; ordinal += 1) {
    const amendment = amendmentParts(record, journal, { ordinal, seal_hash: base ?? hash, prev_seal_hash: prev });
    if (amendment === undefined) return;
    prev = checkOne(record, amendment, told[ordinal], world, facts, found);
  }
}

/** Gives the seal hash. One that the run was not told of may be there already, or not yet. */
function checkOne(
  record: ActorRecord,
  parts: SealParts,
  told: string | undefined,
  world: EvidenceWorld,
  facts: Facts,
  found: Found,
): string {
  const isErasing = record.state.startsWith("erasing");
  const { evidence_id, seal_hash, file, isSame, isSigned } = sealedAgain(parts, world);
  const at = `.qoc/evidence/${evidence_id}.json`;
  facts.files.push(evidence_id);
  facts.claims.push({ key: seal_hash, kind: "seal", isDue: told !== undefined });
  if (isErasing) facts.claims.push({ key: seal_hash, kind: "erasure", isDue: false });
  if (told !== undefined && told !== seal_hash)
    found({ code: "SEAL_DIFFERS", at: record.address, detail: evidence_id });
  if (file === undefined) {
    if (told !== undefined && !isErasing) found({ code: "ENVELOPE_MISSING", at, detail: record.address });
  } else if (!isSame) found({ code: "ENVELOPE_CHANGED", at, detail: record.address });
  else if (!isSigned) found({ code: "ENVELOPE_SIGNATURE_INVALID", at, detail: record.address });
  if (told !== undefined && !isErasing) {
    const checkpoint = checkReceipt({ evidence_id, seal_hash, isAmendment: parts.amends !== null }, world, found);
    if (checkpoint !== undefined) facts.checkpoints.push(checkpoint);
  }
  return seal_hash;
}

type Again = {
  readonly evidence_id: string;
  readonly seal_hash: string;
  readonly file: Uint8Array | undefined;
  readonly isSame: boolean;
  readonly isSigned: boolean;
};

const UNREADABLE = { keyid: "0".repeat(64), signature: new Uint8Array(64) };

/**
 * Signed anew where the key is at hand: Ed25519 gives the same signature for the same bytes, so one comparison says all. A key that is
 * retired cannot sign again. There the file's own signature is put where a new one would stand: what remains is that it is the signature of
 * these very bytes by a key of this desk.
 */
function sealedAgain(parts: SealParts, world: EvidenceWorld): Again {
  const { evidence, signer } = world;
  const file = bytesOf(join(evidence, `${sealedId(parts)}.json`));
  if (signer !== undefined) {
    const { evidence_id, seal_hash, bytes } = seal(parts, signer);
    const isSame = file !== undefined && Buffer.compare(file, bytes) === 0;
    if (isSame) return { evidence_id, seal_hash, file, isSame, isSigned: true };
  }
  return sealedWithItsOwn(parts, file, world);
}

function sealedWithItsOwn(parts: SealParts, file: Uint8Array | undefined, { keys }: EvidenceWorld): Again {
  const { keyid, signature } = (file && signatureIn(file)) ?? UNREADABLE;
  let signed: Uint8Array = new Uint8Array();
  const own: Signer = {
    keyid,
    sign: (bytes) => {
      signed = bytes;
      return signature;
    },
  };
  const { evidence_id, seal_hash, bytes } = seal(parts, own);
  const isSame = file !== undefined && Buffer.compare(file, bytes) === 0;
  const isSigned = isSame && keys.some((key) => key.keyid === keyid && key.verifies(signed, signature));
  return { evidence_id, seal_hash, file, isSame, isSigned };
}

const sealedId = ({ birth, amends }: SealParts): string =>
  amends === null ? birth.evidence_id : amendmentIdOf(birth.evidence_id, amends.ordinal);

/** Where the document has its one signature: a text with quotes in it stands nowhere else in JSON. */
const SIGNATURE = /"signatures":\[\{"keyid":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/]{86}==)"\}\]/;

function signatureIn(file: Uint8Array): { readonly keyid: string; readonly signature: Uint8Array } | undefined {
  const [, keyid, sig] = SIGNATURE.exec(Buffer.from(file).toString("latin1")) ?? [];
  return keyid === undefined || sig === undefined ? undefined : { keyid, signature: Buffer.from(sig, "base64") };
}
