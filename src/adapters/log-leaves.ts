/** The leaves of a published log, out of its bundles of entries. */
import { join } from "node:path";
import { type LogLeaf, readLeaf } from "../evidence/log/leaf.ts";
import { decodeEntries, entriesPath } from "../evidence/log/tiles.ts";
import type { LogDisk } from "./log-disk.ts";
import { LogRefused } from "./log-refused.ts";

const TILE_WIDTH = 256;

/** From number `from` on, up to the size. @throws LogRefused for a bundle that is missing, and for a leaf that is none */
export function* leavesFrom(
  folder: string,
  from: number,
  size: number,
  disk: Pick<LogDisk, "look">,
): Generator<{ readonly index: number; readonly leaf: LogLeaf; readonly bytes: Uint8Array }> {
  for (let bundle = Math.floor(from / TILE_WIDTH); bundle * TILE_WIDTH < size; bundle += 1) {
    const first = bundle * TILE_WIDTH;
    const path = entriesPath(bundle, Math.min(TILE_WIDTH, size - first));
    const found = disk.look(join(folder, path));
    const entries = typeof found === "string" ? undefined : decodeEntries(found, Math.min(TILE_WIDTH, size - first));
    if (entries === undefined) throw new LogRefused(`${path} cannot be read`);
    for (const [at, bytes] of entries.entries()) {
      if (first + at < from) continue;
      const leaf = readLeaf(bytes);
      if (leaf === undefined) throw new LogRefused(`leaf ${first + at} is no leaf of a log`);
      yield { index: first + at, leaf, bytes };
    }
  }
}
