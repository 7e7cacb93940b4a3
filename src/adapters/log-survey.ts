/** Which tiles and bundles are on the disk, by their names alone: what was placed was placed whole. `qoc fsck` is who reads them. */
import { join } from "node:path";
import type { LogFile } from "../evidence/log/tiles.ts";
import { errnoOf } from "./disk.ts";
import { sweepTemporaries } from "./durable-file.ts";
import type { LogDisk } from "./log-disk.ts";

const TILE_WIDTH = 256;

/** Sweeps temporaries on its way. Names that are none of a log's are passed over. */
export function surveyLogFiles(folder: string, disk: LogDisk): readonly LogFile[] {
  const tiles = join(folder, "tile");
  return listOf(tiles, disk).flatMap((name) => {
    const found = placesIn(join(tiles, name), 0, disk);
    if (name === "entries") return found.map((place): LogFile => ({ kind: "entries", ...place }));
    if (!/^(?:0|[1-9][0-9]?)$/.test(name)) return [];
    return found.map((place): LogFile => ({ kind: "tile", level: Number(name), ...place }));
  });
}

type Place = { readonly index: number; readonly width: number };

/** `above` is the number that the folders above spell: `x001` and below it `234` are 1234. */
function placesIn(folder: string, above: number, disk: LogDisk): readonly Place[] {
  sweepTemporaries(folder, disk);
  return listOf(folder, disk).flatMap((name) => {
    const [, branch, digits = "", partial] = /^(x?)([0-9]{3})(\.p)?$/.exec(name) ?? [];
    if (branch === undefined) return [];
    const index = above * 1000 + Number(digits);
    if (branch === "x") return partial === undefined ? placesIn(join(folder, name), index, disk) : [];
    return partial === undefined ? [{ index, width: TILE_WIDTH }] : partialsIn(join(folder, name), index, disk);
  });
}

function partialsIn(folder: string, index: number, disk: LogDisk): readonly Place[] {
  sweepTemporaries(folder, disk);
  const widths = listOf(folder, disk).filter((name) => /^[1-9][0-9]{0,2}$/.test(name) && Number(name) < TILE_WIDTH);
  return widths.map((width) => ({ index, width: Number(width) }));
}

function listOf(folder: string, disk: LogDisk): readonly string[] {
  try {
    return disk.list(folder);
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return [];
    throw thrown;
  }
}
