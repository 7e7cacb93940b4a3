/** Puts the log of an epoch that ends out of the way of the next one. Nothing of it is changed or lost. */
import { join } from "node:path";
import { errnoOf } from "./disk.ts";
import type { LogDisk } from "./log-disk.ts";
import { type EpochPlan, readEpoch, writeEpoch } from "./log-epoch.ts";
import { LogRefused } from "./log-refused.ts";
import { ensureFolder, replaceWhole } from "./log-replace.ts";

/** What is kept of an ended epoch beside its static files, in `ended.json`. */
export type EndedEpoch = {
  readonly epoch: number;
  readonly size: number;
  /** In padded base64. */
  readonly root: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly ended_at: string;
};

export const endedFolder = (evidence: string, epoch: number): string => join(evidence, "logs", String(epoch));

/**
 * The static files go to `evidence/logs/<n>`, the writer's own to `log-state/ended/<n>`, envelopes that the store does not know (sealed
 * after the backup was made) with their receipts to `evidence/logs/<n>/set-aside`, and then the new epoch is the current one. Each step is
 * one rename or one whole file and may be done again: a crash anywhere leaves what calling this again goes on from.
 */
export async function endEpoch(
  runtime: string,
  plan: EpochPlan,
  unknown: readonly string[],
  disk: LogDisk,
): Promise<void> {
  const [evidence, state] = [join(runtime, "evidence"), join(runtime, "log-state")];
  // From here on the names at hand are those of the new log.
  if (readEpoch(state, disk) === plan.epoch) return;
  const ended = endedFolder(evidence, plan.ended);
  const stateEnded = join(state, "ended", String(plan.ended));
  const known = new Set<string>();
  for (const folder of [join(evidence, "logs"), stateEnded]) await ensureFolder(folder, known, disk);
  moveLog(join(evidence, "log"), ended, disk);
  for (const folder of [evidence, join(evidence, "logs")]) await disk.syncFolder(folder);
  await ensureFolder(ended, known, disk);
  for (const name of ["leaves", "signed"]) move(join(state, name), join(stateEnded, name), disk);
  for (const folder of [stateEnded, state]) await disk.syncFolder(folder);
  await setAside(evidence, join(ended, "set-aside"), unknown, disk);
  const { size, root, reason, begun_at } = plan;
  const said: EndedEpoch = { epoch: plan.ended, size, root, reason, ended_at: begun_at };
  await replaceWhole(ended, "ended.json", Buffer.from(`${JSON.stringify(said)}\n`), disk);
  await writeEpoch(state, plan.epoch, disk);
}

/** A folder of that name that is there already is of an epoch that ended before. */
function moveLog(from: string, to: string, disk: LogDisk): void {
  if (!isFolder(from, disk)) return;
  if (isFolder(to, disk)) throw new LogRefused(`${to} is there already, and ${from} is not moved over it`);
  disk.rename(from, to);
}

async function setAside(evidence: string, to: string, names: readonly string[], disk: LogDisk): Promise<void> {
  if (names.length === 0) return;
  await ensureFolder(to, new Set(), disk);
  for (const name of names) {
    move(join(evidence, name), join(to, name), disk);
    const receipt = name.replace(/\.json$/, ".tlog-proof");
    move(join(evidence, receipt), join(to, receipt), disk);
  }
  for (const folder of [to, evidence]) await disk.syncFolder(folder);
}

/** What is not there was moved before, or never was. */
function move(from: string, to: string, disk: LogDisk): void {
  if (disk.look(from) !== "none") disk.rename(from, to);
}

function isFolder(path: string, disk: LogDisk): boolean {
  try {
    disk.list(path);
    return true;
  } catch (thrown) {
    if (errnoOf(thrown) === "ENOENT") return false;
    throw thrown;
  }
}
