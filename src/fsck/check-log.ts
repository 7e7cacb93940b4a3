/** The log of the current epoch: its leaves, its tree, file by file, and the two places of its checkpoint. */
import { openSync } from "node:fs";
import { join } from "node:path";
import { nodeLogDisk } from "../adapters/log-disk.ts";
import { openLogFrames } from "../adapters/log-frames.ts";
import { pathOf, sizeNeeded } from "../adapters/log-tile-files.ts";
import { surveyLogFiles } from "../adapters/log-survey.ts";
import type { LogTip } from "../engine/ports.ts";
import { openCheckpoint, type Trusted, type TrustedCheckpoint } from "../evidence/check-checkpoint.ts";
import { keyidOf, type KnownKey } from "../evidence/keys.ts";
import { brokenStep, maySign, type KeyStep } from "../evidence/log/key-chain.ts";
import { checkKeyLeaf } from "../evidence/log/key-leaf.ts";
import { type LogLeaf, readLeaf } from "../evidence/log/leaf.ts";
import { openNote, readVkey, vkeyOf } from "../evidence/log/note.ts";
import { readerOverTiles } from "../evidence/log/tiles.ts";
import { rootOf } from "../evidence/log/tree.ts";
import { checkTree } from "./check-tree.ts";
import type { Finding, FsckCode } from "./findings.ts";
import { createLogClaims, type LogClaims } from "./log-claims.ts";
import { bytesAt, logFileIn } from "./log-folder.ts";

export type LogWorld = {
  /** `.qoc` */
  readonly runtime: string;
  /** `<host>/<workspace>` */
  readonly origin: string;
  /** The present key first. */
  readonly keys: readonly KnownKey[];
  readonly epoch: number;
  readonly tip: LogTip | undefined;
};

export type LogChecked = {
  readonly claims: LogClaims;
  /** The largest that was signed. */
  readonly size: number;
  /** The root of the log's first leaves, in hex; undefined where there are not so many, or where the tree is damaged. */
  readonly rootAt: (size: number) => string | undefined;
  /** The leaves once more, for who wants to name some. */
  readonly leaves: () => Iterable<LogLeaf | undefined>;
};

const LOG = ".qoc/evidence/log";
const STATE = ".qoc/log-state";

export function checkLog(world: LogWorld, found: (finding: Finding) => void): LogChecked {
  const folder = join(world.runtime, "evidence", "log");
  const published = checkpointAt(
    join(folder, "checkpoint"),
    `${LOG}/checkpoint`,
    "LOG_CHECKPOINT_INVALID",
    world,
    found,
  );
  const signed = checkpointAt(
    join(world.runtime, "log-state", "signed"),
    `${STATE}/signed`,
    "LOG_SIGNED_INVALID",
    world,
    found,
  );
  // Where the published checkpoint is damaged the files are those of the signed one.
  const size = published?.checkpoint.size ?? signed?.checkpoint.size ?? 0;
  const frames = (): Iterable<Uint8Array> => leavesOf(join(world.runtime, "log-state", "leaves"));
  const claims = createLogClaims();
  const steps: KeyStep[] = [];
  const sizes = [signed?.checkpoint.size ?? 0, ...(world.tip?.epoch === world.epoch ? [world.tip.size] : [])];
  const fileOf = (file: Parameters<typeof logFileIn>[1]) => logFileIn(folder, file);
  const present = surveyLogFiles(folder, READING);
  const tree = checkTree({ size, present, sizes, fileOf, leaves: taken(frames(), claims, steps, found) });
  const wanted = Math.max(size, signed?.checkpoint.size ?? 0);
  if (tree.count < wanted)
    found({ code: "LOG_LEAVES_DAMAGED", at: `${STATE}/leaves`, detail: `${tree.count} of ${wanted} can be read` });
  for (const { path, kind } of tree.faults)
    found({ code: kind === "missing" ? "LOG_TILE_MISSING" : "LOG_TILE_CHANGED", at: `${LOG}/${path}`, detail: "" });
  for (const each of [published, signed]) if (each !== undefined) checkRoot(each, tree.roots, found);
  if (published !== undefined && signed !== undefined && published.checkpoint.size < signed.checkpoint.size)
    found({ code: "LOG_UNPUBLISHED", at: `${STATE}/signed`, detail: `${signed.checkpoint.size} leaves` });
  for (const file of present)
    if (sizeNeeded(file) > wanted) found({ code: "LOG_TILE_STRAY", at: `${LOG}/${pathOf(file)}`, detail: "" });
  checkSigners([published, signed], steps, world, found);
  checkTip(world, tree.count, tree.roots, found);
  const isSound = tree.faults.length === 0 && tree.count >= wanted;
  const read = readerOverTiles(size, (level, index, width) => {
    const bytes = logFileIn(folder, { kind: "tile", level, index, width });
    if (bytes === undefined) throw new Error("the tile is gone");
    return bytes;
  });
  return {
    claims,
    size: wanted,
    rootAt: (at) => (isSound && at <= size ? Buffer.from(rootOf(at, read)).toString("hex") : undefined),
    leaves: function* () {
      for (const bytes of frames()) yield readLeaf(bytes);
    },
  };
}

/** Looks at folders and takes nothing away. */
const READING = { ...nodeLogDisk, remove: () => undefined };

type Found = (finding: Finding) => void;
type Placed = { readonly at: string; readonly note: string; readonly checkpoint: TrustedCheckpoint };

function checkpointAt(path: string, at: string, code: FsckCode, world: LogWorld, found: Found): Placed | undefined {
  const bytes = bytesAt(path);
  if (bytes === undefined) {
    found({ code: "LOG_MISSING", at, detail: "" });
    return undefined;
  }
  const note = Buffer.from(bytes).toString("utf8");
  const trusted = world.keys.map((key): Trusted => ({ key, from: undefined, until: undefined }));
  const checkpoint = Buffer.from(note).equals(bytes) ? openCheckpoint(note, world.origin, () => trusted) : undefined;
  if (checkpoint?.epoch === world.epoch) return { at, note, checkpoint };
  found({
    code,
    at,
    detail: checkpoint === undefined ? "no key of this desk signed it" : `of epoch ${checkpoint.epoch}`,
  });
  return undefined;
}

function checkRoot({ at, checkpoint }: Placed, roots: ReadonlyMap<number, string>, found: Found): void {
  const root = roots.get(checkpoint.size);
  if (root !== undefined && root !== Buffer.from(checkpoint.root).toString("hex"))
    found({ code: "LOG_ROOT_DIFFERS", at, detail: `${checkpoint.size} leaves` });
}

/** No more than whole frames: what is torn behind them counts as not there. */
function* leavesOf(path: string): Generator<Uint8Array> {
  if (bytesAt(path) === undefined) return;
  const frames = openLogFrames(path, { ...nodeLogDisk, openEnd: (name) => openSync(name, "r") });
  try {
    for (const { leaf } of frames.read()) yield leaf;
  } finally {
    frames.close();
  }
}

function* taken(
  leaves: Iterable<Uint8Array>,
  claims: LogClaims,
  steps: KeyStep[],
  found: Found,
): Generator<Uint8Array> {
  let index = 0;
  for (const bytes of leaves) {
    const leaf = readLeaf(bytes);
    if (leaf === undefined) found({ code: "LOG_LEAF_INVALID", at: `${STATE}/leaves`, detail: `leaf ${index} is none` });
    else if (!claims.take(leaf, index))
      found({ code: "LOG_LEAF_INVALID", at: `${STATE}/leaves`, detail: `leaf ${index} stands there already` });
    if (leaf?.kind === "key") steps.push({ index, leaf });
    yield bytes;
    index += 1;
  }
}

/** The key leaves go on from each other, and each checkpoint is by the key of its time. */
function checkSigners(
  placed: readonly (Placed | undefined)[],
  steps: readonly KeyStep[],
  { keys, origin }: LogWorld,
  found: Found,
): void {
  const at = `${STATE}/leaves`;
  const broken = brokenStep(steps) ?? steps.find(({ leaf }) => checkKeyLeaf(leaf, origin, keys) === undefined);
  if (broken !== undefined) found({ code: "LOG_KEY_INVALID", at, detail: `leaf ${broken.index}` });
  const [own] = keys;
  if (own === undefined) return;
  for (const each of placed) {
    if (each === undefined) continue;
    const { name, size } = each.checkpoint;
    const signers = keys.filter((key) => {
      const verifier = readVkey(vkeyOf(name, key.publicKey));
      return verifier !== undefined && openNote(each.note, [verifier]).kind === "note";
    });
    if (!signers.some((key) => maySign(keyidOf(key.publicKey), size, steps, own.keyid)))
      found({ code: "LOG_KEY_INVALID", at: each.at, detail: "the key that signed it was not the log's at that size" });
  }
}

function checkTip({ tip, epoch }: LogWorld, count: number, roots: ReadonlyMap<number, string>, found: Found): void {
  if (tip === undefined) return;
  const at = ".qoc/store";
  if (tip.epoch !== epoch)
    found({ code: "LOG_TIP_DIFFERS", at, detail: `epoch ${tip.epoch}, and the log is in ${epoch}` });
  else if (tip.size > count)
    found({ code: "LOG_TIP_DIFFERS", at, detail: `${tip.size} leaves, and the log has ${count}` });
  else if (roots.get(tip.size) !== tip.root)
    found({ code: "LOG_TIP_DIFFERS", at, detail: `another root of ${tip.size} leaves` });
}
