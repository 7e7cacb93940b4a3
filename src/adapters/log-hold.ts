/**
 * Holds a log against the store at each start. With every commit the store notes how far the log was (engine/ports.ts, `noteTip`), so what
 * stands in the log behind that tip is of runs that the store has under way: of none other was the leaf flushed before the commit. More than
 * that, or less, means that one of the two was put back to an earlier day.
 */
import type { LogTip, Store } from "../engine/ports.ts";
import type { LogDisk } from "./log-disk.ts";
import type { EvidenceLog } from "./log-files.ts";
import { addressesIn, claimOf, strike, unfinishedIn } from "./log-known.ts";
import { leavesFrom } from "./log-leaves.ts";
import { EpochNeeded } from "./log-refused.ts";

export type Held = {
  readonly log: Pick<EvidenceLog, "size" | "rootAt">;
  readonly epoch: number;
  readonly store: Pick<Store, "tip" | "read" | "journal" | "unfinished" | "addresses">;
  /** The log's static files. */
  readonly folder: string;
  readonly disk: Pick<LogDisk, "look">;
};

/** A store with actors that never noted a tip is of a build before there were any, and taken as it is. @throws EpochNeeded */
export function holdAgainstStore({ log, epoch, store, folder, disk }: Held): void {
  const tip = store.tip();
  if (tip === undefined && store.addresses("", 1).length > 0) return;
  if (tip !== undefined) requireOnward(tip, log, epoch);
  // One that has nothing is new, or was made in the place of one that is lost: then the log has leaves of runs that are not in it.
  const known = tip?.size ?? 0;
  if (known === log.size()) return;
  const open = claimsBehind(known, { log, folder, disk });
  const claims = open.size;
  strike(open, unfinishedIn(store), store);
  // Before a start is refused, every run is asked.
  strike(open, addressesIn(store), store);
  if (open.size > 0)
    throw older(
      "STORE_OLDER",
      `of ${claims} leaves behind the ${known} that the store knows of, ${open.size} are of nothing in the store`,
    );
}

/** The log goes on from the tip. */
function requireOnward(tip: LogTip, log: Held["log"], epoch: number): void {
  if (tip.epoch < epoch)
    throw older("STORE_OLDER", `the store last knew epoch ${tip.epoch}, the log is in epoch ${epoch}`);
  if (tip.epoch > epoch)
    throw older("LOG_OLDER", `the log is in epoch ${epoch}, the store knows of epoch ${tip.epoch}`);
  const size = log.size();
  if (tip.size > size) throw older("LOG_OLDER", `the log has ${size} leaves, and the store knows of ${tip.size}`);
  if (Buffer.from(log.rootAt(tip.size)).toString("hex") !== tip.root)
    throw older("LOG_OLDER", `the log's first ${tip.size} leaves are not those that the store knows of`);
}

function claimsBehind(known: number, { log, folder, disk }: Pick<Held, "log" | "folder" | "disk">): Set<string> {
  const sealAt = (index: number): string | undefined => {
    for (const { leaf } of leavesFrom(folder, index, log.size(), disk))
      return leaf.kind === "seal" || leaf.kind === "amendment" ? leaf.seal : undefined;
    return undefined;
  };
  const open = new Set<string>();
  for (const { leaf } of leavesFrom(folder, known, log.size(), disk)) {
    const claim = claimOf(leaf, sealAt);
    if (claim !== undefined) open.add(claim);
  }
  return open;
}

const older = (code: "STORE_OLDER" | "LOG_OLDER", reason: string): EpochNeeded => new EpochNeeded(code, reason);
