/**
 * The platform of a browser, with the exports of `../platform.ts`: hashes from `@noble/hashes`, signatures from WebCrypto. WebCrypto
 * answers later, so a signature that was not asked about yet does not verify for now; `questions.ts` asks, and the verifier runs again.
 */
import { hmac } from "@noble/hashes/hmac.js";
import { sha256 as sha256Of } from "@noble/hashes/sha2.js";
import { shake256 as shake256Of } from "@noble/hashes/sha3.js";
import { answerTo } from "./questions.ts";

/** Arguments of one call: below what any engine's stack takes. */
const CHARACTERS_A_CALL = 0x2000;

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHARACTERS_A_CALL)
    text += String.fromCharCode(...bytes.subarray(at, at + CHARACTERS_A_CALL));
  return text;
}

export const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

export const base64 = (bytes: Uint8Array): string => btoa(latin1(bytes));
export const base64url = (bytes: Uint8Array): string =>
  base64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");

export function decode(text: string, encoding: "base64" | "base64url"): Uint8Array {
  try {
    const plain = atob(encoding === "base64" ? text : text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(plain, (character) => character.charCodeAt(0));
  } catch {
    return new Uint8Array();
  }
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

export const areEqual = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, index) => byte === b[index]);

export const sha256 = (bytes: Uint8Array): Uint8Array => sha256Of(bytes);
export const sha256Hex = (data: Uint8Array | string): string =>
  hex(sha256(typeof data === "string" ? utf8(data) : data));
export const sha256Base64url = (text: string): string => base64url(sha256(utf8(text)));
export const shake256 = (bytes: Uint8Array, length: number): Uint8Array => shake256Of(bytes, { dkLen: length });
export const hmacSha256 = (key: Uint8Array, bytes: Uint8Array): Uint8Array => hmac(sha256Of, key, bytes);

export type Verifies = (bytes: Uint8Array, signature: Uint8Array) => boolean;

export const ed25519Verifier =
  (publicKey: Uint8Array): Verifies =>
  (bytes, signature) =>
    answerTo(`${hex(publicKey)} ${hex(signature)} ${sha256Hex(bytes)}`, { publicKey, bytes, signature });

/** @throws always: the page holds no private key. */
export function ed25519Signer(_privatePem: string): {
  readonly publicKey: Uint8Array;
  readonly sign: (bytes: Uint8Array) => Uint8Array;
} {
  throw new Error("the page signs nothing");
}
