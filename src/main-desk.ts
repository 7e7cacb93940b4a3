/** Opens one desk: lock, store, keys, clerk, engine. What `main.ts` wires to its doors. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { machineFor } from "../machines/index.ts";
import type { ClerkOptions } from "./adapters/clerk.ts";
import { createClerkPool } from "./adapters/clerk-pool.ts";
import type { Clerk } from "./adapters/clerk-turn.ts";
import { systemClock } from "./adapters/clock.ts";
import { lockDesk } from "./adapters/desk-lock.ts";
import { sweepTemporaries } from "./adapters/durable-file.ts";
import { createJudgeAside } from "./adapters/judge-aside.ts";
import { openEvidenceKeys } from "./adapters/key-files.ts";
import { openStore } from "./adapters/store-lmdb.ts";
import { birthIn, birthOf } from "./core/delivery-journal.ts";
import type { Address, Sha256 } from "./core/ids.ts";
import { MAIL_WAITING_BYTES_MAX } from "./core/limits.ts";
import { deskEffects } from "./desk/effects.ts";
import { createRecentRuns } from "./desk/recent-runs.ts";
import { createEngine, type EmbeddedEngine, type EngineLimits } from "./engine/engine.ts";
import type { IndexRow, Store } from "./engine/ports.ts";
import type { DeskIngress } from "./ingress/desk-ingress.ts";
import { openEvidenceLog } from "./main-evidence-log.ts";
import type { KnownDeliveries } from "./ingress/known.ts";

export type OpenDesk = {
  readonly dir: string;
  readonly store: Store;
  readonly engine: EmbeddedEngine;
  readonly known: KnownDeliveries;
  readonly judgeAside: DeskIngress["judgeAside"];
  /** Brings what is under way to a safe point for at most `drainMs`, then closes everything and gives up the lock. */
  readonly close: (drainMs: number) => Promise<void>;
};

export type OpenDeskOptions = {
  readonly dir: string;
  readonly workspace: string;
  readonly mailWaitingMax: number;
  readonly complain: (says: string, about: { readonly address?: Address; readonly reason: string }) => void;
};

/** What a desk stands on. A test hands in its own, to let them fail or die where it wants. */
export type DeskAdapters = {
  readonly openStore: (dir: string) => Promise<Store>;
  readonly createClerk: (options: ClerkOptions) => Clerk;
};
/** Threads that render, seal and write files. */
const CLERKS = 2;
export const systemAdapters: DeskAdapters = {
  openStore,
  createClerk: (options) => createClerkPool(options, CLERKS),
};

/** How the event loop is shared between acknowledging and the work behind it. */
const SHARING: Pick<EngineLimits, "sliceMs" | "quietMs" | "shareMin"> = { sliceMs: 2, quietMs: 2, shareMin: 0.1 };

/** @throws DeskBusy with the other daemon's pid; KeyFilesRefused; LogRefused; the store's error when it cannot be opened */
export async function openDesk(
  { dir, workspace, mailWaitingMax, complain }: OpenDeskOptions,
  adapters: DeskAdapters = systemAdapters,
): Promise<OpenDesk> {
  const runtime = path.join(dir, ".qoc");
  mkdirSync(path.join(runtime, "evidence"), { recursive: true, mode: 0o700 });
  mkdirSync(path.join(dir, "inbox"), { recursive: true });
  const lock = lockDesk(runtime);
  try {
    for (const folder of ["inbox", path.join(".qoc", "evidence")]) sweepTemporaries(path.join(dir, folder));
    const keys = await openEvidenceKeys(dir);
    const store = await adapters.openStore(path.join(runtime, "store"));
    const evidenceLog = await openEvidenceLog(runtime, workspace, keys);
    const clerk = adapters.createClerk({ dir, keys });
    const recent = createRecentRuns(store);
    const { read, journal } = recent;
    const effects = deskEffects({
      dir,
      store: { read, journal, artifact: store.artifact },
      clerk,
      log: evidenceLog,
      now: systemClock.now,
    });
    const judge = createJudgeAside();
    const limits = { ...SHARING, mailWaitingMax, mailWaitingBytesMax: MAIL_WAITING_BYTES_MAX };
    const engine = createEngine({ store, clock: systemClock, effects, machine: machineFor, limits, complain });
    engine.listen(recent.note);
    return {
      dir,
      store,
      engine,
      known: knownDeliveries(engine, store),
      judgeAside: judge.judge,
      close: async (drainMs) => {
        await engine.stop(drainMs);
        await judge.close();
        await clerk.close();
        await evidenceLog.close();
        await store.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

/** Answers from waiting mail first: between a post and its commit, mail is all there is. */
export function knownDeliveries(
  engine: Pick<EmbeddedEngine, "knows" | "waitingFor" | "waitingUnder">,
  store: Pick<Store, "find" | "journal" | "read">,
): KnownDeliveries {
  const firstBytesOf = (address: Address): Sha256 | undefined => {
    // An actor that was set aside before it was born has no journal yet.
    const toCome =
      engine.waitingFor(address).find(({ birth }) => birth !== null)?.birth ??
      store.read(address)?.parked?.birth?.input;
    if (toCome !== undefined) return birthIn(toCome).request.sha256;
    const journal = store.journal(address);
    return journal.length === 0 ? undefined : birthOf(journal).request.sha256;
  };
  const latestUnder = (row: IndexRow): Address | undefined =>
    engine.waitingUnder(row) ?? store.find(row, { limit: 1 })[0]?.address;
  return {
    knows: engine.knows,
    bornAt: (address) =>
      store.read(address)?.born_at ?? engine.waitingFor(address).find(({ birth }) => birth !== null)?.at,
    latestBehind: (first) => latestUnder({ name: "dedupe", key: first }),
    byBody: (key) => latestUnder({ name: "body", key }),
    firstBytesOf,
  };
}
