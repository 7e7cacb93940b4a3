/**
 * Verification over data-only schemes, on the bytes as received and before anything reads them: a body that was parsed and written
 * again no longer has the sender's signature. Total: whatever a request holds gives a verdict.
 */
import type { RawDelivery } from "../core/delivery.ts";
import type { Instant } from "../core/ids.ts";
import type { Provider } from "./provider.ts";
import type { SignatureScheme } from "./scheme.ts";
import { keysOf } from "./secret-keys.ts";
import { unverified, type SignatureFault, type Unverified } from "./signature-fault.ts";
import { readSignatures } from "./signature-header.ts";
import { matchingSecret } from "./signature-match.ts";
import { contentOf, readClaims, type Content } from "./signed-content.ts";
import { timeFault } from "./signed-time.ts";
import { twilioContents } from "./twilio-rule.ts";

export type { SignatureFault, Unverified } from "./signature-fault.ts";

/** `secretIndex` is the place of the secret that matched: a rotation is finished when the old one no longer does. */
export type Verified = { readonly kind: "verified"; readonly secretIndex: number };

export type VerifyWorld = {
  /** The list and its bytes never change: what is derived from them is remembered by the list. */
  readonly secrets: readonly Uint8Array[];
  /** How the sender reaches this webhook: scheme and host, and path and query where they are not those of the request. */
  readonly public_url: string | null;
  readonly now: Instant;
};

/** The first scheme whose header is there decides, with those that share that header; a weaker one is never looked at. */
export function verify(raw: RawDelivery, schemes: Provider["schemes"], world: VerifyWorld): Verified | Unverified {
  if (isReencoded(raw.headers)) return unverified("REENCODED", "the content-encoding is not identity");
  const header = decidingHeader(raw.headers, schemes);
  if (header === undefined) return unverified("NO_SIGNATURE", "no signature header");
  let told: Unverified | undefined;
  for (const scheme of schemes) {
    const place = scheme.headers.indexOf(header);
    if (place === -1) continue;
    const verdict = verifyBy(scheme, place, raw, world);
    if (verdict.kind === "verified") return verdict;
    told = told === undefined || tells(verdict) > tells(told) ? verdict : told;
  }
  return told ?? unverified("NO_SIGNATURE", "no signature header");
}

function isReencoded(headers: RawDelivery["headers"]): boolean {
  const encodings = headers.get("content-encoding");
  return encodings !== undefined && encodings.some((encoding) => !/^(?:identity)?$/i.test(encoding.trim()));
}

function decidingHeader(headers: RawDelivery["headers"], schemes: Provider["schemes"]): string | undefined {
  for (const scheme of schemes) for (const name of scheme.headers) if (headers.has(name)) return name;
  return undefined;
}

/** How far a request came: of two faults, the later one says more. */
const STAGES: readonly SignatureFault[] = ["MALFORMED", "REPEATED", "NO_TIME", "MISMATCH", "TOO_OLD", "IN_FUTURE"];
const tells = ({ fault }: Unverified): number => STAGES.indexOf(fault);

/** `place` is that of the signature's header among its names; the id and the time stand under the names of the same place. */
function verifyBy(
  scheme: SignatureScheme,
  place: number,
  raw: RawDelivery,
  { secrets, public_url, now }: VerifyWorld,
): Verified | Unverified {
  const sent = readSignatures(raw.headers.get(scheme.headers[place] ?? "") ?? [], scheme);
  if (sent.kind === "unverified") return sent;
  const claims = readClaims(raw.headers, scheme, place, sent.time);
  if (claims.kind === "unverified") return claims;
  const signed =
    scheme.signed === "twilio" ? twilioContents(raw, public_url) : one(contentOf(scheme, raw.body, claims));
  if (signed.kind === "unverified") return signed;
  const keys = keysOf(secrets, scheme);
  if (keys.length === 0) return unverified("MISMATCH", "no configured secret belongs to this scheme");
  const secretIndex = matchingSecret(keys, { signatures: sent.signatures, contents: signed.contents });
  if (secretIndex === -1) return unverified("MISMATCH", "no secret gives this signature");
  const late = scheme.timestamp === null ? null : timeFault(claims.time, scheme.timestamp, raw.body, now);
  return late ?? { kind: "verified", secretIndex };
}

const one = (content: Content) => ({ kind: "contents", contents: [content] }) as const;
