/**
 * What the verifier needs of the platform that it runs on: bytes in their encodings, hashes, Ed25519. The offline page is built from the
 * same sources with `verify-page/platform.ts` in this file's place, which has the same exports.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  hash,
  sign,
  verify,
  type KeyObject,
} from "node:crypto";

/** The same bytes, not copied. */
const view = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer => Buffer.from(buffer, byteOffset, byteLength);

export const utf8 = (text: string): Uint8Array => Buffer.from(text);
/** One character a byte, so that no two byte strings have one text. */
export const latin1 = (bytes: Uint8Array): string => view(bytes).toString("latin1");
export const hex = (bytes: Uint8Array): string => view(bytes).toString("hex");
/** Padded. */
export const base64 = (bytes: Uint8Array): string => view(bytes).toString("base64");
/** Unpadded. */
export const base64url = (bytes: Uint8Array): string => view(bytes).toString("base64url");
/** Of a text that is not of the encoding any bytes, or none: whoever reads strictly encodes them again and compares. */
export const decode = (text: string, encoding: "base64" | "base64url"): Uint8Array => Buffer.from(text, encoding);
export const concat = (...parts: readonly Uint8Array[]): Uint8Array => Buffer.concat(parts);
export const areEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

export const sha256 = (bytes: Uint8Array): Uint8Array => hash("sha256", bytes, "buffer");
export const sha256Hex = (data: Uint8Array | string): string => hash("sha256", data, "hex");
export const sha256Base64url = (text: string): string => hash("sha256", text, "base64url");
export const shake256 = (bytes: Uint8Array, length: number): Uint8Array =>
  createHash("shake256", { outputLength: length }).update(bytes).digest();
export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array =>
  createHmac("sha256", key).update(bytes).digest();

export type Verifies = (bytes: Uint8Array, signature: Uint8Array) => boolean;

/** RFC 8032 for one key of 32 bytes. */
export function ed25519Verifier(publicKey: Uint8Array): Verifies {
  let key: KeyObject | undefined;
  return (bytes, signature) => {
    key ??= createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: base64url(publicKey) }, format: "jwk" });
    return verify(null, bytes, key, signature);
  };
}

/** @throws when the text is not the PKCS#8 PEM of an Ed25519 private key. */
export function ed25519Signer(privatePem: string): {
  readonly publicKey: Uint8Array;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
} {
  const key = createPrivateKey(privatePem);
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError("not an Ed25519 private key");
  const { x } = createPublicKey(key).export({ format: "jwk" });
  return { publicKey: decode(x ?? "", "base64url"), sign: (bytes) => sign(null, bytes, key) };
}
