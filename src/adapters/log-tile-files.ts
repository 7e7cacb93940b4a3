/** The tiles and entry bundles as files below the log's folder, each placed whole and never changed. */
import { basename, dirname, join } from "node:path";
import { assert } from "../core/assert.ts";
import { entriesPath, type LogFile, tilePath } from "../evidence/log/tiles.ts";
import { ClerkFailure } from "./clerk-failure.ts";
import { type Draft, draft, publish } from "./durable-file.ts";
import type { LogDisk } from "./log-disk.ts";
import { LogRefused } from "./log-refused.ts";
import { ensureFolder } from "./log-replace.ts";

export type LogTileFiles = {
  /**
   * Resolves when all of them would survive a power cut. A crash leaves some of them, all whole.
   * @throws LogRefused when one of them is there with other bytes: a second history, or a damaged disk.
   */
  readonly place: (files: readonly LogFile[], bytesOf: (file: LogFile) => Uint8Array) => Promise<void>;
  /** @throws when the file is missing or cannot be read. */
  readonly readTile: (level: number, index: number, width: number) => Uint8Array;
  /** Takes away the partial files of which these are the full ones. What cannot be removed stays, until the next start. */
  readonly prune: (files: readonly LogFile[]) => void;
};

/** Open files at a time, and bytes held for them. */
const FILES_AT_A_TIME = 64;
const TILE_WIDTH = 256;

export const pathOf = (file: LogFile): string =>
  file.kind === "entries" ? entriesPath(file.index, file.width) : tilePath(file.level, file.index, file.width);

/** The least size of a log that has this file. */
export const sizeNeeded = (file: LogFile): number =>
  (file.index * TILE_WIDTH + file.width) * TILE_WIDTH ** (file.kind === "entries" ? 0 : file.level);

export function createLogTileFiles(folder: string, disk: LogDisk): LogTileFiles {
  const known = new Set<string>();

  async function placeSome(files: readonly LogFile[], bytesOf: (file: LogFile) => Uint8Array): Promise<void> {
    for (const file of files) await ensureFolder(dirname(join(folder, pathOf(file))), known, disk);
    const drafts: Draft[] = [];
    let placed: readonly (string | ClerkFailure)[] = [];
    try {
      for (const file of files) drafts.push(draftOf(join(folder, pathOf(file)), bytesOf(file), disk));
    } finally {
      placed = await publish(drafts, disk);
    }
    for (const each of placed) {
      if (!(each instanceof ClerkFailure)) continue;
      throw each.reason === "NAME_TAKEN" ? new LogRefused(`${each.detail} does not hold what the log says`) : each;
    }
  }

  return {
    place: async (files, bytesOf) => {
      for (let at = 0; at < files.length; at += FILES_AT_A_TIME)
        await placeSome(files.slice(at, at + FILES_AT_A_TIME), bytesOf);
    },
    readTile: (level, index, width) => {
      const found = disk.look(join(folder, tilePath(level, index, width)));
      assert(typeof found !== "string", `${tilePath(level, index, width)} can be read`);
      return found;
    },
    prune: (files) => {
      for (const file of files.filter(({ width }) => width === TILE_WIDTH)) {
        const partials = `${join(folder, pathOf(file))}.p`;
        known.delete(partials);
        removeAll(partials, disk);
      }
    },
  };
}

const draftOf = (path: string, bytes: Uint8Array, disk: LogDisk): Draft =>
  draft({ folder: dirname(path), names: [basename(path)], bytes, mode: 0o644 }, disk);

function removeAll(folder: string, disk: LogDisk): void {
  try {
    for (const name of disk.list(folder)) disk.remove(join(folder, name));
    disk.removeFolder(folder);
  } catch {
    return;
  }
}
