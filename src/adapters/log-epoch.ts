/**
 * Which log of a desk is the current one. A desk begins a new log, its next epoch, when it cannot know what the last one said: after a
 * backup was restored, seals may be out there that nobody here has. In `log-state`: `epoch` (the current one in decimal, 1 without the
 * file), `restored` (a backup was put in place, and no epoch begun since) and `next` (the one that is being begun, until it is done).
 */
import { join } from "node:path";
import { z } from "zod";
import { reasonOf } from "../core/assert.ts";
import { exactDecimal } from "../evidence/log/checkpoint.ts";
import { errnoOf } from "./disk.ts";
import type { LogDisk } from "./log-disk.ts";
import { EpochNeeded, LogRefused } from "./log-refused.ts";
import { replaceWhole } from "./log-replace.ts";

/** What a new epoch is begun with: fixed before the first step, so that one that a crash broke off goes on as the same. */
export type EpochPlan = {
  readonly epoch: number;
  /** The one before it. */
  readonly ended: number;
  /** Of the last checkpoint that is known of it: leaves, and the root in padded base64. */
  readonly size: number;
  readonly root: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly begun_at: string;
};

const Plan = z.strictObject({
  epoch: z.int().min(2),
  ended: z.int().min(1),
  size: z.int().min(0),
  root: z.base64(),
  reason: z.string(),
  begun_at: z.string(),
});

/** The origin of the log of an epoch; `origin` is what the seals say, `<host>/<workspace>`. */
export const logOriginOf = (origin: string, epoch: number): string =>
  epoch === 1 ? `${origin}/log` : `${origin}/log/${epoch}`;

/** The epoch that a log's origin names; undefined for an origin of another desk. */
export function epochIn(logOrigin: string, origin: string): number | undefined {
  if (logOrigin === `${origin}/log`) return 1;
  if (!logOrigin.startsWith(`${origin}/log/`)) return undefined;
  const epoch = exactDecimal(logOrigin.slice(origin.length + "/log/".length));
  return epoch !== undefined && epoch > 1 ? epoch : undefined;
}

/** @throws LogRefused when the file says no number */
export function readEpoch(state: string, disk: LogDisk): number {
  const text = textOf(join(state, "epoch"), disk);
  const epoch = text === undefined ? 1 : exactDecimal(text.trimEnd());
  if (epoch === undefined || epoch < 1) throw new LogRefused(`${join(state, "epoch")} says no number of an epoch`);
  return epoch;
}

/** @throws EpochNeeded when a backup was restored here, or when a new epoch was begun and not finished */
export function requireEpoch(state: string, disk: LogDisk): number {
  const plan = readPlan(state, disk);
  if (plan !== undefined)
    throw new EpochNeeded("UNFINISHED", `epoch ${plan.epoch} was begun at ${plan.begun_at} and is not finished`);
  const restored = textOf(join(state, "restored"), disk);
  if (restored !== undefined)
    throw new EpochNeeded(
      "RESTORED",
      `a backup was restored here${restored.trim() === "" ? "" : ` at ${restored.trim()}`}, and what was sealed and logged after it was made is not known here`,
    );
  return readEpoch(state, disk);
}

/** Said by who restores, before the store is in its place. */
export const writeRestored = (state: string, at: string, disk: LogDisk): Promise<void> =>
  replaceWhole(state, "restored", Buffer.from(`${at}\n`), disk);

export const writeEpoch = (state: string, epoch: number, disk: LogDisk): Promise<void> =>
  replaceWhole(state, "epoch", Buffer.from(`${epoch}\n`), disk);

export const writePlan = (state: string, plan: EpochPlan, disk: LogDisk): Promise<void> =>
  replaceWhole(state, "next", Buffer.from(`${JSON.stringify(plan)}\n`), disk);

/** @throws LogRefused for one that cannot be read */
export function readPlan(state: string, disk: LogDisk): EpochPlan | undefined {
  const path = join(state, "next");
  const text = textOf(path, disk);
  if (text === undefined) return undefined;
  try {
    return Plan.parse(JSON.parse(text));
  } catch (thrown) {
    throw new LogRefused(`${path} cannot be read: ${reasonOf(thrown)}`);
  }
}

/** The new epoch is whole: nothing stands in the way of a start any more. `next` goes last, so that a crash before goes on from it. */
export async function closePlan(state: string, disk: LogDisk): Promise<void> {
  for (const name of ["restored", "next"]) {
    removeIfThere(join(state, name), disk);
    await disk.syncFolder(state);
  }
}

export function removeIfThere(path: string, disk: LogDisk): void {
  try {
    disk.remove(path);
  } catch (thrown) {
    if (errnoOf(thrown) !== "ENOENT") throw thrown;
  }
}

export function textOf(path: string, disk: Pick<LogDisk, "look">): string | undefined {
  const found = disk.look(path);
  if (found === "none") return undefined;
  if (found === "other") throw new LogRefused(`${path} is no file that can be read`);
  return Buffer.from(found).toString();
}
