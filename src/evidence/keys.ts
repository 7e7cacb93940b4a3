/** Ed25519 keys from the texts and bytes they are kept as (RFC 8410). Making and keeping them is the adapters' work. */
import type { Signer } from "./dsse.ts";
import { sha256Hex } from "./hashes.ts";
import { areEqual, base64, concat, decode, ed25519Signer, ed25519Verifier, type Verifies } from "./platform.ts";

/** A public key that a reader trusts: its 32 raw bytes, or an SPKI PEM. */
export type PublicKey = Uint8Array | string;

/** `publicKey`: the 32 raw bytes. */
export type KnownKey = { readonly keyid: string; readonly publicKey: Uint8Array; readonly verifies: Verifies };

const RAW_BYTES = 32;
/** RFC 7468; a line may end in CR LF. Editors put a byte order mark before it, people blanks round it. */
const SPKI_PEM =
  /^\ufeff?[ \t\r\n]*-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]{1,256})-----END PUBLIC KEY-----[ \t\r\n]*$/;
/** The DER of SubjectPublicKeyInfo of Ed25519 up to the key: RFC 8410, section 4. */
const SPKI_HEAD = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

export const keyidOf = (rawPublicKey: Uint8Array): string => sha256Hex(rawPublicKey);

/** Undefined for what is no Ed25519 public key. */
export function knownKeyOf(key: PublicKey): KnownKey | undefined {
  const publicKey = typeof key === "string" ? fromPem(key) : key;
  if (publicKey?.length !== RAW_BYTES) return undefined;
  return { keyid: keyidOf(publicKey), publicKey, verifies: ed25519Verifier(publicKey) };
}

/** @throws when the text is not the PKCS#8 PEM of an Ed25519 private key. */
export function signerOf(privatePem: string): Signer & { readonly publicKey: Uint8Array } {
  const { publicKey, sign } = ed25519Signer(privatePem);
  return { keyid: keyidOf(publicKey), publicKey, sign };
}

function fromPem(pem: string): Uint8Array | undefined {
  const body = SPKI_PEM.exec(pem)?.[1]?.replaceAll(/[\r\n]/g, "");
  if (body === undefined) return undefined;
  const der = decode(body, "base64");
  const raw = der.subarray(SPKI_HEAD.length);
  return base64(der) === body && areEqual(der, concat(SPKI_HEAD, raw)) ? raw : undefined;
}
