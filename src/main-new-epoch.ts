/** A new log for a desk whose old one cannot be gone on with: begun by a person, under the desk's lock, with no daemon running. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { lockDesk } from "./adapters/desk-lock.ts";
import { openEvidenceKeys, type EvidenceKeys } from "./adapters/key-files.ts";
import { nodeLogDisk } from "./adapters/log-disk.ts";
import { endEpoch } from "./adapters/log-ended.ts";
import { closePlan, readPlan, writePlan, type EpochPlan } from "./adapters/log-epoch.ts";
import type { LogDisk } from "./adapters/log-disk.ts";
import { addressesIn } from "./adapters/log-known.ts";
import { EpochNeeded } from "./adapters/log-refused.ts";
import { ensureFolder } from "./adapters/log-replace.ts";
import { openStore as openLmdbStore, openStoreReadOnly } from "./adapters/store-lmdb.ts";
import { machineOf } from "./core/ids.ts";
import { amendmentParts, envelopeParts } from "./desk/seal-parts.ts";
import type { Store } from "./engine/ports.ts";
import { amendmentIdOf } from "./evidence/amendment.ts";
import { envelopeNamed } from "./evidence/file-names.ts";
import { erasedLeaves, requireSealed } from "./main-epoch-seals.ts";
import { settleKeyRotation } from "./main-keys.ts";
import { tipOf } from "./main-held-log.ts";
import { lastKnownOf } from "./main-known-epoch.ts";
import { catchUp, openLogOfEpoch } from "./main-evidence-log.ts";

export type EpochAsked = {
  readonly dir: string;
  readonly workspace: string;
  readonly reason: string;
  /** At least this one, for who knows of epochs that the desk has forgotten. */
  readonly epochMin: number;
  readonly now: number;
  readonly disk?: LogDisk;
  readonly openStore?: (dir: string) => Promise<Store>;
};
export type EpochBegun = {
  readonly epoch: number;
  /** Leaves and root (padded base64) of the log before it, as far as it is known. */
  readonly prev: { readonly epoch: number; readonly size: number; readonly root: string };
  /** Leaves that the new log begins with. */
  readonly size: number;
  /** Envelopes that the store does not know: kept, out of the way. */
  readonly set_aside: number;
};

/**
 * A crash at any step leaves the plan, with which calling this again goes on; a daemon does not start before it is done.
 * @throws DeskBusy; LogRefused; KeyFilesRefused; the store's error when it cannot be opened
 */
export async function beginEpoch({
  dir,
  workspace,
  reason,
  epochMin,
  now,
  disk = nodeLogDisk,
  openStore = openLmdbStore,
}: EpochAsked): Promise<EpochBegun> {
  const runtime = path.join(dir, ".qoc");
  const state = path.join(runtime, "log-state");
  const lock = lockDesk(runtime);
  try {
    const begun = readPlan(state, disk);
    if (begun === undefined) await settleKeyRotation(runtime, workspace);
    const keys = await openEvidenceKeys(dir);
    const store = await openStore(path.join(runtime, "store"));
    try {
      await ensureFolder(state, new Set(), disk);
      const unknown = unknownIn(path.join(runtime, "evidence"), store);
      const plan = begun ?? planFor({ runtime, workspace, keys, store, disk }, epochMin, reason, now);
      requireSealed(path.join(runtime, "evidence"), store, unknown);
      await writePlan(state, plan, disk);
      await endEpoch(runtime, plan, unknown, disk);
      const size = await fill(plan, { runtime, workspace, keys }, store);
      await store.close();
      await requireKept(path.join(runtime, "store"), plan.epoch);
      await closePlan(state, disk);
      const prev = { epoch: plan.ended, size: plan.size, root: plan.root };
      return { epoch: plan.epoch, prev, size, set_aside: unknown.length };
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

type Desk = {
  readonly runtime: string;
  readonly workspace: string;
  readonly keys: EvidenceKeys;
  readonly store: Store;
  readonly disk: LogDisk;
};

function planFor(desk: Desk, epochMin: number, reason: string, now: number): EpochPlan {
  const { ended, size, root } = lastKnownOf({ ...desk, tip: desk.store.tip() });
  return { epoch: Math.max(ended + 1, epochMin), ended, size, root, reason, begun_at: new Date(now).toISOString() };
}

/** Closing does not say when the disk was full; and a store that does not know the epoch would not start in it. */
async function requireKept(dir: string, epoch: number): Promise<void> {
  const store = await openStoreReadOnly(dir);
  const kept = store.tip()?.epoch;
  await store.close();
  if (kept !== epoch)
    throw new EpochNeeded(
      "UNFINISHED",
      `the store could not write down that epoch ${epoch} has begun: is the disk full?`,
    );
}

/** The leaf that names the epoch before, then every seal that the desk has. Appending again finds what is there. */
async function fill(plan: EpochPlan, place: Omit<Desk, "store" | "disk">, store: Store): Promise<number> {
  const log = await openLogOfEpoch({ ...place, epoch: plan.epoch });
  try {
    await log.append([{ kind: "epoch", epoch: plan.epoch, size: plan.size, root: plan.root }]);
    // Before what lies there: of a run that is being erased an amendment may be left, and its envelope gone.
    for (const leaves of erasedLeaves(store)) await log.append(leaves);
    await catchUp(log, path.join(place.runtime, "evidence"));
    store.noteTip(tipOf(log, plan.epoch));
    return log.size();
  } finally {
    await log.close();
  }
}

/** Envelopes and amendments that the store did not decide on: sealed behind its back, after the backup was made. */
function unknownIn(folder: string, store: Pick<Store, "addresses" | "read" | "journal">): readonly string[] {
  if (!existsSync(folder)) return [];
  const left = new Set(readdirSync(folder).flatMap((name) => envelopeNamed(name) ?? []));
  for (const address of addressesIn(store)) {
    if (left.size === 0) break;
    const record = store.read(address);
    const journal = store.journal(address);
    if (machineOf(address) !== "delivery" || record === undefined || journal[0]?.event !== "init") continue;
    const envelope = envelopeParts(record, journal);
    if (envelope === undefined) continue;
    const { evidence_id } = envelope.birth;
    left.delete(evidence_id);
    const none = { seal_hash: "", prev_seal_hash: "" };
    for (let ordinal = 1; amendmentParts(record, journal, { ordinal, ...none }) !== undefined; ordinal += 1)
      left.delete(amendmentIdOf(evidence_id, ordinal));
  }
  return [...left].map((id) => `${id}.json`);
}
