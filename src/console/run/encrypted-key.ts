/**
 * Reads the file of an approver's private key, `.qoc/approvers/NAME.key`, as `adapters/pbes2.ts` writes it: PKCS#8 `EncryptedPrivateKeyInfo`,
 * PBES2 with scrypt and AES-256-CBC, as PEM. Strictly DER, and nothing that would hang the page. Pure.
 */
import { areEqual, base64, decode } from "../../evidence/platform.ts";

/** `cost` is N. Everything that opening takes beside the passphrase. */
export type EncryptedKey = {
  readonly kind: "encrypted";
  readonly salt: Uint8Array;
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly iv: Uint8Array;
  readonly sealed: Uint8Array;
};
export type NoKey = { readonly kind: "refused"; readonly says: string };

/** The file of a key is a few hundred bytes. */
export const KEY_FILE_BYTES_MAX = 8 * 1024;
/** N × r × p: four times what keys of ours are made with, some seconds in a browser. */
const WORK_MAX = 2 ** 22;
const MEMORY_BYTES_MAX = 64 * 1024 * 1024;
const IV_BYTES = 16;
const BLOCK_BYTES = 16;
const KEY_BYTES = 32;
const SALT_BYTES_MIN = 8;
const INTEGER_BYTES_MAX = 4;

// The contents of object identifiers, X.690 section 8.19.
const PBES2 = Uint8Array.of(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d); // 1.2.840.113549.1.5.13
const SCRYPT_KDF = Uint8Array.of(0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b); // 1.3.6.1.4.1.11591.4.11
const AES_256_CBC = Uint8Array.of(0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a); // 2.16.840.1.101.3.4.1.42
const TAGS = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30 } as const;

const PEM = /^-----BEGIN ENCRYPTED PRIVATE KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END ENCRYPTED PRIVATE KEY-----\s*$/;

const refused = (says: string): NoKey => ({ kind: "refused", says });

/** Never throws on hostile text. */
export function readEncryptedKey(text: string): EncryptedKey | NoKey {
  if (text.length > KEY_FILE_BYTES_MAX) return refused("This file is too long to be an approver's key.");
  if (text.includes("-----BEGIN PRIVATE KEY-----"))
    return refused("This key is under no passphrase. One that anybody can read signs nothing here.");
  const body = PEM.exec(text)?.[1]?.replaceAll(/[\r\n]/g, "");
  if (body === undefined)
    return refused("This is not the file of an approver's key: it begins with BEGIN ENCRYPTED PRIVATE KEY.");
  const der = decode(body, "base64");
  const key = base64(der) === body ? keyIn(der) : undefined;
  if (key === undefined)
    return refused(
      "The key is damaged, or under another cipher than scrypt with AES-256-CBC: qoc approver add makes one.",
    );
  const { cost, blockSize, parallelization } = key;
  if (cost < 2 || (cost & (cost - 1)) !== 0 || blockSize < 1 || parallelization < 1)
    return refused("The key names a cost that scrypt does not have.");
  if (cost * blockSize * parallelization > WORK_MAX || 128 * cost * blockSize > MEMORY_BYTES_MAX)
    return refused("Opening this key would cost more than a page may: sign with qoc approve instead.");
  return key;
}

class NotDer extends Error {}

function keyIn(der: Uint8Array): EncryptedKey | undefined {
  try {
    const [algorithm, sealed] = parts(only(der, TAGS.sequence), TAGS.sequence, TAGS.octets);
    const [scheme, parameters] = parts(algorithm, TAGS.oid, TAGS.sequence);
    const [derivation, cipher] = parts(parameters, TAGS.sequence, TAGS.sequence);
    const [kdf, scrypt] = parts(derivation, TAGS.oid, TAGS.sequence);
    const [aes, iv] = parts(cipher, TAGS.oid, TAGS.octets);
    const isOurs = areEqual(scheme, PBES2) && areEqual(kdf, SCRYPT_KDF) && areEqual(aes, AES_256_CBC);
    const isWhole = iv.length === IV_BYTES && sealed.length > 0 && sealed.length % BLOCK_BYTES === 0;
    if (!isOurs || !isWhole) return undefined;
    return { kind: "encrypted", ...scryptIn(scrypt), iv, sealed };
  } catch (thrown) {
    if (thrown instanceof NotDer) return undefined;
    throw thrown;
  }
}

/** RFC 7914, section 7.1: the length of the key may be left out. */
function scryptIn(bytes: Uint8Array): Pick<EncryptedKey, "salt" | "cost" | "blockSize" | "parallelization"> {
  const { integer, octets } = TAGS;
  const hasLength = count(bytes) === 5;
  const [salt, cost, blockSize, parallelization, length] = hasLength
    ? parts(bytes, octets, integer, integer, integer, integer)
    : [...parts(bytes, octets, integer, integer, integer), Uint8Array.of(KEY_BYTES)];
  if (salt === undefined || cost === undefined || blockSize === undefined || parallelization === undefined)
    throw new NotDer();
  if (length === undefined || numberIn(length) !== KEY_BYTES || salt.length < SALT_BYTES_MIN) throw new NotDer();
  return { salt, cost: numberIn(cost), blockSize: numberIn(blockSize), parallelization: numberIn(parallelization) };
}

type Element = { readonly tag: number; readonly contents: Uint8Array; readonly end: number };

/** Tag, length in its shortest form, contents: X.690 sections 8.1 and 10.1. @throws NotDer */
function element(bytes: Uint8Array, at: number): Element {
  const tag = byte(bytes, at);
  const first = byte(bytes, at + 1);
  if (first < 0x80) return slice(bytes, tag, at + 2, first);
  if (first === 0x81) {
    const length = byte(bytes, at + 2);
    if (length < 0x80) throw new NotDer();
    return slice(bytes, tag, at + 3, length);
  }
  if (first !== 0x82) throw new NotDer();
  const length = byte(bytes, at + 2) * 0x100 + byte(bytes, at + 3);
  if (length < 0x100) throw new NotDer();
  return slice(bytes, tag, at + 4, length);
}

function slice(bytes: Uint8Array, tag: number, start: number, length: number): Element {
  const end = start + length;
  if (end > bytes.length) throw new NotDer();
  return { tag, contents: bytes.subarray(start, end), end };
}

function byte(bytes: Uint8Array, at: number): number {
  const found = bytes[at];
  if (found === undefined) throw new NotDer();
  return found;
}

function elements(bytes: Uint8Array): readonly Element[] {
  const found: Element[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = element(bytes, at);
    found.push(next);
    at = next.end;
  }
  return found;
}

const count = (bytes: Uint8Array): number => elements(bytes).length;

function only(bytes: Uint8Array, tag: number): Uint8Array {
  return parts(bytes, tag)[0];
}

/** The contents of exactly these elements, one behind the other and nothing else. @throws NotDer */
function parts<const Tags extends readonly number[]>(
  bytes: Uint8Array,
  ...tags: Tags
): { readonly [At in keyof Tags]: Uint8Array };
function parts(bytes: Uint8Array, ...tags: readonly number[]): readonly Uint8Array[] {
  const found = elements(bytes);
  if (found.length !== tags.length || found.some(({ tag }, at) => tag !== tags[at])) throw new NotDer();
  return found.map(({ contents }) => contents);
}

/** Not negative, in its shortest form. */
function numberIn(contents: Uint8Array): number {
  const [first, second] = contents;
  if (first === undefined || contents.length > INTEGER_BYTES_MAX || first >= 0x80) throw new NotDer();
  if (first === 0 && second !== undefined && second < 0x80) throw new NotDer();
  return contents.reduce((sum, each) => sum * 0x100 + each, 0);
}
