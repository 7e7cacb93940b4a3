/** The writing half of the log: leaves, then a signed checkpoint over them, then tiles, then the published checkpoint. */
import { assert } from "../core/assert.ts";
import { leafBytes, leafKey, type LogLeaf } from "../evidence/log/leaf.ts";
import { tilesChanged } from "../evidence/log/tiles.ts";
import { leafHash } from "../evidence/log/tree.ts";
import type { LogFrames } from "./log-frames.ts";
import type { LogNotes, SignedCheckpoint } from "./log-notes.ts";
import type { RecoveredLog } from "./log-recovery.ts";
import { LogRefused } from "./log-refused.ts";
import type { LogTileFiles } from "./log-tile-files.ts";

export type LogWriter = {
  /** Leaves that are flushed, whether signed or not. */
  readonly size: () => number;
  /** Resolves when the leaves are flushed; when it rejects, none of them is in the log. */
  readonly write: (leaves: readonly LogLeaf[]) => Promise<void>;
  /**
   * Resolves when all that was written is covered by the published checkpoint. It does what there is still to do, so after a
   * rejection calling it again goes on from there; a LogRefused is final.
   */
  readonly complete: () => Promise<void>;
  readonly published: () => SignedCheckpoint;
};

export type WriterParts = { readonly notes: LogNotes; readonly frames: LogFrames; readonly tiles: LogTileFiles };

export function createLogWriter({ notes, frames, tiles }: WriterParts, found: RecoveredLog): LogWriter {
  const { edge, index } = found;
  let { bytes, signed, published, handedOver } = found;
  /** The size whose tiles are on the disk. */
  let tiled = signed?.size ?? 0;
  let refusal: LogRefused | undefined;

  /**
   * Compare and swap, before leaves are added and before they are signed: what is signed on the disk must be a checkpoint of these
   * very leaves, not before the last one. It may be ahead of what is known here, by a write that was done and reported as failed.
   */
  function compare(): void {
    const held = notes.readSigned();
    if (held === undefined && signed === undefined) return;
    const fits = held !== undefined && held.size >= (signed?.size ?? 0) && held.size <= edge.size();
    if (!fits || Buffer.compare(edge.rootAt(held.size), held.root) !== 0)
      throw new LogRefused("the signed checkpoint was changed by somebody else while this log was open");
  }

  async function sign(): Promise<SignedCheckpoint> {
    const size = edge.size();
    // One by the key before this one says the same tree, and is said again.
    if (signed?.size === size && signed.by === notes.own) return signed;
    compare();
    const next = notes.sign(size, edge.rootAt(size));
    await notes.writeSigned(next);
    signed = next;
    return next;
  }

  async function publish(checkpoint: SignedCheckpoint): Promise<void> {
    if (published?.note === checkpoint.note) return;
    const files = tilesChanged(tiled, checkpoint.size);
    await tiles.place(files, edge.bytesOf);
    tiled = checkpoint.size;
    await notes.writePublished(checkpoint);
    published = checkpoint;
    edge.forget(tiled);
    tiles.prune(files);
  }

  /** After a LogRefused nothing is tried any more. */
  async function guarded(act: () => Promise<void>): Promise<void> {
    if (refusal !== undefined) throw refusal;
    try {
      await act();
    } catch (thrown) {
      if (thrown instanceof LogRefused) refusal = thrown;
      throw thrown;
    }
  }

  async function append(leaves: readonly LogLeaf[]): Promise<void> {
    compare();
    const last = leaves.findIndex(({ kind }) => kind === "key");
    assert(
      !handedOver && (last === -1 || last === leaves.length - 1),
      "nothing follows a leaf that hands the log over",
    );
    const encoded = leaves.map(leafBytes);
    bytes = await frames.append(bytes, encoded);
    for (const [at, leaf] of leaves.entries()) index.add(leafKey(leaf), edge.size() + at);
    for (const leaf of encoded) edge.push(leaf, leafHash(leaf));
    handedOver = last !== -1;
  }

  return {
    size: edge.size,
    write: (leaves) => guarded(() => append(leaves)),
    complete: () => guarded(async () => publish(await sign())),
    published: () => {
      assert(published !== undefined, "an open log has a published checkpoint");
      return published;
    },
  };
}
