/** What an agent run wrote into the desk's folders: by its tools, by its summary, by the actors of its drafts and of its notifications. */
import { hash } from "node:crypto";
import { z } from "zod";
import type { DeliveryInput } from "../core/delivery.ts";
import type { FileWritten } from "../core/files-written.ts";
import { notificationAddress, orderAddress, type Address, type RunId } from "../core/ids.ts";
import { INBOX } from "../core/inbox.ts";
import type { ActorRecord, Entry, Store } from "../engine/ports.ts";
import type { PageFiles } from "./erasure-pages.ts";
import { inEachStatus } from "./inbox-page.ts";
import { runReport } from "./run-report.ts";

/** The actors that were born to look after parts of one run. */
export type RunActors = { readonly orders: readonly Address[]; readonly notifications: readonly Address[] };

/** They are numbered from 1, without a gap. A notification has one actor for each target. */
export function actorsOf({ run, policy }: Pick<DeliveryInput, "run" | "policy">, read: Store["read"]): RunActors {
  const orders: Address[] = [];
  for (let n = 1; read(orderAddress(run, n)) !== undefined; n += 1) orders.push(orderAddress(run, n));
  const notifications: Address[] = [];
  for (let n = 1; ; n += 1) {
    const told = (policy.notify ?? []).map((target) => notificationAddress(run, n, target));
    const born = told.filter((address) => read(address) !== undefined);
    if (born.length === 0) return { orders, notifications };
    notifications.push(...born);
  }
}

/**
 * Takes away what is as the run wrote it, and gives the files that somebody has changed since. A file that has the name by now and shows
 * nothing of this run is another's.
 */
export async function removeWritten(
  run: RunId,
  wrote: readonly FileWritten[],
  files: PageFiles,
): Promise<readonly string[]> {
  const changed: string[] = [];
  for (const file of new Set(wrote.map((each) => each.file))) {
    const found = files.read(file);
    if (found === undefined) continue;
    const contents = [found, ...(isItem(file) ? inEachStatus(found) : [])].map((each) => hash("sha256", each, "hex"));
    if (wrote.some((each) => each.file === file && contents.includes(each.content))) await files.remove(file);
    else if (!isMarked(file) || Buffer.from(found).includes(run)) changed.push(file);
  }
  return changed;
}

/** A person who marks one of these as done has written nothing of their own. */
const isItem = (file: string): boolean => file.startsWith(`${INBOX}/`);

/** Whether files of this folder name their run. What a person made of a draft's file names none, nor does research. */
const isMarked = (file: string): boolean =>
  /^(?:inbox|snapshots|orders\/(?:executed|rejected))\//.test(file) && !file.endsWith(".edited.toml");

const Decided = z.object({ context: z.object({ outcome: z.string(), reason: z.string().nullable() }) });

/** What was written into the task's file when the run was over: made again, for the file may hold another run's by now. */
export function summaryOf(record: ActorRecord | undefined, journal: readonly Entry[]): string | undefined {
  const decided = Decided.safeParse(record?.snapshot).data?.context;
  const isReported = journal.some(({ event }) => event === "REPORTED");
  return record === undefined || decided === undefined || !isReported
    ? undefined
    : runReport(record, journal, decided, "").summary;
}
