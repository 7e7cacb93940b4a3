/** From what a person pastes into the configuration to a key: once per list of secrets and scheme, not once per delivery. */
import { createSecretKey, hash, type KeyObject } from "node:crypto";
import { isLowOrder, publicKeyOf } from "./ed25519.ts";
import type { Provider } from "./provider.ts";
import type { SecretForm, SignatureScheme } from "./scheme.ts";
import { decodeBase64 } from "./strict-decoding.ts";

export type MacAlgorithm = Exclude<SignatureScheme["algorithm"], "ed25519" | "token">;
/** `index` is the place of its secret in the list given. A `KeyObject` shows nothing of itself when it is printed. */
export type Key =
  | { readonly kind: "mac"; readonly index: number; readonly algorithm: MacAlgorithm; readonly key: KeyObject }
  | { readonly kind: "public"; readonly index: number; readonly key: KeyObject }
  | { readonly kind: "token"; readonly index: number; readonly sha256: Uint8Array };

type Derived = { readonly kind: "bytes"; readonly bytes: Uint8Array } | Unfit;
type Unfit = { readonly kind: "unfit"; readonly says: string };
const unfit = (says: string): Unfit => ({ kind: "unfit", says });

/** Standard Webhooks, "Signature scheme": how keys are written, and how long a symmetric one is. */
const STANDARD_SECRET = "whsec_";
export const STANDARD_PRIVATE_KEY = "whsk_";
const STANDARD_KEY_BYTES_MIN = 24;
const STANDARD_KEY_BYTES_MAX = 64;

const derived = new WeakMap<SignatureScheme, WeakMap<readonly Uint8Array[], readonly Key[]>>();

/** The keys of those secrets that fit the scheme. Remembered by the identity of both: a list of secrets is never changed, but replaced. */
export function keysOf(secrets: readonly Uint8Array[], scheme: SignatureScheme): readonly Key[] {
  const known = derived.get(scheme)?.get(secrets);
  if (known !== undefined) return known;
  const keys = secrets.flatMap((secret, index) => keyOf(secret, scheme, index));
  const lists = derived.get(scheme) ?? new WeakMap<readonly Uint8Array[], readonly Key[]>();
  derived.set(scheme, lists.set(secrets, keys));
  return keys;
}

function keyOf(secret: Uint8Array, scheme: SignatureScheme, index: number): readonly Key[] {
  const key = keyBytes(secret, scheme.secret);
  if (key.kind === "unfit") return [];
  switch (scheme.algorithm) {
    case "ed25519": {
      const publicKey = publicKeyOf(key.bytes);
      return publicKey === undefined ? [] : [{ kind: "public", index, key: publicKey }];
    }
    case "token":
      return [{ kind: "token", index, sha256: hash("sha256", key.bytes, "buffer") }];
    case "sha1":
    case "sha256":
    case "sha512":
      return [{ kind: "mac", index, algorithm: scheme.algorithm, key: createSecretKey(key.bytes) }];
  }
}

/** What of the secret is the key. Never empty: an empty key is a valid one that everybody knows. */
export function keyBytes(secret: Uint8Array, form: SecretForm): Derived {
  const { encoding, prefix, prefix_required, prefixes_refused = [] } = form;
  if (secret.length === 0) return unfit("it is empty");
  const text = textOf(secret);
  const refused = prefixes_refused.find((each) => text.startsWith(each));
  if (refused !== undefined) return unfit(`it begins with ${refused}`);
  const has = prefix !== "" && text.startsWith(prefix);
  if (!has && prefix_required) return unfit(`it does not begin with ${prefix}`);
  const rest = has ? secret.subarray(prefix.length) : secret;
  const bytes = encoding === "base64" ? decodeBase64(padded(textOf(rest))) : rest;
  if (bytes === undefined) return unfit("it is not base64");
  return bytes.length === 0 ? unfit("it is empty") : { kind: "bytes", bytes };
}

const textOf = (secret: Uint8Array): string => Buffer.from(secret).toString("latin1");

/** Padding that was lost in pasting is no reason to refuse a secret. */
const padded = (text: string): string => (text.endsWith("=") ? text : text.padEnd(4 * Math.ceil(text.length / 4), "="));

/**
 * Why none of these schemes takes the secret, for the configuration: a sentence that quotes nothing of it. Null when one does. A
 * secret shorter than the standard allows is refused here and not at verification, where length proves nothing.
 */
export function secretFault(secret: Uint8Array, schemes: Provider["schemes"]): string | null {
  const text = textOf(secret);
  const faults = schemes.map((scheme) => ({ scheme, says: faultOf(secret, scheme) }));
  if (faults.some(({ says }) => says === null)) return null;
  if (text.startsWith(STANDARD_PRIVATE_KEY) && schemes.some(({ algorithm }) => algorithm === "ed25519"))
    return `it is the sender's private key (${STANDARD_PRIVATE_KEY}); a receiver has the public one (whpk_)`;
  const meant = faults.find(({ scheme }) => scheme.secret.prefix !== "" && text.startsWith(scheme.secret.prefix));
  return (meant ?? faults[0])?.says ?? null;
}

function faultOf(secret: Uint8Array, { algorithm, secret: form }: SignatureScheme): string | null {
  const key = keyBytes(secret, form);
  if (key.kind === "unfit") return key.says;
  if (algorithm === "ed25519") return publicKeyFault(key.bytes);
  return form.encoding === "base64" && form.prefix === STANDARD_SECRET ? standardFault(key.bytes.length) : null;
}

function publicKeyFault(key: Uint8Array): string | null {
  if (publicKeyOf(key) !== undefined) return null;
  return isLowOrder(key)
    ? "it is a public key of low order, under which anybody can sign"
    : `it holds ${key.length} bytes; an Ed25519 public key has 32`;
}

const standardFault = (bytes: number): string | null =>
  bytes >= STANDARD_KEY_BYTES_MIN && bytes <= STANDARD_KEY_BYTES_MAX
    ? null
    : `it holds ${bytes} bytes; the key of Standard Webhooks has ${STANDARD_KEY_BYTES_MIN} to ${STANDARD_KEY_BYTES_MAX}`;
