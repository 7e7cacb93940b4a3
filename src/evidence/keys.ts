/** Ed25519 keys from the texts and bytes they are kept as (RFC 8410). Making and keeping them is the adapters' work. */
import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from "node:crypto";
import type { Signer } from "./dsse.ts";
import { sha256Hex } from "./hashes.ts";

/** A public key that a reader trusts: its 32 raw bytes, or an SPKI PEM. */
export type PublicKey = Uint8Array | string;

export type KnownKey = {
  readonly keyid: string;
  readonly verifies: (bytes: Uint8Array, signature: Uint8Array) => boolean;
};

const RAW_BYTES = 32;
const SPKI_PEM = /^\s*-----BEGIN PUBLIC KEY-----/;

export const keyidOf = (rawPublicKey: Uint8Array): string => sha256Hex(rawPublicKey);

/** Undefined for what is no Ed25519 public key. */
export function knownKeyOf(key: PublicKey): KnownKey | undefined {
  const object = typeof key === "string" ? fromPem(key) : fromRaw(key);
  if (object?.asymmetricKeyType !== "ed25519") return undefined;
  return {
    keyid: keyidOf(rawOf(object)),
    verifies: (bytes, signature) => verify(null, bytes, object, signature),
  };
}

/** @throws when the text is not the PKCS#8 PEM of an Ed25519 private key. */
export function signerOf(privatePem: string): Signer & { readonly publicKey: Uint8Array } {
  const key = createPrivateKey(privatePem);
  if (key.asymmetricKeyType !== "ed25519") throw new TypeError("not an Ed25519 private key");
  const publicKey = rawOf(createPublicKey(key));
  return { keyid: keyidOf(publicKey), publicKey, sign: (bytes) => sign(null, bytes, key) };
}

function fromPem(pem: string): KeyObject | undefined {
  if (!SPKI_PEM.test(pem)) return undefined;
  try {
    return createPublicKey({ key: pem, format: "pem", type: "spki" });
  } catch {
    return undefined;
  }
}

const fromRaw = (raw: Uint8Array): KeyObject | undefined =>
  raw.length === RAW_BYTES
    ? createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x: Buffer.from(raw).toString("base64url") }, format: "jwk" })
    : undefined;

function rawOf(key: KeyObject): Uint8Array {
  const { x } = key.export({ format: "jwk" });
  return Buffer.from(x ?? "", "base64url");
}
