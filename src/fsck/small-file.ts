/** Files of a few kilobytes, by the hundred thousand: read into one buffer, with no question about their size before. */
import { closeSync, openSync, readFileSync, readSync } from "node:fs";

const held = Buffer.allocUnsafeSlow(64 * 1024);

/** Undefined for one that cannot be read. */
export function bytesOf(path: string): Buffer | undefined {
  try {
    const file = openSync(path, "r");
    try {
      const length = readSync(file, held, 0, held.length, 0);
      return length < held.length ? Buffer.from(held.subarray(0, length)) : readFileSync(file);
    } finally {
      closeSync(file);
    }
  } catch {
    return undefined;
  }
}

export const textOf = (path: string): string | undefined => bytesOf(path)?.toString("utf8");
