/** How a log is found at start: what contradicts itself is refused, what a crash left undone is made ready to be done. */
import { assert } from "../core/assert.ts";
import { brokenStep, type KeyStep, maySign, nextKeyid } from "../evidence/log/key-chain.ts";
import { leafBefore, leafKey, type LogLeaf, readLeaf } from "../evidence/log/leaf.ts";
import { type LogFile, tilesChanged } from "../evidence/log/tiles.ts";
import { createLogEdge, type LogEdge } from "./log-edge.ts";
import type { LogFrames } from "./log-frames.ts";
import { createSealIndex, type SealIndex } from "./log-index.ts";
import type { LogNotes, SignedCheckpoint } from "./log-notes.ts";
import { LogRefused } from "./log-refused.ts";
import { type LogTileFiles, pathOf, sizeNeeded } from "./log-tile-files.ts";

export type RecoveryParts = {
  readonly notes: LogNotes;
  readonly frames: LogFrames;
  readonly tiles: LogTileFiles;
  /** The files of the tree that are on the disk. */
  readonly survey: () => readonly LogFile[];
  /** The keyid of the key that a rotation under way hands the log over to. */
  readonly next?: string | undefined;
};

export type RecoveredLog = {
  readonly edge: LogEdge;
  readonly index: SealIndex;
  /** Bytes of whole frames; nothing stands behind them. */
  readonly bytes: number;
  readonly signed: SignedCheckpoint | undefined;
  readonly published: SignedCheckpoint | undefined;
  /** The last leaf hands the log over to another key than this desk signs with: nothing may follow it. */
  readonly handedOver: boolean;
};

/** Leaves before the last signed one that are kept in memory, so that a crash in publishing costs no second reading. */
const KEPT_LEAVES = 65_536;
const LEAVES_AT_A_TIME = 8192;

/**
 * Whole frames behind the signed size were flushed, perhaps signed, and never acknowledged. They stay, and the next checkpoint covers
 * them. Cutting them off would be the risk: the checkpoint over them may exist, in a temporary or in a name that a power cut brings
 * back, and other leaves in their place would give its size a second root. As they stay, each size has one sequence of leaves from
 * the moment that anything could sign it. Only what is torn is cut off; nothing over it was ever signed, because it was never flushed.
 * @throws LogRefused
 */
export async function recoverLog({ notes, frames, tiles, survey, next }: RecoveryParts): Promise<RecoveredLog> {
  const [signed, published] = [notes.readSigned(), notes.readPublished()];
  const size = signed?.size ?? 0;
  if ((published?.size ?? -1) > (signed?.size ?? -1))
    throw new LogRefused(
      `the published checkpoint has size ${published?.size}, the signed one of log-state ${signed?.size ?? "is missing"}`,
    );
  const { edge, index, bytes, steps } = readLeaves(frames, size, [signed, published]);
  const handedOver = checkKeys(steps, notes.own, edge.size(), next);
  for (const checkpoint of [signed, published]) checkSigner(checkpoint, steps, notes.own);
  if (signed === undefined && edge.size() > 0) throw new LogRefused(`${edge.size()} leaves, but no signed checkpoint`);
  const there = survey();
  const beyond = there.find((file) => sizeNeeded(file) > size);
  if (beyond !== undefined) throw new LogRefused(`${pathOf(beyond)} is beyond the signed size ${size}`);
  await frames.settle(bytes);
  const paths = new Set(there.map(pathOf));
  const missing = tilesChanged(0, size).filter((file) => !paths.has(pathOf(file)));
  await restoreTiles(
    missing.filter((file) => !edge.holds(file)),
    frames,
    tiles,
  );
  // Those that the edge holds are placed again, also where they are: other bytes under their names are found that way.
  await tiles.place(
    tilesChanged(0, size).filter((file) => edge.holds(file)),
    edge.bytesOf,
  );
  tiles.prune(there);
  edge.forget(size);
  return { edge, index, bytes, signed, published, handedOver };
}

type Leaves = {
  readonly edge: LogEdge;
  readonly index: SealIndex;
  readonly bytes: number;
  readonly steps: readonly KeyStep[];
};

/** Reads every leaf anew, and has each checkpoint's root recomputed when its size is reached. */
function readLeaves(frames: LogFrames, size: number, checkpoints: readonly (SignedCheckpoint | undefined)[]): Leaves {
  const [edge, index] = [createLogEdge(), createSealIndex()];
  const keptFrom = Math.max(checkpoints[1]?.size ?? 0, size - KEPT_LEAVES);
  const steps: KeyStep[] = [];
  let bytes = 0;
  for (const checkpoint of checkpoints) if (checkpoint?.size === 0) checkRoot(edge, checkpoint);
  for (const { leaf, hash, end } of frames.read()) {
    const taken = takeLeaf(leaf, edge.size(), index);
    if (taken.kind === "key") steps.push({ index: edge.size(), leaf: taken });
    edge.push(leaf, hash);
    bytes = end;
    for (const checkpoint of checkpoints) if (checkpoint?.size === edge.size()) checkRoot(edge, checkpoint);
    if (edge.size() <= keptFrom && edge.size() % LEAVES_AT_A_TIME === 0) edge.forget(edge.size());
  }
  if (edge.size() < size) throw new LogRefused(`${edge.size()} leaves can be read, and ${size} were signed`);
  return { edge, index, bytes, steps };
}

function checkRoot(edge: LogEdge, { size, root }: SignedCheckpoint): void {
  if (Buffer.compare(edge.rootAt(size), root) !== 0)
    throw new LogRefused(`the first ${size} leaves do not have the root that was signed`);
}

function takeLeaf(bytes: Uint8Array, at: number, index: SealIndex): LogLeaf {
  const leaf = readLeaf(bytes);
  if (leaf === undefined) throw new LogRefused(`leaf ${at} is no leaf of a log`);
  const key = leafKey(leaf);
  if (index.get(key) !== undefined) throw new LogRefused(`leaf ${at} repeats ${leaf.kind} ${key}`);
  const before = leafBefore(leaf);
  if (before !== undefined && before >= at) throw new LogRefused(`leaf ${at} is about leaf ${before}`);
  index.add(key, at);
  return leaf;
}

/**
 * The leaves say which key signs now, and it must be this desk's. True when they say the key of a rotation under way, which only the last
 * leaf may do.
 */
function checkKeys(steps: readonly KeyStep[], own: string, size: number, next: string | undefined): boolean {
  const broken = brokenStep(steps);
  if (broken !== undefined) throw new LogRefused(`leaf ${broken.index} does not go on from the key before it`);
  const last = steps.at(-1);
  const current = last === undefined ? own : nextKeyid(last.leaf);
  if (current === own) return false;
  if (current === next && last?.leaf.prev === own && last.index === size - 1) return true;
  throw new LogRefused(`leaf ${last?.index} hands the log over to the key ${current}, and this desk's key is ${own}`);
}

function checkSigner(checkpoint: SignedCheckpoint | undefined, steps: readonly KeyStep[], own: string): void {
  if (checkpoint === undefined || maySign(checkpoint.by, checkpoint.size, steps, own)) return;
  throw new LogRefused(`the checkpoint of size ${checkpoint.size} is not signed by this desk's key of that time`);
}

/** Writes files of long ago again, in one more reading. */
async function restoreTiles(missing: readonly LogFile[], frames: LogFrames, tiles: LogTileFiles): Promise<void> {
  const due = missing.toSorted((a, b) => sizeNeeded(a) - sizeNeeded(b));
  const last = due.at(-1);
  if (last === undefined) return;
  const edge = createLogEdge();
  let next = 0;
  for (const { leaf, hash } of frames.read()) {
    edge.push(leaf, hash);
    if (edge.size() % LEAVES_AT_A_TIME !== 0 && edge.size() !== sizeNeeded(last)) continue;
    const ready = due.slice(next).filter((file) => sizeNeeded(file) <= edge.size());
    await tiles.place(ready, edge.bytesOf);
    next += ready.length;
    edge.forget(edge.size());
    if (next === due.length) return;
  }
  assert(false, "every file of the tree can be made of its leaves");
}
