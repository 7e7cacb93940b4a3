/**
 * Signed notes: text with signature lines below it. https://c2sp.org/signed-note is followed, and
 * https://c2sp.org/tlog-cosignature for the timestamped Ed25519 signatures of witnesses. Of the signature types these
 * two are known, 0x01 and 0x04.
 */
import type { KeyObject } from "node:crypto";
import { assert } from "../../core/assert.ts";
import { isWellFormed } from "../../core/json-reader.ts";
import { knownKeyOf, signerOf as signerOfPem, type KnownKey } from "../keys.ts";
import { base64, concat, decode, hex, sha256Hex, utf8 } from "../platform.ts";

/** What the page asks every verifier to accept, and no more. */
export const NOTE_SIGNATURES_MAX = 16;
/** The whole note. Sixteen post-quantum signatures, which the page says to remember, take half of it. */
export const NOTE_BYTES_MAX = 256 * 1024;

const ED25519 = 0x01;
const COSIGNATURE = 0x04;
const KEY_ID_BYTES = 4;
const RAW_KEY_BYTES = 32;
const TIME_BYTES = 8;
const TIME_MAX = 2n ** 63n - 1n;
const DASH = "\u2014 ";
const NEWLINE = 0x0a;
const SPACE = 0x20;

/**
 * `sign` is given the note's text and gives what follows the key ID on the signature line: 64 bytes, or a cosigner's
 * 72. The vkey says of which type the signatures are.
 */
export type NoteSigner = {
  readonly name: string;
  readonly vkey: string;
  readonly sign: (text: Uint8Array) => Uint8Array;
};

/** A key to trust. `keyId` is eight lower-case hex digits; `verifies` takes what follows it, of any length. */
export type Verifier = {
  readonly name: string;
  readonly keyId: string;
  readonly vkey: string;
  readonly verifies: (text: Uint8Array, signature: Uint8Array) => boolean;
};

/** `by` names the keys that signed, each once, in the order of the lines. `reason` quotes nothing of the note. */
export type OpenedNote =
  | { readonly kind: "note"; readonly text: string; readonly by: readonly string[] }
  | { readonly kind: "refused"; readonly reason: string };

/** @throws when the key is no Ed25519 private key, or the name is empty or has a space, a plus or a control. */
export function signerOf(name: string, privateKey: KeyObject): NoteSigner {
  const { publicKey, sign } = keyPairOf(privateKey);
  return { name, vkey: vkeyOf(name, publicKey), sign };
}

/**
 * Signs for one moment, in seconds since the epoch: that at this time the checkpoint was the largest consistent one
 * seen of its log. Whoever signs has checked that. The name is not signed, so one key is for one cosigner and for
 * nothing else.
 * @throws as `signerOf` does, and when the time is not a whole number of seconds since the epoch.
 */
export function cosignerOf(name: string, privateKey: KeyObject, nowSeconds: number): NoteSigner {
  assert(Number.isSafeInteger(nowSeconds) && nowSeconds >= 0, "a cosignature's time is whole seconds since the epoch");
  const { publicKey, sign } = keyPairOf(privateKey);
  const time = new Uint8Array(TIME_BYTES);
  new DataView(time.buffer).setBigUint64(0, BigInt(nowSeconds));
  return {
    name,
    vkey: vkeyFor(COSIGNATURE, name, publicKey),
    sign: (text) => concat(time, sign(cosignedMessage(BigInt(nowSeconds), text))),
  };
}

/**
 * The vkey of a key that signs notes as they are (0x01).
 * @throws when the key is not 32 bytes, or for a name as `signerOf` does.
 */
export const vkeyOf = (name: string, publicKey: Uint8Array): string => vkeyFor(ED25519, name, publicKey);

/** A key that is read already, as the one that signs notes under a name. @throws as `vkeyOf` does */
export function verifierOf(name: string, { publicKey, verifies }: KnownKey): Verifier {
  const vkey = vkeyOf(name, publicKey);
  return { name, keyId: vkey.slice(name.length + 1, name.length + 1 + 2 * KEY_ID_BYTES), vkey, verifies };
}

/** The key that a vkey stands for. Undefined for all but its one spelling: no line feed may follow it. */
export function readVkey(text: string): Verifier | undefined {
  const [name = "", keyId = "", ...rest] = text.split("+");
  const material = exactBase64(rest.join("+"), 1 + RAW_KEY_BYTES);
  if (material === undefined || !isName(name)) return undefined;
  const type = material[0];
  const raw = material.subarray(1);
  if ((type !== ED25519 && type !== COSIGNATURE) || vkeyFor(type, name, raw) !== text) return undefined;
  const key = knownKeyOf(raw);
  if (key === undefined) return undefined;
  const verifies = type === ED25519 ? key.verifies : cosignatureBy(key.verifies);
  return { name, keyId, vkey: text, verifies };
}

/** Whether the key's signatures are those of a witness (0x04). */
export const isCosigner = ({ vkey }: Pick<Verifier, "vkey">): boolean =>
  decode(vkey.split("+").slice(2).join("+"), "base64")[0] === COSIGNATURE;

/**
 * The note: the text, an empty line, a line a signer in their order.
 * @throws for what is no note's text (it ends with a line feed, has no other control character and nothing without a
 * UTF-8 form), for none or too many signers, for a signer whose vkey is not its own, and for more than a note may hold.
 */
export function signNote(text: string, signers: readonly NoteSigner[]): string {
  const bytes = utf8(text);
  assert(isWellFormed(text) && text.endsWith("\n") && !hasControls(bytes), "the text is one of a note");
  assert(signers.length > 0 && signers.length <= NOTE_SIGNATURES_MAX, `a note has 1 to ${NOTE_SIGNATURES_MAX} signers`);
  const lines = signers.map((signer) => {
    const verifier = readVkey(signer.vkey);
    assert(verifier?.name === signer.name, "a signer's vkey is one of its name");
    const blob = concat(bytesOfHex(verifier.keyId), signer.sign(bytes));
    return `${DASH}${signer.name} ${base64(blob)}\n`;
  });
  const note = `${text}\n${lines.join("")}`;
  assert(utf8(note).length <= NOTE_BYTES_MAX, `a note has at most ${NOTE_BYTES_MAX} bytes`);
  return note;
}

/**
 * The text, when at least one of the keys signed it and none of them is named by a signature that does not verify.
 * Signatures of other keys are ignored, also under a known name with another key ID, but every line must be well
 * formed. Where several verifiers share a name and a key ID, all must agree. Total.
 */
export function openNote(note: string | Uint8Array, verifiers: readonly Verifier[]): OpenedNote {
  if (note.length > NOTE_BYTES_MAX) return refused("the note is too large");
  const whole = typeof note === "string" ? note : textOf(note);
  if (whole === undefined || !isWellFormed(whole)) return refused("the note is not UTF-8");
  const bytes = utf8(whole);
  if (bytes.length > NOTE_BYTES_MAX) return refused("the note is too large");
  if (hasControls(bytes)) return refused("the note has a control character");
  if (!whole.endsWith("\n")) return refused("the note does not end with a line feed");
  const blank = whole.lastIndexOf("\n\n");
  if (blank === -1) return refused("the note has no empty line above its signatures");
  const lines = whole.slice(blank + 2, -1).split("\n");
  if (lines.length > NOTE_SIGNATURES_MAX) return refused("the note has too many signatures");

  const text = whole.slice(0, blank + 1);
  const signed = utf8(text);
  const by = new Set<string>();
  for (const line of lines) {
    const signature = readSignature(line);
    if (signature === undefined) return refused("a signature line is malformed");
    for (const { name, keyId, verifies } of verifiers) {
      if (name !== signature.name || keyId !== signature.keyId) continue;
      if (!verifies(signed, signature.bytes)) return refused(`a signature of the known key ${name} does not verify`);
      by.add(name);
    }
  }
  return by.size === 0 ? refused("no known key signed the note") : { kind: "note", text, by: [...by] };
}

/** RFC 4648, section 4, padded. Undefined for a text that does not re-encode to itself, or not to `length` bytes. */
export function exactBase64(text: string, length?: number): Uint8Array | undefined {
  const bytes = decode(text, "base64");
  return base64(bytes) === text && (length ?? bytes.length) === bytes.length ? bytes : undefined;
}

const bytesOfHex = (digits: string): Uint8Array =>
  Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));

type Signature = { readonly name: string; readonly keyId: string; readonly bytes: Uint8Array };

function readSignature(line: string): Signature | undefined {
  if (!line.startsWith(DASH)) return undefined;
  const space = line.indexOf(" ", DASH.length);
  const name = line.slice(DASH.length, space);
  const blob = exactBase64(line.slice(space + 1));
  if (space === -1 || !isName(name) || blob === undefined || blob.length <= KEY_ID_BYTES) return undefined;
  const keyId = hex(blob.subarray(0, KEY_ID_BYTES));
  return { name, keyId, bytes: blob.subarray(KEY_ID_BYTES) };
}

const keyPairOf = (privateKey: KeyObject): ReturnType<typeof signerOfPem> =>
  signerOfPem(String(privateKey.export({ format: "pem", type: "pkcs8" })));

function vkeyFor(type: number, name: string, publicKey: Uint8Array): string {
  assert(isName(name), "a key's name has no space, plus or control character");
  assert(publicKey.length === RAW_KEY_BYTES, `an Ed25519 public key has ${RAW_KEY_BYTES} bytes`);
  const material = concat(Uint8Array.of(type), publicKey);
  const digest = sha256Hex(concat(utf8(`${name}\n`), material));
  return `${name}+${digest.slice(0, 2 * KEY_ID_BYTES)}+${base64(material)}`;
}

const cosignatureBy =
  (verifies: Verifier["verifies"]): Verifier["verifies"] =>
  (text, signature) => {
    if (signature.length < TIME_BYTES) return false;
    const time = new DataView(signature.buffer, signature.byteOffset, TIME_BYTES).getBigUint64(0);
    return time <= TIME_MAX && verifies(cosignedMessage(time, text), signature.subarray(TIME_BYTES));
  };

const cosignedMessage = (time: bigint, text: Uint8Array): Uint8Array =>
  concat(utf8(`cosignature/v1\ntime ${time}\n`), text);

const isName = (name: string): boolean =>
  name !== "" && !/[+\p{White_Space}]/u.test(name) && isWellFormed(name) && !hasControls(utf8(name));

const hasControls = (bytes: Uint8Array): boolean => bytes.some((byte) => byte < SPACE && byte !== NEWLINE);

/** A byte order mark is kept: the bytes that were signed are the bytes that are read. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

const refused = (reason: string): OpenedNote => ({ kind: "refused", reason });
