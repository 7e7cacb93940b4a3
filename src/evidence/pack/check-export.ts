/** Checks of the exporter's statement: that it is about this seal and these receipts, and signed. */
import { parseIJson, type IJsonValue } from "../../core/json.ts";
import { EVIDENCE_BOUNDS } from "../../core/limits.ts";
import { preAuthEncoding } from "../dsse.ts";
import type { Envelope } from "../envelope.ts";
import type { Trusted } from "../check-checkpoint.ts";
import { areEqual, base64url, utf8 } from "../platform.ts";
import { Misshapen } from "../shape.ts";
import type { Finding } from "../verify-codes.ts";
import type { VerifyPolicy } from "../verify-policy.ts";
import { readExportStatement, writeExportStatement, writeReceipt, type Pack } from "./pack.ts";

/** `leaves` are the chain's, undefined where closed. */
export function* checkExport(
  { export_dsse, redactions }: Pack,
  leaves: ReadonlyMap<string, IJsonValue | undefined>,
  { evidence_id, integrity }: Envelope,
): Iterable<Finding> {
  const at = "/export_dsse/payload";
  const said = claimIn(export_dsse.payload);
  if (said === undefined) {
    yield { code: "EXPORT_MISMATCH", at };
    return;
  }
  const receipts = redactions.map(({ rule_id, path, seq, commitment }) =>
    writeReceipt(path, seq, base64url(commitment), rule_id),
  );
  const { allowed, exported_at, policy_sha256 } = said;
  const claim = { evidence_id, seal_hash: integrity.seal_hash, exported_at, policy_sha256, allowed };
  const statement = writeExportStatement({ ...claim, redactions: `[${receipts.join(",")}]` });
  const inOrder = allowed.every((pointer, i) => i === 0 || (allowed[i - 1] ?? "") < pointer);
  const areShown = allowed.every((pointer) => leaves.get(pointer) !== undefined);
  if (!areEqual(utf8(statement), export_dsse.payload) || !inOrder || !areShown) yield { code: "EXPORT_MISMATCH", at };
}

export function* checkExportSignature(
  { export_dsse }: Pack,
  trusted: readonly Trusted[],
  { keys = [] }: VerifyPolicy,
): Iterable<Finding> {
  const at = "/export_dsse/signatures";
  const signature = export_dsse.signatures.length === 1 ? export_dsse.signatures[0] : undefined;
  if (signature === undefined) {
    yield { code: "SIGNATURE_COUNT", at };
    return;
  }
  if (keys.length === 0) return;
  const key = trusted.find((candidate) => candidate.key.keyid === signature.keyid)?.key;
  if (key === undefined) yield { code: "EXPORT_KEY_UNKNOWN", at: `${at}/0/keyid` };
  else if (!key.verifies(preAuthEncoding(export_dsse.payload), signature.sig))
    yield { code: "EXPORT_SIGNATURE_INVALID", at: `${at}/0/sig` };
}

type Said = {
  readonly allowed: readonly string[];
  readonly exported_at: string;
  readonly policy_sha256: string;
};

function claimIn(payload: Uint8Array): Said | undefined {
  const parsed = parseIJson(payload, EVIDENCE_BOUNDS);
  if (parsed.kind === "unparsable") return undefined;
  try {
    return readExportStatement(parsed.value, "").predicate;
  } catch (thrown) {
    if (thrown instanceof Misshapen) return undefined;
    throw thrown;
  }
}
