/**
 * How a desk goes on with another key: a leaf in which the key so far authorises the next one (`auth`) and the next one shows that
 * somebody holds it (`pop`). Both sign one message, which no other signature of a desk begins like.
 */
import { canonical } from "../../core/canonical.ts";
import type { Signer } from "../dsse.ts";
import { keyidOf, knownKeyOf, type KnownKey } from "../keys.ts";
import { base64, utf8 } from "../platform.ts";
import type { LogLeaf } from "./leaf.ts";
import { exactBase64 } from "./note.ts";

export type KeyLeaf = LogLeaf & { readonly kind: "key" };

/** `publicKey`: the 32 raw bytes. */
export type NextSigner = Signer & { readonly publicKey: Uint8Array };

const RAW_BYTES = 32;
const SIGNATURE_BYTES = 64;

/** `origin` is that of the seals, `<host>/<workspace>`: the same in every epoch of the log. */
export function writeKeyLeaf(parts: {
  readonly origin: string;
  readonly old: Signer;
  readonly next: NextSigner;
}): KeyLeaf {
  const { origin, old, next } = parts;
  const key = base64(next.publicKey);
  const message = messageOf(origin, key, old.keyid);
  return { kind: "key", key, prev: old.keyid, auth: base64(old.sign(message)), pop: base64(next.sign(message)) };
}

/**
 * The key that the leaf brings, when one of the trusted keys authorised it for this origin and its holder signed too. Undefined for every
 * other leaf, and for one that follows itself. Whether the leaf is logged, and where, is not asked here.
 */
export function checkKeyLeaf(leaf: KeyLeaf, origin: string, trusted: readonly KnownKey[]): KnownKey | undefined {
  const publicKey = exactBase64(leaf.key, RAW_BYTES);
  const auth = exactBase64(leaf.auth, SIGNATURE_BYTES);
  const pop = exactBase64(leaf.pop, SIGNATURE_BYTES);
  const old = trusted.find(({ keyid }) => keyid === leaf.prev);
  if (publicKey === undefined || auth === undefined || pop === undefined || old === undefined) return undefined;
  const next = keyidOf(publicKey) === leaf.prev ? undefined : knownKeyOf(publicKey);
  const message = messageOf(origin, leaf.key, leaf.prev);
  if (next === undefined || !old.verifies(message, auth) || !next.verifies(message, pop)) return undefined;
  return next;
}

const messageOf = (origin: string, key: string, prev: string): Uint8Array =>
  utf8(`qoc.key/v1\n${canonical({ key, origin, prev })}`);
