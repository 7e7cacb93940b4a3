/** What a process wrote, up to a bound. The pipe is drained whatever comes, so a process that writes too much is not held up by it. */
import type { Readable } from "node:stream";

export type Output = { readonly bytes: Uint8Array; readonly cut_bytes: number };

/** Begins to read; the answer is what there is so far, the first `bytesMax` of it. */
export function keepOutput(stream: Readable | null, bytesMax: number): () => Output {
  // One piece that grows: a list of chunks costs many times its bytes when they come one by one.
  let kept: Buffer = Buffer.alloc(0);
  let held = 0;
  let cut = 0;
  stream?.on("data", (chunk: Buffer) => {
    const taken = Math.min(chunk.length, bytesMax - held);
    if (held + taken > kept.length) kept = grown(kept, Math.min(bytesMax, Math.max(held + taken, 2 * kept.length)));
    chunk.copy(kept, held, 0, taken);
    held += taken;
    cut += chunk.length - taken;
  });
  // A pipe that breaks ends what was written, no more.
  stream?.on("error", () => undefined);
  return () => ({ bytes: new Uint8Array(kept.subarray(0, held)), cut_bytes: cut });
}

function grown(from: Buffer, bytes: number): Buffer {
  const to = Buffer.alloc(bytes);
  from.copy(to);
  return to;
}
