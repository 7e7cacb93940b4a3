/** Lines of the daemon's log: the last of them, and those that are added. A log that is rotated away is begun again. */
import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import type { Io } from "./io.ts";

const LOOK_AGAIN_MS = 250;
const BLOCK_BYTES = 64 * 1024;

export type Tail = { readonly lines: readonly string[]; /** Where the next line will begin. */ readonly end: number };

/** The last `count` whole lines that `keep` holds of; the file is read from its end. */
export function tailOf(file: string, count: number, keep: (line: string) => boolean): Tail {
  const handle = openSync(file, "r");
  try {
    const end = fstatSync(handle).size;
    const lines: string[] = [];
    let rest = Buffer.alloc(0);
    for (let at = end; at > 0 && lines.length < count;) {
      const from = Math.max(0, at - BLOCK_BYTES);
      rest = Buffer.concat([blockAt(handle, from, at - from), rest]);
      at = from;
      // Up to the first line end is a line that began before this block.
      const whole = from === 0 ? 0 : rest.indexOf(0x0a) + 1;
      const found = rest.subarray(whole).toString("utf8").split("\n");
      rest = rest.subarray(0, whole);
      lines.unshift(...found.filter((line) => line !== "" && keep(line)));
    }
    return { lines: lines.slice(-count), end };
  } finally {
    closeSync(handle);
  }
}

/** Whole lines added behind `from`, as they come, until the signal. */
export async function* linesFrom(
  file: string,
  from: number,
  io: Pick<Io, "sleep" | "stopping">,
): AsyncGenerator<string> {
  let at = from;
  let rest = "";
  while (!io.stopping.aborted) {
    const size = existsSync(file) ? statSync(file).size : 0;
    if (size < at) {
      at = 0;
      rest = "";
    }
    while (at < size) {
      const handle = openSync(file, "r");
      const block = blockAt(handle, at, Math.min(BLOCK_BYTES, size - at));
      closeSync(handle);
      if (block.length === 0) break;
      at += block.length;
      const lines = (rest + block.toString("utf8")).split("\n");
      rest = lines.pop() ?? "";
      yield* lines.filter((line) => line !== "");
    }
    await io.sleep(LOOK_AGAIN_MS, io.stopping);
  }
}

function blockAt(handle: number, from: number, bytes: number): Buffer<ArrayBuffer> {
  const block = Buffer.alloc(bytes);
  return block.subarray(0, readSync(handle, block, 0, bytes, from));
}
