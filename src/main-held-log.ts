/** The log and the store of a desk, held against each other at the start and kept in step afterwards. */
import path from "node:path";
import type { EvidenceKeys } from "./adapters/key-files.ts";
import { nodeLogDisk } from "./adapters/log-disk.ts";
import { readEpoch } from "./adapters/log-epoch.ts";
import type { EvidenceLog } from "./adapters/log-files.ts";
import { holdAgainstStore } from "./adapters/log-hold.ts";
import type { LogTip, Store } from "./engine/ports.ts";
import { openEvidenceLog } from "./main-evidence-log.ts";

export type HeldLogPlace = {
  readonly runtime: string;
  readonly workspace: string;
  readonly keys: EvidenceKeys;
  readonly store: Pick<Store, "tip" | "noteTip" | "read" | "journal" | "unfinished" | "addresses">;
};

/** @throws LogRefused; EpochNeeded when the two do not belong together. The store is closed by who opened it. */
export async function openHeldLog({ runtime, workspace, keys, store }: HeldLogPlace): Promise<EvidenceLog> {
  const folder = path.join(runtime, "evidence", "log");
  const log = await openEvidenceLog(runtime, workspace, keys, undefined, (opened, epoch) =>
    holdAgainstStore({ log: opened, epoch, store, folder, disk: nodeLogDisk }),
  );
  const epoch = readEpoch(path.join(runtime, "log-state"), nodeLogDisk);
  store.noteTip(tipOf(log, epoch));
  return {
    ...log,
    // Noted before anybody hears of the leaves: so the commit that tells of them takes the tip along.
    append: async (leaves) => {
      const indexes = await log.append(leaves);
      store.noteTip(tipOf(log, epoch));
      return indexes;
    },
  };
}

export const tipOf = (log: Pick<EvidenceLog, "size" | "root">, epoch: number): LogTip => ({
  epoch,
  size: log.size(),
  root: Buffer.from(log.root()).toString("hex"),
});
