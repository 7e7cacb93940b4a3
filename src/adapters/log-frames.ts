/**
 * The writer's own file of leaves, `leaves`: for each a frame of two bytes of length (high one first), the first eight bytes of the
 * leaf's RFC 6962 hash, and the leaf. It only grows, save that what was never signed may be cut off its end.
 */
import { assert } from "../core/assert.ts";
import { type Hash, leafHash } from "../evidence/log/tree.ts";
import type { LogDisk } from "./log-disk.ts";

/** `end` is where the frame ends, in bytes from the beginning of the file. */
export type LogFrame = { readonly leaf: Uint8Array; readonly hash: Hash; readonly end: number };

export type LogFrames = {
  /** From the first on, as far as frames are whole. */
  readonly read: () => Iterable<LogFrame>;
  /**
   * Resolves when the leaves behind the first `length` bytes are these, and would survive a power cut. Gives the file's new length.
   * When it rejects, all that stands behind `length` is of no account: the next call takes it away first.
   */
  readonly append: (length: number, leaves: readonly Uint8Array[]) => Promise<number>;
  /** Makes whole frames durable that an earlier process may not have synced, and cuts off what is torn behind them. */
  readonly settle: (length: number) => Promise<void>;
  readonly close: () => void;
};

const LENGTH_BYTES = 2;
const CHECK_BYTES = 8;
const HEAD_BYTES = LENGTH_BYTES + CHECK_BYTES;
const READ_BYTES = 1024 * 1024;

export function openLogFrames(path: string, disk: LogDisk): LogFrames {
  const file = disk.openEnd(path, 0o600);
  /** Whether bytes may stand behind the length that the caller knows of. */
  let untidy = true;

  async function settle(length: number): Promise<void> {
    disk.cut(file, length);
    await disk.sync(file);
    untidy = false;
  }

  return {
    read: () => readFrames(file, disk),
    settle,
    append: async (length, leaves) => {
      if (untidy) await settle(length);
      const frames = Buffer.concat(leaves.flatMap(frameOf));
      untidy = true;
      try {
        disk.write(file, frames);
        await disk.sync(file);
        untidy = false;
        return length + frames.length;
      } catch (thrown) {
        // A sync that failed may have dropped pages that can still be read: a restart must not take them for durable.
        tryTo(() => disk.cut(file, length));
        throw thrown;
      }
    },
    close: () => disk.close(file),
  };
}

function frameOf(leaf: Uint8Array): readonly Uint8Array[] {
  assert(leaf.length > 0 && leaf.length <= 0xffff, "a leaf has 1 to 65,535 bytes");
  return [Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leafHash(leaf).subarray(0, CHECK_BYTES), leaf];
}

function* readFrames(file: number, disk: LogDisk): Generator<LogFrame> {
  let held: Uint8Array = new Uint8Array(0);
  let [end, read] = [0, 0];
  for (;;) {
    const more = disk.readAt(file, read, READ_BYTES);
    read += more.length;
    held = held.length === 0 ? more : Buffer.concat([held, more]);
    let at = 0;
    for (let size = frameSize(held, at); size !== undefined; size = frameSize(held, at)) {
      const leaf = held.subarray(at + HEAD_BYTES, at + size);
      const hash = leafHash(leaf);
      const check = held.subarray(at + LENGTH_BYTES, at + HEAD_BYTES);
      if (Buffer.compare(hash.subarray(0, CHECK_BYTES), check) !== 0) return;
      at += size;
      end += size;
      yield { leaf, hash, end };
    }
    held = held.subarray(at);
    if (more.length < READ_BYTES) return;
  }
}

/** The bytes of the frame that begins here; undefined unless all of them are at hand. */
function frameSize(held: Uint8Array, at: number): number | undefined {
  const [high, low] = [held[at], held[at + 1]];
  if (high === undefined || low === undefined) return undefined;
  const size = HEAD_BYTES + high * 256 + low;
  return at + size <= held.length ? size : undefined;
}

function tryTo(act: () => void): void {
  try {
    act();
  } catch {
    return;
  }
}
