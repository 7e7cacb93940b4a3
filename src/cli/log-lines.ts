/** Lines of the daemon's log: the last of them, and those that are added. A log that is rotated away is read to its end, and its successor from the beginning. */
import { closeSync, fstatSync, openSync, readSync, statSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import type { Io } from "./io.ts";

const LOOK_AGAIN_MS = 250;
const BLOCK_BYTES = 64 * 1024;
/** What has grown longer without a line end is no line of the daemon's, and is let go. */
const LINE_CHARACTERS_MAX = 1024 * 1024;

export type Tail = { readonly lines: readonly string[]; /** Where the next line will begin. */ readonly end: number };

/** The last `count` whole lines that `keep` holds of; the file is read from its end. */
export function tailOf(file: string, count: number, keep: (line: string) => boolean): Tail {
  const handle = openSync(file, "r");
  try {
    const end = endOfLines(handle, fstatSync(handle).size);
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

/** Where the last whole line ends: what stands behind it is still being written. */
function endOfLines(handle: number, size: number): number {
  const from = Math.max(0, size - BLOCK_BYTES);
  const last = blockAt(handle, from, size - from).lastIndexOf(0x0a);
  return last === -1 && from > 0 ? size : from + last + 1;
}

/** Whole lines added behind `from`, as they come, until the signal. */
export async function* linesFrom(
  file: string,
  from: number,
  io: Pick<Io, "sleep" | "stopping">,
): AsyncGenerator<string> {
  let open = openedAt(file, from);
  try {
    while (!io.stopping.aborted) {
      if (open !== undefined) yield* linesIn(open);
      const next = open !== undefined && isAt(file, open) ? undefined : openedAt(file, 0);
      if (next !== undefined) {
        // What was written between the last look and the rotation.
        if (open !== undefined) yield* linesIn(open);
        if (open !== undefined) closeSync(open.handle);
        open = next;
        continue;
      }
      await io.sleep(LOOK_AGAIN_MS, io.stopping);
    }
  } finally {
    if (open !== undefined) closeSync(open.handle);
  }
}

type Open = { readonly handle: number; readonly inode: number; at: number; rest: string; decoder: StringDecoder };

/** Undefined while there is no such file. */
function openedAt(file: string, at: number): Open | undefined {
  try {
    const handle = openSync(file, "r");
    return { handle, inode: fstatSync(handle).ino, at, rest: "", decoder: new StringDecoder("utf8") };
  } catch {
    return undefined;
  }
}

/** Whether the path still leads to this file. While it leads to none, the file that was there is all there is. */
function isAt(file: string, { inode }: Open): boolean {
  const found = statSync(file, { throwIfNoEntry: false });
  return found === undefined || found.ino === inode;
}

function* linesIn(open: Open): Generator<string> {
  // Cut off in its place, as `copytruncate` does: it begins anew.
  if (fstatSync(open.handle).size < open.at)
    Object.assign(open, { at: 0, rest: "", decoder: new StringDecoder("utf8") });
  for (;;) {
    const block = blockAt(open.handle, open.at, BLOCK_BYTES);
    if (block.length === 0) return;
    open.at += block.length;
    const lines = (open.rest + open.decoder.write(block)).split("\n");
    open.rest = lines.pop() ?? "";
    if (open.rest.length > LINE_CHARACTERS_MAX) open.rest = "";
    yield* lines.filter((line) => line !== "");
  }
}

function blockAt(handle: number, from: number, bytes: number): Buffer<ArrayBuffer> {
  const block = Buffer.alloc(bytes);
  return block.subarray(0, readSync(handle, block, 0, bytes, from));
}
