/**
 * Texts of others inside of the bundle: each between two lines that only we can have written. The fence is longer than any run of its
 * character within, and the lines outside of it carry a number made of the text's own hash, which no text can hold.
 */
import { createHash } from "node:crypto";

const NONCE_DIGITS = 32;
/** A text that would need a longer fence is shown as base64. */
export const FENCE_MAX = 100;

/**
 * ```
 * begin data 3f2a…
 * `````text
 * the text, and one line end that is ours
 * `````
 * end data 3f2a…
 * ```
 * @param text without a run of backticks that is longer than a fence may be: see `readable`
 */
export function fencedData(text: string): string {
  const fence = "`".repeat(Math.max(3, longestTicks(text) + 1));
  const nonce = nonceOf(text);
  return `begin data ${nonce}\n${fence}text\n${text}\n${fence}\nend data ${nonce}\n`;
}

export const nonceOf = (text: string): string =>
  createHash("sha256").update(`qoc.bundle/v1\n${text}`).digest("hex").slice(0, NONCE_DIGITS);

export type Shown = { readonly text: string; readonly encoding: "utf-8" | "base64" };

/** Steers a terminal, or is read as nothing: whoever prints the bundle sees what stands in it. */
const UNPRINTABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/; // oxlint-disable-line no-control-regex -- they are what is looked for
const BASE64_LINE = /.{1,76}/g;

/** The bytes as their own text where they are one that can be fenced and printed; else as base64 in lines. */
export function readable(bytes: Uint8Array): Shown {
  const text = utf8(bytes);
  if (text !== null && !UNPRINTABLE.test(text) && longestTicks(text) < FENCE_MAX) return { text, encoding: "utf-8" };
  const lines = Buffer.from(bytes).toString("base64").match(BASE64_LINE) ?? [];
  return { text: lines.join("\n"), encoding: "base64" };
}

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

/** The beginning of a text that takes at most so many bytes, with no character cut in two. */
export function beginning(text: string, bytesMax: number): string {
  const bytes = Buffer.from(text);
  if (bytes.byteLength <= bytesMax) return text;
  let end = Math.max(0, bytesMax);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end).toString();
}

function longestTicks(text: string): number {
  let longest = 0;
  for (const [run] of text.matchAll(/`+/g)) longest = Math.max(longest, run.length);
  return longest;
}
