/** Opens one desk: lock, store, keys, clerk, engine. What `main.ts` wires to its doors. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { machineFor } from "../machines/index.ts";
import { openBodyKey } from "./adapters/body-key.ts";
import type { ClerkOptions } from "./adapters/clerk.ts";
import { createClerkPool } from "./adapters/clerk-pool.ts";
import type { Clerk } from "./adapters/clerk-turn.ts";
import { createAgentFiles } from "./adapters/agent-files.ts";
import { systemClock } from "./adapters/clock.ts";
import { createDeskFiles } from "./adapters/desk-files.ts";
import { lockDesk } from "./adapters/desk-lock.ts";
import { sweepTemporaries } from "./adapters/durable-file.ts";
import { createJudgeAside } from "./adapters/judge-aside.ts";
import { openEvidenceKeys } from "./adapters/key-files.ts";
import { openStore } from "./adapters/store-lmdb.ts";
import { birthIn, birthOf } from "./core/delivery-journal.ts";
import { isErasedState } from "./core/erasure.ts";
import { WRITABLE_FOLDERS } from "./agent/desk-paths.ts";
import { reasonOf } from "./core/assert.ts";
import type { Address } from "./core/ids.ts";
import { MAIL_WAITING_BYTES_MAX } from "./core/limits.ts";
import { EXECUTED_FOLDER, REJECTED_FOLDER } from "./desk/draft-file.ts";
import { deskEffects } from "./desk/effects.ts";
import type { DeskFiles } from "./desk/erasure.ts";
import { createRecentRuns } from "./desk/recent-runs.ts";
import { createEngine, type EmbeddedEngine, type EngineLimits } from "./engine/engine.ts";
import type { Engine, IndexRow, Store } from "./engine/ports.ts";
import type { DeskIngress } from "./ingress/desk-ingress.ts";
import { openHeldLog } from "./main-held-log.ts";
import { finishKeyRotation } from "./main-keys.ts";
import { createRunLog } from "./main-run-log.ts";
import { createRuns, type Runs, type RunsHost } from "./main-runs.ts";
import { askingWitnesses, type WitnessedDesk } from "./main-witnesses.ts";
import type { BornWith, KnownDeliveries } from "./ingress/known.ts";

export type OpenDesk = {
  readonly dir: string;
  readonly store: Store;
  readonly engine: EmbeddedEngine;
  readonly known: KnownDeliveries;
  readonly judgeAside: DeskIngress["judgeAside"];
  /** What deliveries to filtered webhooks are known again by. */
  readonly bodyKey: Uint8Array;
  readonly agents: Pick<Runs, "bornWith" | "queue" | "warnings"> & Partial<Pick<Runs, "drafts">>;
  /** Brings what is under way to a safe point for at most `drainMs`, then closes everything and gives up the lock. */
  readonly close: (drainMs: number) => Promise<void>;
};

export type OpenDeskOptions = {
  readonly dir: string;
  readonly workspace: string;
  readonly mailWaitingMax: number;
  /** Without it no agent can be run and no draft decided. */
  readonly host?: RunsHost;
  /** Nobody is asked to cosign when it is left out. */
  readonly witnesses?: WitnessedDesk["witnesses"];
  readonly complain: (says: string, about: { readonly address?: Address; readonly reason: string }) => void;
};

/** What a desk stands on. A test hands in its own, to let them fail or die where it wants. */
export type DeskAdapters = {
  readonly openStore: (dir: string) => Promise<Store>;
  readonly createClerk: (options: ClerkOptions) => Clerk;
  readonly createFiles?: (dir: string) => DeskFiles;
};
/** Where whole files are placed, and where a crash can leave a temporary. */
const SWEPT_FOLDERS = [...WRITABLE_FOLDERS, EXECUTED_FOLDER, REJECTED_FOLDER, path.join(".qoc", "evidence")];
/** Threads that render, seal and write files. */
const CLERKS = 2;
export const systemAdapters: DeskAdapters = {
  openStore,
  createClerk: (options) => createClerkPool(options, CLERKS),
};

/** How the event loop is shared between acknowledging and the work behind it. */
const SHARING: Pick<EngineLimits, "sliceMs" | "quietMs" | "shareMin"> = { sliceMs: 2, quietMs: 2, shareMin: 0.1 };

/** How long a stop waits for receipts. Those that are left out are written by the next start. */
const RECEIPTS_MS = 2_000;

/** @throws DeskBusy with the other daemon's pid; KeyFilesRefused; LogRefused; the store's error when it cannot be opened */
export async function openDesk(
  { dir, workspace, mailWaitingMax, witnesses = [], host, complain }: OpenDeskOptions,
  adapters: DeskAdapters = systemAdapters,
): Promise<OpenDesk> {
  const runtime = path.join(dir, ".qoc");
  mkdirSync(path.join(runtime, "evidence"), { recursive: true, mode: 0o700 });
  mkdirSync(path.join(dir, "inbox"), { recursive: true });
  const lock = lockDesk(runtime);
  /** In the order in which they were opened, which is not the one to close them in. */
  const opened: (() => Promise<void> | void)[] = [lock.release];
  const closeOpened = async (): Promise<void> => {
    for (const close of opened.toReversed()) await close();
  };
  try {
    for (const folder of SWEPT_FOLDERS) sweepTemporaries(path.join(dir, folder));
    await finishKeyRotation(runtime, workspace);
    const keys = await openEvidenceKeys(dir);
    const bodyKey = await openBodyKey(dir);
    const store = await adapters.openStore(path.join(runtime, "store"));
    opened.push(store.close);
    const heldLog = await openHeldLog({ runtime, workspace, keys, store });
    const evidenceLog = askingWitnesses(heldLog, { runtime, witnesses, complain });
    opened.push(evidenceLog.close);
    const runLog = createRunLog({ log: evidenceLog, folder: path.join(runtime, "evidence"), complain });
    let takenUp = Promise.resolve();
    opened.push(
      () => takenUp,
      () => runLog.close(RECEIPTS_MS),
    );
    const clerk = adapters.createClerk({ dir, keys });
    opened.push(clerk.close);
    const recent = createRecentRuns(store);
    const { read, journal } = recent;
    const seen = { ...store, read, journal };
    const post: Engine["post"] = (mail) => engine.post(mail);
    const runs = host && createRuns({ ...host, dir, workspace, store: seen, post, complain: aloud(complain) });
    const files = (adapters.createFiles ?? createDeskFiles)(dir);
    const effects = {
      ...deskEffects({
        dir,
        store: seen,
        files,
        tasks: createAgentFiles(dir),
        clerk,
        log: runLog.seals,
        now: systemClock.now,
      }),
      ...runs?.effects,
    };
    const judge = createJudgeAside();
    opened.push(judge.close);
    const limits = { ...SHARING, mailWaitingMax, mailWaitingBytesMax: MAIL_WAITING_BYTES_MAX };
    const engine: EmbeddedEngine = createEngine({
      store,
      clock: systemClock,
      effects,
      machine: machineFor,
      limits,
      complain,
    });
    engine.listen(recent.note);
    engine.listen(runLog.note);
    if (runs !== undefined) engine.listen(runs.note);
    await runs?.sweep();
    takenUp = runLog.takeUp(store);
    return {
      dir,
      store,
      engine,
      known: knownDeliveries(engine, store),
      judgeAside: judge.judge,
      bodyKey,
      agents: runs ?? NO_AGENTS,
      close: async (drainMs) => {
        runs?.hurry();
        await engine.stop(drainMs);
        await runs?.stop();
        await closeOpened();
      },
    };
  } catch (error) {
    await closeOpened();
    throw error;
  }
}

const NO_AGENTS: OpenDesk["agents"] = {
  bornWith: () => ({}),
  queue: { join: () => true, leave: () => undefined },
  warnings: () => [],
};

const aloud =
  (complain: OpenDeskOptions["complain"]) =>
  (says: string, reason: unknown): void =>
    complain(says, { reason: reasonOf(reason) });

/** Answers from waiting mail first: between a post and its commit, mail is all there is. */
export function knownDeliveries(
  engine: Pick<EmbeddedEngine, "knows" | "waitingFor" | "waitingUnder">,
  store: Pick<Store, "find" | "journal" | "read">,
): KnownDeliveries {
  const bornWith = (address: Address): BornWith | undefined => {
    // An actor that was set aside before it was born has no journal yet.
    const toCome =
      engine.waitingFor(address).find(({ birth }) => birth !== null)?.birth ??
      store.read(address)?.parked?.birth?.input;
    if (toCome !== undefined) return birthIn(toCome);
    const journal = store.journal(address);
    return journal.length === 0 ? undefined : birthOf(journal);
  };
  const latestUnder = (row: IndexRow): Address | undefined =>
    engine.waitingUnder(row) ?? store.find(row, { limit: 1 })[0]?.address;
  return {
    knows: engine.knows,
    bornAt: (address) =>
      store.read(address)?.born_at ?? engine.waitingFor(address).find(({ birth }) => birth !== null)?.at,
    latestBehind: (first) => latestUnder({ name: "dedupe", key: first }),
    byBody: (key) => latestUnder({ name: "body", key }),
    bornWith,
    isErased: (address) => isErasedState(store.read(address)?.state ?? ""),
  };
}
