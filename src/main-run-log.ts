/** How the runs of a desk come into its log: received when they are born, sealed when they are sealed, and with a receipt. */
import { setImmediate as breathe } from "node:timers/promises";
import { z } from "zod";
import { systemClock } from "./adapters/clock.ts";
import type { EvidenceLog } from "./adapters/log-files.ts";
import { createReceivedMarks } from "./adapters/received-marks.ts";
import { createReceiptFiles, receiptFolder, receiptFor } from "./adapters/receipt-files.ts";
import { reasonOf } from "./core/assert.ts";
import { machineOf } from "./core/ids.ts";
import type { Json } from "./core/observation.ts";
import type { SealLog } from "./desk/effects.ts";
import type { ActorRecord, Entry, Listener, Store } from "./engine/ports.ts";
import { markOf } from "./evidence/log/mark.ts";

export type RunLog = {
  readonly seals: SealLog;
  /** Told of every change, behind its commit: one that begins a run has it logged as received. */
  readonly note: Listener;
  /**
   * Notes what an earlier process may not have come to: the marks of unfinished runs, and receipts that are missing. Resolves when
   * it has looked at all; nothing needs to wait for that.
   */
  readonly takeUp: (store: Pick<Store, "unfinished" | "journal" | "read">) => Promise<void>;
  /** When it resolves, marks are logged; receipts are given this long. The log itself is still open. */
  readonly close: (receiptsMs: number) => Promise<void>;
};

export type RunLogOptions = {
  readonly log: EvidenceLog;
  /** `.qoc/evidence` */
  readonly folder: string;
  readonly complain: (says: string, about: { readonly reason: string }) => void;
};

const PAGE_ACTORS = 100;
const Birth = z.object({ evidence_id: z.string(), disclosure_key: z.string() });

export function createRunLog({ log, folder, complain }: RunLogOptions): RunLog {
  const tell = (says: string, reason: string): void => complain(says, { reason });
  const marks = createReceivedMarks({ append: log.append, clock: systemClock, complain: tell });
  const receipts = createReceiptFiles({ log, folder: receiptFolder(folder), clock: systemClock, complain: tell });
  let isOver = false;

  /** What is left of an erased run has no key, and was logged as received long ago. */
  function noteBorn(data: Json | undefined): void {
    const birth = Birth.safeParse(data);
    if (!birth.success) return;
    const mark = markOfBirth(birth.data);
    if (log.indexOf(mark) === undefined) marks.note(mark);
  }

  async function noteUnfinished({ unfinished, journal, read }: Parameters<RunLog["takeUp"]>[0]): Promise<void> {
    let after = "";
    while (!isOver) {
      const page = unfinished(after, PAGE_ACTORS);
      for (const address of page)
        if (machineOf(address) === "delivery") noteBorn(birthAt(journal(address), read(address)));
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE_ACTORS) return;
      after = last;
      await breathe();
    }
  }

  return {
    seals: {
      append: marks.append,
      markOf: markOfBirth,
      saveReceipt: receipts.save,
      receiptOf: (logged) => receiptFor(log, logged),
    },
    note: ({ before, record, entries }) => {
      if (before === null && machineOf(record.address) === "delivery") noteBorn(birthAt(entries, record));
    },
    takeUp: async (store) => {
      try {
        await noteUnfinished(store);
        if (!isOver) await receipts.fill();
      } catch (error) {
        tell("what an earlier process left of the log was not taken up", reasonOf(error));
      }
    },
    close: async (receiptsMs) => {
      isOver = true;
      await marks.close();
      await receipts.close(receiptsMs);
    },
  };
}

const markOfBirth = ({ disclosure_key, evidence_id }: z.infer<typeof Birth>): string =>
  markOf(Buffer.from(disclosure_key, "base64url"), evidence_id);

/** One that was set aside at its birth has no journal, and was accepted all the same. */
const birthAt = (journal: readonly Entry[], record: ActorRecord | undefined): Json | undefined =>
  journal[0]?.data ?? record?.parked?.birth?.input;
