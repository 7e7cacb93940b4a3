/** Verification of an envelope or amendment, offline: from its bytes and what the reader trusts, no daemon and no configuration. */
import { isObject, parseIJson, type IJsonObject } from "../core/json.ts";
import { ENVELOPE_BYTES_MAX, JSON_DEPTH_MAX } from "../core/limits.ts";
import { canonical } from "../core/canonical.ts";
import { checkBytes, checkIds, grade, type AtHand, type Graded } from "./check-artifacts.ts";
import { checkLeaves, checkLinks, checkPlaces, linkTexts } from "./check-chain.ts";
import { checkIdentity, checkKeys, checkSeal, checkSignature } from "./check-seal.ts";
import { readEnvelope, type Envelope } from "./envelope.ts";
import { knownKeyOf, type PublicKey } from "./keys.ts";
import { Misshapen } from "./shape.ts";
import { NOT_PROVEN, type Finding, type VerifyCode } from "./verify-codes.ts";

export { keyidOf, type PublicKey } from "./keys.ts";
export { verifyCodes, type Finding, type VerifyCode } from "./verify-codes.ts";
export type { Grade, Graded } from "./check-artifacts.ts";

/** What the reader trusts and has. */
export type VerifyPolicy = {
  /** Ed25519 public keys: 32 raw bytes, or SPKI PEM. Without any no signature is checked, and no verdict is ok. */
  readonly keys?: readonly PublicKey[];
  /** `<host>/<workspace>`, where the envelope must be from. */
  readonly origin?: string;
  /** The bytes of artifacts at hand, to be held against their hashes. May be asked more than once. */
  readonly artifact?: AtHand;
};

/** E0 well formed, E1 the chain holds, E2 signed by a given key. */
export type Level = "none" | "E0" | "E1" | "E2";

export type Verdict = {
  /** Every check passed, and the signature is by a given key. */
  readonly ok: boolean;
  readonly level: Level;
  /** One for each kind of check that failed. */
  readonly codes: readonly VerifyCode[];
  /** The first place at which each of `codes` was found. */
  readonly findings: readonly Finding[];
  readonly observations: readonly Graded[];
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
  if (read.kind === "unreadable") return verdict("none", [read.finding], null, []);
  const { tree, envelope } = read;
  const links = linkTexts(tree);
  const atHand = policy.artifact ?? nothingAtHand;
  const chain = [
    ...checkIdentity(envelope),
    ...checkIds(envelope),
    ...checkLinks(links, envelope),
    ...checkLeaves(tree, envelope),
    ...checkPlaces(envelope),
    ...checkSeal(tree, links, envelope),
  ];
  const keys = (policy.keys ?? []).map(knownKeyOf);
  const signature = [...checkSignature(envelope, keys)];
  const reader = [...checkKeys(keys), ...checkOrigin(envelope, policy.origin), ...checkBytes(envelope, atHand)];
  const level = chain.length > 0 ? "E0" : signature.length > 0 ? "E1" : "E2";
  return verdict(level, [...chain, ...signature, ...reader], envelope, grade(envelope, atHand));
}

function readDocument(bytes: Uint8Array): Document {
  if (bytes.length > ENVELOPE_BYTES_MAX) return unreadable("SIZE_EXCEEDED", `${bytes.length} bytes`);
  const parsed = parseIJson(bytes, { depthMax: JSON_DEPTH_MAX });
  if (parsed.kind === "unparsable") return unreadable("JSON_MALFORMED", parsed.reason);
  const tree = parsed.value;
  if (!Buffer.from(canonical(tree)).equals(bytes)) return unreadable("BYTES_NOT_CANONICAL", "");
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

function* checkOrigin({ integrity }: Envelope, expected: string | undefined): Iterable<Finding> {
  if (expected !== undefined && integrity.seal.origin !== expected)
    yield { code: "ORIGIN_UNEXPECTED", at: "/integrity/seal/origin" };
}

function verdict(
  level: Level,
  found: readonly Finding[],
  document: Envelope | null,
  observations: readonly Graded[],
): Verdict {
  const codes = [...new Set(found.map(({ code }) => code))];
  return {
    ok: level === "E2" && codes.length === 0,
    level,
    codes,
    findings: codes.flatMap((code) => found.find((finding) => finding.code === code) ?? []),
    observations,
    not_proven: NOT_PROVEN,
    evidence_id: document?.evidence_id ?? null,
    document,
  };
}
