/** What a log says of itself at one size: the text of a signed note. https://c2sp.org/tlog-checkpoint is followed. */
import { assert } from "../../core/assert.ts";
import { base64 } from "../platform.ts";
import { exactBase64 } from "./note.ts";

/** `size` counts leaves; `root` is the tree's 32 bytes at that size. */
export type Checkpoint = { readonly origin: string; readonly size: number; readonly root: Uint8Array };

const ROOT_BYTES = 32;

/**
 * Three lines, without extensions.
 * @throws when the origin is empty or has a line feed, the size is no count, the root not 32 bytes.
 */
export function writeCheckpoint({ origin, size, root }: Checkpoint): string {
  assert(origin !== "" && !origin.includes("\n"), "a log's origin is one line");
  assert(Number.isSafeInteger(size) && size >= 0, "a log's size is a count");
  assert(root.length === ROOT_BYTES, `a root has ${ROOT_BYTES} bytes`);
  return `${origin}\n${size}\n${base64(root)}\n`;
}

/**
 * Reads the text of an opened note; of unsigned text it says nothing that counts. Extension lines, which must not be
 * empty, are passed over. Undefined for any other text, and for a size beyond what a double counts exactly (2^53 - 1).
 */
export function readCheckpoint(text: string): Checkpoint | undefined {
  if (!text.endsWith("\n")) return undefined;
  const lines = text.slice(0, -1).split("\n");
  const [origin = "", count = "", hash = ""] = lines;
  const size = exactDecimal(count);
  const root = exactBase64(hash, ROOT_BYTES);
  if (size === undefined || root === undefined || lines.includes("")) return undefined;
  return { origin, size, root };
}

/** ASCII decimal without sign or leading zeros; undefined for other texts and for numbers above 2^53 - 1. */
export function exactDecimal(text: string): number | undefined {
  const value = /^(?:0|[1-9][0-9]*)$/.test(text) ? Number(text) : undefined;
  return Number.isSafeInteger(value) ? value : undefined;
}
