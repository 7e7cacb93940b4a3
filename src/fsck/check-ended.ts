/** The logs of earlier epochs: nobody writes them any more, and their receipts must go on to hold. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { openCheckpoint, type Trusted, type TrustedCheckpoint } from "../evidence/check-checkpoint.ts";
import type { KnownKey } from "../evidence/keys.ts";
import { exactDecimal } from "../evidence/log/checkpoint.ts";
import { decodeEntries, readerOverTiles } from "../evidence/log/tiles.ts";
import { rootOf } from "../evidence/log/tree.ts";
import { checkTree } from "./check-tree.ts";
import type { Finding } from "./findings.ts";
import { bytesAt, logFileIn } from "./log-folder.ts";

type Roots = (size: number) => string | undefined;
type World = { readonly runtime: string; readonly origin: string; readonly keys: readonly KnownKey[] };

const TILE_WIDTH = 256;

/** Gives the roots of those that hold, by their epochs. */
export function checkEndedLogs(world: World, found: (finding: Finding) => void): ReadonlyMap<number, Roots> {
  const logs = join(world.runtime, "evidence", "logs");
  return new Map(
    numbersIn(logs).flatMap((epoch) => {
      const roots = checkEnded(epoch, join(logs, String(epoch)), world, found);
      return roots === undefined ? [] : [[epoch, roots] as const];
    }),
  );
}

function checkEnded(epoch: number, folder: string, world: World, found: (finding: Finding) => void): Roots | undefined {
  const at = `.qoc/evidence/logs/${epoch}`;
  const note = bytesAt(join(folder, "checkpoint"));
  // A log that was lost before its epoch ended has left nothing but that.
  if (note === undefined) return undefined;
  const trusted = world.keys.map((key): Trusted => ({ key, from: undefined, until: undefined }));
  const checkpoint = openCheckpoint(Buffer.from(note).toString("utf8"), world.origin, () => trusted);
  if (checkpoint?.epoch !== epoch) {
    found({ code: "LOG_ENDED_DAMAGED", at: `${at}/checkpoint`, detail: "no key of this desk signed it" });
    return undefined;
  }
  const { faults, roots } = checkTree({
    size: checkpoint.size,
    present: [],
    leaves: leavesOf(folder, checkpoint),
    fileOf: (file) => logFileIn(folder, file, true),
    sizes: [],
  });
  for (const { path, kind } of faults) found({ code: "LOG_ENDED_DAMAGED", at: `${at}/${path}`, detail: kind });
  const isWhole = roots.get(checkpoint.size) === Buffer.from(checkpoint.root).toString("hex");
  if (!isWhole) found({ code: "LOG_ENDED_DAMAGED", at: `${at}/checkpoint`, detail: "its leaves do not have its root" });
  return isWhole && faults.length === 0 ? rootsIn(folder, checkpoint.size) : undefined;
}

/** As far as bundles can be read. */
function* leavesOf(folder: string, { size }: TrustedCheckpoint): Generator<Uint8Array> {
  for (let index = 0; index * TILE_WIDTH < size; index += 1) {
    const width = Math.min(TILE_WIDTH, size - index * TILE_WIDTH);
    const bytes = logFileIn(folder, { kind: "entries", index, width }, true);
    const entries = bytes && decodeEntries(bytes, width);
    if (entries === undefined) return;
    yield* entries;
  }
}

function rootsIn(folder: string, size: number): Roots {
  const read = readerOverTiles(size, (level, index, width) => {
    const bytes = logFileIn(folder, { kind: "tile", level, index, width }, true);
    if (bytes === undefined) throw new Error("the tile is gone");
    return bytes;
  });
  return (at) => (at <= size ? Buffer.from(rootOf(at, read)).toString("hex") : undefined);
}

function numbersIn(folder: string): readonly number[] {
  try {
    return readdirSync(folder).flatMap((name) => exactDecimal(name) ?? []);
  } catch {
    return [];
  }
}
