/** Verification of an envelope or amendment, offline: from its bytes and what the reader trusts, no daemon and no configuration. */
import { isObject, parseIJson, type IJsonObject } from "../core/json.ts";
import { ENVELOPE_BYTES_MAX, EVIDENCE_BOUNDS } from "../core/limits.ts";
import { canonical } from "../core/canonical.ts";
import { checkBytes, checkIds, grade, weighing, type AtHand, type Graded } from "./check-artifacts.ts";
import { checkLeaves, checkLinks, checkPlaces, linkTexts } from "./check-chain.ts";
import { trustOf } from "./check-keys.ts";
import { checkLog, levelOf, type LogCheck } from "./check-log.ts";
import { checkAmended, checkIdentity, checkOrigin, checkSeal, checkSignature } from "./check-seal.ts";
import { readEnvelope, type Envelope } from "./envelope.ts";
import { areEqual, utf8 } from "./platform.ts";
import { Misshapen } from "./shape.ts";
import { firstOf, notProven, type Finding, type VerifyCode } from "./verify-codes.ts";
import { reaches, type Level, type Logged, type VerifyPolicy } from "./verify-policy.ts";

export { keyidOf, type PublicKey } from "./keys.ts";
export { verifyCodes, type Finding, type VerifyCode } from "./verify-codes.ts";
export type { Grade, Graded } from "./check-artifacts.ts";
export {
  LEVELS,
  levelWords,
  reaches,
  type HeldCheckpoint,
  type Level,
  type Logged,
  type VerifyPolicy,
} from "./verify-policy.ts";

export type Verdict = {
  /** Every check passed, and the signature is by a known key. */
  readonly ok: boolean;
  readonly level: Level;
  /** One for each kind of check that failed. */
  readonly codes: readonly VerifyCode[];
  /** The first place at which each of `codes` was found. */
  readonly findings: readonly Finding[];
  readonly observations: readonly Graded[];
  /** Where the log has the seal; null without a receipt that holds. */
  readonly logged: Logged | null;
  /** Names of the policy's witnesses that signed the receipt's checkpoint. */
  readonly witnesses: readonly string[];
  /** Sentences for a person: what this verdict does not say. */
  readonly not_proven: readonly string[];
  readonly evidence_id: string | null;
  /** What the document says of itself; null when it could not be read. */
  readonly document: Envelope | null;
};

type Document =
  | { readonly kind: "document"; readonly tree: IJsonObject; readonly envelope: Envelope }
  | { readonly kind: "unreadable"; readonly finding: Finding };

/** Never throws on hostile bytes. Throws only what `policy.artifact` throws. */
export function verify(bytes: Uint8Array, policy: VerifyPolicy): Verdict {
  const read = readDocument(bytes);
  if (read.kind === "unreadable") return unread(read.finding);
  const { tree, envelope } = read;
  const links = linkTexts(tree);
  const atHand = weighing(policy.artifact ?? nothingAtHand);
  const chain = firstOf(
    checkIdentity(envelope),
    checkAmended(envelope),
    checkIds(envelope),
    checkLinks(links, envelope),
    checkLeaves(tree, envelope),
    checkPlaces(envelope),
    checkSeal(tree, links, envelope),
  );
  const trust = trustOf(policy, envelope.integrity.seal.origin);
  const log = checkLog(envelope, trust.keys, policy);
  const signature = firstOf(checkSignature(envelope, trust.keys, policy), log.outOfRange);
  const reader = firstOf(
    trust.findings,
    checkOrigin(envelope, policy.origin, "/integrity/seal/origin"),
    checkBytes(envelope, atHand),
    log.findings,
  );
  const level = chain.length > 0 ? "E0" : signature.length > 0 ? "E1" : levelOf(log);
  return verdict(level, firstOf(chain, signature, reader), envelope, grade(envelope, atHand), log);
}

function readDocument(bytes: Uint8Array): Document {
  if (bytes.length > ENVELOPE_BYTES_MAX) return unreadable("SIZE_EXCEEDED", `${bytes.length} bytes`);
  const parsed = parseIJson(bytes, EVIDENCE_BOUNDS);
  if (parsed.kind === "unparsable") return unreadable("JSON_MALFORMED", parsed.reason);
  const tree = parsed.value;
  if (!areEqual(utf8(canonical(tree)), bytes)) return unreadable("BYTES_NOT_CANONICAL", "");
  if (!isObject(tree)) return unreadable("SHAPE_INVALID", "");
  try {
    return { kind: "document", tree, envelope: readEnvelope(tree, "") };
  } catch (thrown) {
    if (thrown instanceof Misshapen) return unreadable(thrown.code, thrown.at);
    throw thrown;
  }
}

const unreadable = (code: VerifyCode, at: string): Document => ({ kind: "unreadable", finding: { code, at } });

const nothingAtHand: AtHand = () => undefined;

const unread = (finding: Finding): Verdict => ({
  ok: false,
  level: "none",
  codes: [finding.code],
  findings: [finding],
  observations: [],
  logged: null,
  witnesses: [],
  not_proven: notProven({}),
  evidence_id: null,
  document: null,
});

function verdict(
  level: Level,
  findings: readonly Finding[],
  document: Envelope,
  observations: readonly Graded[],
  log: LogCheck,
): Verdict {
  const codes = findings.map(({ code }) => code);
  return {
    ok: reaches(level, "E2") && codes.length === 0,
    level,
    codes,
    findings,
    observations,
    logged: log.logged,
    witnesses: log.witnesses,
    not_proven: notProven(log),
    evidence_id: document.evidence_id,
    document,
  };
}
