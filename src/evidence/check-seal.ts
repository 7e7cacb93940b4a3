/** Checks of the seal, the statement and the signature. */
import { atPointer, type IJsonObject } from "../core/json.ts";
import { amendmentIdOf } from "./amendment.ts";
import { canonical } from "../core/canonical.ts";
import { sealHash } from "./chain.ts";
import { preAuthEncoding, writeStatement } from "./dsse.ts";
import type { Envelope } from "./envelope.ts";
import type { Trusted } from "./check-checkpoint.ts";
import { areEqual, utf8 } from "./platform.ts";
import type { Finding } from "./verify-codes.ts";
import type { VerifyPolicy } from "./verify-policy.ts";

export function* checkIdentity({ kind, evidence_id, amends, execution }: Envelope): Iterable<Finding> {
  const fits =
    kind === "envelope"
      ? amends === null && execution.outcome !== "amended"
      : amends !== null &&
        amends.ordinal >= 1 &&
        amends.ordinal < 2 ** 32 &&
        (amends.ordinal > 1 || amends.prev_seal_hash === amends.seal_hash) &&
        execution.outcome === "amended" &&
        evidence_id === amendmentIdOf(amends.evidence_id, amends.ordinal);
  if (!fits) yield { code: "AMENDMENT_MISMATCH", at: "/amends" };
}

/** An amendment is about the envelope that it amends. */
export function* checkAmended({ amends, subject }: Envelope): Iterable<Finding> {
  if (amends === null) return;
  const { kind, id, source, anchored, meta } = subject;
  const isBase = kind === "evidence_envelope" && id === amends.evidence_id && source === "qoc";
  if (!isBase || anchored || meta.length > 0) yield { code: "AMENDMENT_MISMATCH", at: "/subject" };
}

export function* checkSeal(
  tree: IJsonObject,
  links: readonly string[],
  { integrity, ...document }: Envelope,
): Iterable<Finding> {
  const { seal, seal_hash, dsse } = integrity;
  if (!seal.origin.endsWith(`/${document.intent.trigger.workspace}`))
    yield { code: "SEAL_MISMATCH", at: "/integrity/seal/origin" };
  const same =
    seal.schema === document.schema && seal.evidence_id === document.evidence_id && seal.kind === document.kind;
  if (!same) yield { code: "SEAL_MISMATCH", at: "/integrity/seal" };
  const sealText = canonical(atPointer(tree, "/integrity/seal") ?? null);
  if (sealHash(sealText) !== seal_hash) yield { code: "SEAL_HASH_MISMATCH", at: "/integrity/seal_hash" };
  const statement = writeStatement(document.evidence_id, seal_hash, sealText, links);
  if (!areEqual(utf8(statement), dsse.payload)) yield { code: "STATEMENT_MISMATCH", at: "/integrity/dsse/payload" };
}

export function* checkOrigin({ integrity }: Envelope, expected: string | undefined, at: string): Iterable<Finding> {
  if (expected !== undefined && integrity.seal.origin !== expected) yield { code: "ORIGIN_UNEXPECTED", at };
}

export function* checkSignature(
  { integrity }: Envelope,
  trusted: readonly Trusted[],
  { keys = [] }: VerifyPolicy,
): Iterable<Finding> {
  const { payload, signatures } = integrity.dsse;
  const at = "/integrity/dsse/signatures";
  const signature = signatures.length === 1 ? signatures[0] : undefined;
  if (signature === undefined) {
    yield { code: "SIGNATURE_COUNT", at };
    return;
  }
  const key = trusted.find((candidate) => candidate.key.keyid === signature.keyid)?.key;
  if (keys.length === 0) yield { code: "KEY_NOT_GIVEN", at };
  else if (key === undefined) yield { code: "KEY_UNKNOWN", at: `${at}/0/keyid` };
  else if (!key.verifies(preAuthEncoding(payload), signature.sig))
    yield { code: "SIGNATURE_INVALID", at: `${at}/0/sig` };
}
