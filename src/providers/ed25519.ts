/** Ed25519 (RFC 8032) with keys as senders write them: 32 bare bytes, without the wrapping that `node:crypto` wants. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";

const PUBLIC_BYTES = 32;
const SEED_BYTES = 32;
/** RFC 8410: what stands before the key in SubjectPublicKeyInfo and, with the seed, in PKCS #8. */
const SPKI = Buffer.from("302a300506032b6570032100", "hex");
const PKCS8 = Buffer.from("302e020100300506032b657004220420", "hex");

/**
 * Every encoding of a point of order 1, 2, 4 or 8, without the sign of x. Under such a key a signature can be made that holds for
 * any message, by anybody: it is to Ed25519 what the empty secret is to an HMAC.
 */
const LOW_ORDER: ReadonlySet<string> = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

export function isLowOrder(key: Uint8Array): boolean {
  const y = Buffer.from(key);
  y[PUBLIC_BYTES - 1] = (y[PUBLIC_BYTES - 1] ?? 0) & 0x7f;
  return LOW_ORDER.has(y.toString("hex"));
}

/** Undefined when the bytes are no key, or a key of low order. */
export function publicKeyOf(raw: Uint8Array): KeyObject | undefined {
  if (raw.length !== PUBLIC_BYTES || isLowOrder(raw)) return undefined;
  try {
    return createPublicKey({ key: Buffer.concat([SPKI, raw]), format: "der", type: "spki" });
  } catch {
    return undefined;
  }
}

/** The seed, or the seed with the public key behind it, which is how other libraries write a private key. */
export function privateKeyOf(raw: Uint8Array): KeyObject | undefined {
  if (raw.length !== SEED_BYTES && raw.length !== SEED_BYTES + PUBLIC_BYTES) return undefined;
  const seed = raw.subarray(0, SEED_BYTES);
  try {
    return createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: "der", type: "pkcs8" });
  } catch {
    return undefined;
  }
}

export const signEd25519 = (key: KeyObject, message: Uint8Array): Buffer => sign(null, message, key);

/** False for whatever does not hold, whatever the key: a key that is no point of the curve verifies nothing. */
export function holdsEd25519(key: KeyObject, message: Uint8Array, signature: Uint8Array): boolean {
  try {
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
}
