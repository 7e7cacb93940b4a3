/** Checks of the seal, the statement and the signature. */
import { atPointer, type IJsonObject } from "../core/json.ts";
import { amendmentIdOf } from "./amendment.ts";
import { canonical } from "../core/canonical.ts";
import { sealHash } from "./chain.ts";
import { preAuthEncoding, writeStatement } from "./dsse.ts";
import type { Envelope } from "./envelope.ts";
import type { KnownKey } from "./keys.ts";
import type { Finding } from "./verify-codes.ts";

/** A key as the reader gave it; undefined for what turned out to be none. */
type MaybeKey = KnownKey | undefined;

export function* checkIdentity({ kind, evidence_id, amends, execution }: Envelope): Iterable<Finding> {
  const fits =
    kind === "envelope"
      ? amends === null && execution.outcome !== "amended"
      : amends !== null &&
        amends.ordinal >= 1 &&
        amends.ordinal < 2 ** 32 &&
        execution.outcome === "amended" &&
        evidence_id === amendmentIdOf(amends.evidence_id, amends.ordinal);
  if (!fits) yield { code: "AMENDMENT_MISMATCH", at: "/amends" };
}

export function* checkSeal(
  tree: IJsonObject,
  links: readonly string[],
  { integrity, ...document }: Envelope,
): Iterable<Finding> {
  const { seal, seal_hash, dsse } = integrity;
  const same =
    seal.schema === document.schema && seal.evidence_id === document.evidence_id && seal.kind === document.kind;
  if (!same) yield { code: "SEAL_MISMATCH", at: "/integrity/seal" };
  const sealText = canonical(atPointer(tree, "/integrity/seal") ?? null);
  if (sealHash(sealText) !== seal_hash) yield { code: "SEAL_HASH_MISMATCH", at: "/integrity/seal_hash" };
  const statement = writeStatement(document.evidence_id, seal_hash, sealText, links);
  if (!Buffer.from(statement).equals(dsse.payload)) yield { code: "STATEMENT_MISMATCH", at: "/integrity/dsse/payload" };
}

export function* checkSignature({ integrity }: Envelope, keys: readonly MaybeKey[]): Iterable<Finding> {
  const { payload, signatures } = integrity.dsse;
  const at = "/integrity/dsse/signatures";
  const signature = signatures.length === 1 ? signatures[0] : undefined;
  if (signature === undefined) {
    yield { code: "SIGNATURE_COUNT", at };
    return;
  }
  const key = keys.find((candidate) => candidate?.keyid === signature.keyid);
  if (keys.length === 0) yield { code: "KEY_NOT_GIVEN", at };
  else if (key === undefined) yield { code: "KEY_UNKNOWN", at: `${at}/0/keyid` };
  else if (!key.verifies(preAuthEncoding(payload), signature.sig))
    yield { code: "SIGNATURE_INVALID", at: `${at}/0/sig` };
}

/** A fault of the reader's, which takes nothing from what the other keys show. */
export function* checkKeys(keys: readonly MaybeKey[]): Iterable<Finding> {
  for (const [index, key] of keys.entries())
    if (key === undefined) yield { code: "KEY_UNUSABLE", at: `key ${index + 1}` };
}
