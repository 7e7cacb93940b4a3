/**
 * `book/ledger.ndjson` on the disk. The first look of a process, and the first after anything failed, writes what is whole into a fresh file
 * and puts that in its place: so a torn end is gone, and no line is answered for that lies in a cache whose sync once failed.
 */
import { join } from "node:path";
import type { Sha256 } from "../core/ids.ts";
import { type Ledger, LEDGER_START, type LedgerFill, type LedgerLine, nextLine, readLedger } from "../orders/ledger.ts";
import { errnoOf } from "./disk.ts";
import { sweepTemporaries } from "./durable-file.ts";
import { type LogDisk, nodeLogDisk } from "./log-disk.ts";

export const LEDGER_FILE = "ledger.ndjson";

/** The ledger is not what this wrote, and nothing is added to it before a person has looked. */
export class LedgerBroken extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "LedgerBroken";
  }
}

/** The one writer of a desk's ledger: two of them for one desk would fork it. Calls wait for each other. */
export interface PaperLedger {
  /** The line of this key, which would survive a power cut. @throws LedgerBroken */
  readonly find: (key: Sha256) => Promise<LedgerLine | undefined>;
  /**
   * Adds what `decide` gives, unless the key has its line already. Resolves with the line, durable, or with what `decide` refuses with. A
   * rejection other than `LedgerBroken` leaves open whether the line is there: `find` tells. @throws LedgerBroken
   */
  readonly fill: (key: Sha256, decide: () => LedgerFill | FillRefused) => Promise<LedgerLine | FillRefused>;
}
export type FillRefused = { readonly kind: "refused"; readonly reason: string };

const NONE: Ledger = { kind: "ledger", lines: [], head: LEDGER_START, bytes: 0, tail: "none" };

export function createPaperLedger(dir: string, disk: LogDisk = nodeLogDisk): PaperLedger {
  const folder = join(dir, "book");
  const path = join(folder, LEDGER_FILE);
  let turn: Promise<unknown> = Promise.resolve();
  let isSound = false;

  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = turn.then(act);
    turn = done.catch(() => (isSound = false));
    return done;
  }

  async function load(): Promise<Ledger> {
    const found = disk.look(path);
    isSound ||= found === "none";
    if (found === "none") return NONE;
    if (found === "other") throw new LedgerBroken("the ledger is no regular file, or is too large");
    const ledger = readLedger(found);
    if (ledger.kind === "broken") throw new LedgerBroken(ledger.reason);
    if (!isSound || ledger.tail !== "none") await rewrite(wholeLines(found, ledger));
    isSound = true;
    return ledger;
  }

  /** A crash leaves the old file or the new one under the name, and at most a temporary. */
  async function rewrite(bytes: Uint8Array): Promise<void> {
    sweepTemporaries(folder, disk);
    const temporary = join(folder, `.tmp-${disk.freshName()}`);
    await written(disk.create(temporary, 0o600), bytes);
    disk.rename(temporary, path);
    await syncNames();
  }

  /** A crash leaves the whole line, a part of it behind the last whole one, or nothing. */
  async function append(ledger: Ledger, bytes: Uint8Array): Promise<void> {
    if (ledger.lines.length === 0) makeFolder();
    await written(disk.openEnd(path, 0o600), bytes);
    if (ledger.lines.length === 0) await syncNames();
  }

  async function syncNames(): Promise<void> {
    await disk.syncFolder(folder);
    await disk.syncFolder(dir);
  }

  async function written(file: number, bytes: Uint8Array): Promise<void> {
    try {
      disk.write(file, bytes);
      await disk.sync(file);
    } finally {
      disk.close(file);
    }
  }

  function makeFolder(): void {
    try {
      disk.makeFolder(folder);
    } catch (thrown) {
      if (errnoOf(thrown) !== "EEXIST") throw thrown;
    }
  }

  return {
    find: (key) => inTurn(async () => lineOf(await load(), key)),
    fill: (key, decide) =>
      inTurn(async () => {
        const ledger = await load();
        const before = lineOf(ledger, key);
        if (before !== undefined) return before;
        const decided = decide();
        if ("kind" in decided) return decided;
        const { line, bytes } = nextLine(ledger, decided);
        await append(ledger, bytes);
        return line;
      }),
  };
}

const lineOf = ({ lines }: Ledger, key: Sha256): LedgerLine | undefined => lines.find((line) => line.key === key);

const wholeLines = (found: Uint8Array, { bytes, tail }: Ledger): Uint8Array =>
  tail === "unended" ? Buffer.concat([found, Buffer.from("\n")]) : found.subarray(0, bytes);
