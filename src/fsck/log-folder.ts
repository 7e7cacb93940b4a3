/** The static files of a log, read as they lie there. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathOf } from "../adapters/log-tile-files.ts";
import { decodeEntries, encodeEntries, type LogFile } from "../evidence/log/tiles.ts";

const HASH_BYTES = 32;
const TILE_WIDTH = 256;

export function bytesAt(path: string): Uint8Array | undefined {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

/**
 * The bytes of a file of the tree. In a log that was copied while it grew a partial file may be missing because a wider one took its
 * place: there, with `widened`, that one's beginning counts.
 */
export function logFileIn(folder: string, file: LogFile, widened = false): Uint8Array | undefined {
  const exact = bytesAt(join(folder, pathOf(file)));
  if (exact !== undefined || !widened || file.width === TILE_WIDTH) return exact;
  for (const width of widthsAbove(folder, file)) {
    const bytes = bytesAt(join(folder, pathOf({ ...file, width })));
    const part = bytes && beginningOf(file, bytes, width);
    if (part !== undefined) return part;
  }
  return undefined;
}

function widthsAbove(folder: string, file: LogFile): readonly number[] {
  const partials = join(folder, pathOf({ ...file, width: TILE_WIDTH })) + ".p";
  const found = namesIn(partials).map(Number);
  return [...found, TILE_WIDTH].filter((width) => width > file.width && width <= TILE_WIDTH);
}

function beginningOf(file: LogFile, bytes: Uint8Array, width: number): Uint8Array | undefined {
  if (file.kind === "tile") return bytes.subarray(0, file.width * HASH_BYTES);
  const entries = decodeEntries(bytes, width);
  return entries && encodeEntries(entries.slice(0, file.width));
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
