/** The rotation of a desk's evidence key: of a desk that no daemon serves, under its lock, with nothing waiting to be sealed. */
import { existsSync } from "node:fs";
import path from "node:path";
import { lockDesk } from "./adapters/desk-lock.ts";
import { finishRotation, rotateKeys, type Ended, type Rotated, type RotationPlace } from "./adapters/key-rotation.ts";
import { readEpoch, requireEpoch } from "./adapters/log-epoch.ts";
import { type Held, holdAgainstStore } from "./adapters/log-hold.ts";
import { nodeLogDisk } from "./adapters/log-disk.ts";
import { LogRefused } from "./adapters/log-refused.ts";
import { openStoreReadOnly } from "./adapters/store-lmdb.ts";
import { machineOf, nameOf } from "./core/ids.ts";
import type { Store } from "./engine/ports.ts";
import { openEvidenceLog, openLogOfEpoch } from "./main-evidence-log.ts";

/** Of these runs something is yet to be signed: a seal, an amendment, an erasure. It may be on the disk already, and they do not know it. */
export class RunsUnsealed extends Error {
  readonly runs: readonly string[];
  constructor(runs: readonly string[]) {
    super(`${runs.length} runs wait for a signature`);
    this.name = "RunsUnsealed";
    this.runs = runs;
  }
}

const PAGE = 1000;
const SEALS: ReadonlySet<string> = new Set(["sealRun", "sealAmendment", "eraseRun"]);

/** @throws RunsUnsealed, DeskBusy, LogRefused, KeyFilesRefused; a rotation that failed half-way is ended by the next start */
export async function rotateDeskKeys(dir: string, workspace: string): Promise<Rotated> {
  const runtime = path.join(dir, ".qoc");
  const lock = lockDesk(runtime);
  try {
    if (!existsSync(path.join(runtime, "store"))) return await rotateKeys(placeOf(runtime, workspace));
    const store = await openStoreReadOnly(path.join(runtime, "store"));
    try {
      const waiting = unsealedRuns(store);
      if (waiting.length > 0) throw new RunsUnsealed(waiting);
      return await rotateKeys(placeOf(runtime, workspace, store));
    } finally {
      await store.close();
    }
  } finally {
    lock.release();
  }
}

/**
 * For every start of a daemon, under the lock and before the keys are read. Log and store are held against each other behind this: what is
 * sealed and not logged is left to that.
 */
export const finishKeyRotation = (runtime: string, workspace: string): Promise<Ended> =>
  finishRotation({
    ...placeOf(runtime, workspace),
    openLog: async (keys, next) => {
      const epoch = requireEpoch(path.join(runtime, "log-state"), nodeLogDisk);
      return openLogOfEpoch({ runtime, workspace, keys, epoch, next });
    },
  });

/**
 * Before a log ends: a key that it was handed over to is the desk's in the next one, where nothing would say so any more. What the log cannot
 * tell, because it contradicts itself, is left as it is.
 */
export async function settleKeyRotation(runtime: string, workspace: string): Promise<void> {
  const epoch = readEpoch(path.join(runtime, "log-state"), nodeLogDisk);
  const openLog: RotationPlace["openLog"] = (keys, next) => openLogOfEpoch({ runtime, workspace, keys, epoch, next });
  try {
    await finishRotation({ ...placeOf(runtime, workspace), openLog });
  } catch (thrown) {
    if (!(thrown instanceof LogRefused)) throw thrown;
  }
}

/** Nothing is added to a log that does not belong to the store; a desk without a store has nothing to hold it against. */
const placeOf = (runtime: string, workspace: string, store?: Held["store"]): RotationPlace => ({
  folder: path.join(runtime, "keys"),
  origin: `localhost/${workspace}`,
  disk: nodeLogDisk,
  openLog: (keys, next) =>
    openEvidenceLog(runtime, workspace, keys, next, (log, epoch) => {
      const folder = path.join(runtime, "evidence", "log");
      if (store !== undefined) holdAgainstStore({ log, epoch, store, folder, disk: nodeLogDisk });
    }),
});

/** The run ids of those that are being sealed, amended or erased, also of one that was set aside over it. */
export function unsealedRuns(store: Pick<Store, "unfinished" | "read">): readonly string[] {
  const found: string[] = [];
  for (let after = ""; ;) {
    const page = store.unfinished(after, PAGE);
    for (const address of page) {
      const record = store.read(address);
      if (record === undefined || machineOf(address) !== "delivery") continue;
      const asks = record.pending.some(({ name }) => SEALS.has(name));
      if (asks || /^(sealing|amending|erasing)(\.|$)/.test(record.state)) found.push(nameOf(address));
    }
    const last = page.at(-1);
    if (last === undefined) return found;
    after = last;
  }
}
