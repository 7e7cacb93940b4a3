/**
 * Receipts beside the envelopes, `<evidence_id>.tlog-proof`. They can be made again from the log at any time, so they are not synced,
 * they are written one after the other behind everything else, and the first start after a crash writes those that are missing.
 */
import { randomUUID } from "node:crypto";
import { readdir, readFile, rename, stat, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { reasonOf } from "../core/assert.ts";
import type { Clock } from "../engine/ports.ts";
import { envelopeNamed, receiptNameOf } from "../evidence/file-names.ts";
import { leafBytes } from "../evidence/log/leaf.ts";
import type { LogReceipts } from "./log-receipts.ts";

/** A seal that is logged. `of_seal`: for an amendment, the seal of its envelope. */
export type LoggedSeal = {
  readonly evidence_id: string;
  readonly seal: string;
  readonly of_seal: string | null;
};

export type ReceiptFiles = {
  /** Returns at once. A receipt that cannot be written is told to a person and left out. */
  readonly save: (logged: LoggedSeal) => void;
  /** Looks for envelopes and amendments without a receipt, by their names, and writes theirs behind all others. */
  readonly fill: () => Promise<void>;
  /** Resolves when those that wait are written, or after so many milliseconds. */
  readonly close: (withinMs: number) => Promise<void>;
};

export type ReceiptFolder = {
  /** Names, without those of receipts that are empty. */
  readonly list: () => Promise<readonly string[]>;
  readonly read: (name: string) => Promise<string>;
  /** Puts the whole text in the place of what has the name. A crash leaves the old text, the new one or none; a power cut may leave no byte of it. */
  readonly replace: (name: string, text: string) => Promise<void>;
};

export type ReceiptsWorld = {
  readonly log: Pick<LogReceipts, "indexOf" | "proofOf">;
  readonly folder: ReceiptFolder;
  readonly clock: Pick<Clock, "after">;
  /** Told once, until one can be written again. */
  readonly complain: (says: string, reason: string) => void;
};

/** Writing rests six times as long as it took: a seventh of the time is its share while deliveries come as fast as they can. */
const RESTS_PER_WORK = 6;
const REST_MS_MAX = 250;
/** Beyond it receipts are left to the next start, or to whoever asks for one. */
const WAITING_MAX = 100_000;
const Sealed = z.object({
  amends: z.object({ seal_hash: z.string() }).nullable(),
  integrity: z.object({ seal_hash: z.string() }),
});

/** Undefined for a seal that is not logged. An amendment's leaf names an index that its seal does not tell: its receipt carries the leaf. */
export function receiptFor(log: ReceiptsWorld["log"], { seal, of_seal }: LoggedSeal): string | undefined {
  const of = of_seal === null ? undefined : log.indexOf(of_seal);
  return log.proofOf(seal, of === undefined ? undefined : leafBytes({ kind: "amendment", seal, of }));
}

export function createReceiptFiles({ log, folder, clock, complain }: ReceiptsWorld): ReceiptFiles {
  const waiting = new Map<string, LoggedSeal>();
  /** Ids of envelopes that are still to be read for their seals. */
  const unread: string[] = [];
  let working: Promise<void> | undefined;
  let isWell = true;
  let hastens = false;
  let isOver = false;
  let endRest: (() => void) | undefined;

  async function work(): Promise<void> {
    while (!isOver) {
      const begun = performance.now();
      const next = await take();
      if (next === undefined) break;
      await write(next);
      await rest(performance.now() - begun);
    }
    working = undefined;
    // One may have come while the last look found nothing.
    if (waiting.size > 0 && !isOver) begin();
  }

  async function take(): Promise<LoggedSeal | undefined> {
    for (const [id, first] of waiting) {
      waiting.delete(id);
      return first;
    }
    for (let id = unread.pop(); id !== undefined && !isOver; id = unread.pop()) {
      const found = await readSealed(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** One that is not logged yet gets its receipt from the effect that logs it. What cannot be read is for `qoc fsck`. */
  async function readSealed(evidence_id: string): Promise<LoggedSeal | undefined> {
    try {
      const { amends, integrity } = Sealed.parse(JSON.parse(await folder.read(`${evidence_id}.json`)));
      const seal = integrity.seal_hash;
      return log.indexOf(seal) === undefined ? undefined : { evidence_id, seal, of_seal: amends?.seal_hash ?? null };
    } catch {
      return undefined;
    }
  }

  async function write(logged: LoggedSeal): Promise<void> {
    try {
      const receipt = receiptFor(log, logged);
      if (receipt !== undefined) await folder.replace(receiptNameOf(logged.evidence_id), receipt);
      isWell = true;
    } catch (error) {
      if (isWell) complain("a receipt was not written", reasonOf(error));
      isWell = false;
    }
  }

  function rest(workedMs: number): Promise<void> {
    if (hastens) return Promise.resolve();
    return new Promise((resolve) => {
      const unwake = clock.after(Math.min(REST_MS_MAX, workedMs * RESTS_PER_WORK), resolve);
      endRest = () => {
        unwake();
        resolve();
      };
    });
  }

  const begin = (): void => {
    working ??= work();
  };

  return {
    save: (logged) => {
      if (isOver || waiting.size >= WAITING_MAX) return;
      waiting.set(logged.evidence_id, logged);
      begin();
    },
    fill: async () => {
      const names = new Set(await folder.list());
      for (const name of names) {
        const id = envelopeNamed(name);
        if (id !== undefined && !names.has(receiptNameOf(id))) unread.push(id);
      }
      if (unread.length > 0) begin();
    },
    close: async (withinMs) => {
      hastens = true;
      endRest?.();
      const unwake = clock.after(withinMs, () => (isOver = true));
      await working;
      unwake();
      isOver = true;
    },
  };
}

const RECEIPT = receiptNameOf("");
const hasBytes = async (path: string): Promise<boolean> => (await stat(path).catch(() => ({ size: 0 }))).size > 0;

export const receiptFolder = (path: string): ReceiptFolder => ({
  list: async () => {
    const there: string[] = [];
    for (const name of await readdir(path))
      if (!name.endsWith(RECEIPT) || (await hasBytes(join(path, name)))) there.push(name);
    return there;
  },
  read: (name) => readFile(join(path, name), "utf8"),
  replace: async (name, text) => {
    const temporary = join(path, `.tmp-${randomUUID()}`);
    try {
      await writeFile(temporary, text, { flag: "wx", mode: 0o644 });
      await rename(temporary, join(path, name));
    } catch (error) {
      await unlink(temporary).catch(() => undefined);
      throw error;
    }
  },
});
