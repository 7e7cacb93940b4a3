/**
 * A sender, as data and one pure function. The signature is verified over the bytes as received, before anything reads them:
 * a body that was parsed and written again no longer has the sender's signature.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { Facts, RawDelivery } from "../core/delivery.ts";
import type { Sha256 } from "../core/ids.ts";
import { refuse, type Refusal } from "../core/refusals.ts";
import type { Payload } from "./payload.ts";

/** How a sender signs. Data only, so that a further sender is a further descriptor and no further code. */
export type SignatureScheme = {
  readonly algorithm: "sha256";
  readonly encoding: "hex" | "base64";
  /** Lower case. */
  readonly header: string;
  /** Stands before the encoded signature, here in lower case; compared without regard to case. */
  readonly prefix: string;
  readonly signed: "raw";
};

/** Where in a payload the facts stand: JSON Pointers (RFC 6901), from the webhook's configuration. */
export type PayloadMap = {
  readonly event: string;
  /** The sender's id of this delivery. */
  readonly id?: string | undefined;
  /** The sender's id of the event itself. */
  readonly external_id?: string | undefined;
  readonly actor?: string | undefined;
  readonly project?: string | undefined;
  readonly ref?: string | undefined;
  readonly commit_sha?: string | undefined;
  readonly subject?: string | undefined;
  /** Orders deliveries of one subject. */
  readonly updated_at?: string | undefined;
};

/** A delivery whose signature holds, with what was derived from its bytes once. */
export type ReadDelivery = {
  readonly headers: RawDelivery["headers"];
  readonly sha256: Sha256;
  readonly payload: Payload;
};

export type Provider = {
  readonly name: string;
  readonly signature: SignatureScheme;
  /** What this sender counts as received. */
  readonly ack_status: 200 | 202;
  /**
   * The headers that are kept as evidence. An allow-list: whatever else a proxy or a sender adds, such as a cookie or an
   * authorization, is never stored.
   */
  readonly headers_kept: readonly string[];
  /** Total: whatever the payload holds, it gives facts and never throws. */
  readonly normalize: (delivery: ReadDelivery, map: PayloadMap) => Facts;
};

/** `secretIndex` is the place of the secret that matched: a rotation is finished when the old one no longer does. */
export type Verified = { readonly kind: "verified"; readonly secretIndex: number };

const unsigned = (detail: string): Refusal => refuse("SIGNATURE_INVALID", detail);

export function verify(raw: RawDelivery, secrets: readonly Uint8Array[], scheme: SignatureScheme): Verified | Refusal {
  if (isReencoded(raw)) return refuse("ENCODING_UNSUPPORTED", "content-encoding is not identity");
  const sent = raw.headers.get(scheme.header);
  if (sent === undefined) return unsigned("no signature header");
  const [value, ...more] = sent;
  if (value === undefined || more.length > 0) return unsigned("the signature header is repeated");
  const signature = decodeSignature(value, scheme);
  if (signature === undefined) return unsigned("the signature header is malformed");
  const secretIndex = matchingSecret(raw.body, secrets, signature, scheme);
  return secretIndex === -1 ? unsigned("no secret gives this signature") : { kind: "verified", secretIndex };
}

function isReencoded({ headers }: RawDelivery): boolean {
  const encodings = headers.get("content-encoding");
  return encodings !== undefined && encodings.some((encoding) => !/^(?:identity)?$/i.test(encoding.trim()));
}

/** Whole 32 bytes, canonically written: `Buffer.from` skips or stops at what it cannot decode, and says nothing. */
const FORMS = { hex: /^[0-9a-f]{64}$/i, base64: /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/ } as const;

function decodeSignature(value: string, { prefix, encoding }: SignatureScheme): Uint8Array | undefined {
  if (value.slice(0, prefix.length).toLowerCase() !== prefix) return undefined;
  const text = value.slice(prefix.length);
  return FORMS[encoding].test(text) ? Buffer.from(text, encoding) : undefined;
}

/** Every secret is tried, so that the time taken does not say which of them matched. */
function matchingSecret(
  body: Uint8Array,
  secrets: readonly Uint8Array[],
  signature: Uint8Array,
  { algorithm }: SignatureScheme,
): number {
  let found = -1;
  for (const [index, secret] of secrets.entries()) {
    const ours = createHmac(algorithm, secret).update(body).digest();
    // An empty key is a valid HMAC key that everybody knows.
    const matches = secret.length > 0 && signature.length === ours.length && timingSafeEqual(signature, ours);
    if (matches && found === -1) found = index;
  }
  return found;
}
