/**
 * The daemon and the store as the installed `qoc` has them, loaded only by commands that need them: `qoc --help` opens no store.
 * The one file of the command line that reaches for adapters and for `main.ts`.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../core/assert.ts";
import type { DeskPlace } from "./desk-finder.ts";
import { openBrowser } from "./browser.ts";
import { epochNeeded } from "./epoch-needed.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Parts, ReadableStore, Running, StartOptions } from "./parts.ts";
import { stoppedApi } from "./stopped-api.ts";

export const systemParts: Parts = {
  start: startDaemon,
  openStore: openForReading,
  stoppedApi: async (desk, io) => {
    const [{ definitionText }, { createReplay }] = await Promise.all([
      import("../main-definitions.ts"),
      import("../main-replay.ts"),
    ]);
    return stoppedApi(desk, await storeOrNothing(desk), io, { definition: definitionText, replay: createReplay() });
  },
  backup: async (dir, to) => {
    const { BACKED_UP, backupStore } = await import("../adapters/store-lmdb-backup.ts");
    return orCannotCreate(to, () => backupStore(runtimeOf(dir), to, BACKED_UP));
  },
  rotateKeys,
  beginEpoch,
  openBrowser,
  restore: async (dir, from) => {
    const { restoreStore } = await import("../adapters/store-lmdb-backup.ts");
    return orCannotCreate(runtimeOf(dir), () => restoreStore(from, runtimeOf(dir), Date.now()));
  },
};

const runtimeOf = (dir: string): string => path.join(dir, ".qoc");
const storeOf = (dir: string): string => path.join(runtimeOf(dir), "store");

async function orCannotCreate<T>(what: string, make: () => Promise<T>): Promise<T> {
  try {
    return await make();
  } catch (error) {
    throw new CliError({
      what: `${what} was not made.`,
      why: reasonOf(error),
      try: "qoc doctor",
      code: "COPY_FAILED",
      exit: exitCodes.cannotCreate,
    });
  }
}

async function startDaemon(options: StartOptions): Promise<Running> {
  const { ConfigRefused, start } = await import("../main.ts");
  const { DeskBusy } = await import("../adapters/desk-lock.ts");
  const { KeyFilesRefused } = await import("../adapters/key-files.ts");
  const { EpochNeeded, LogRefused } = await import("../adapters/log-refused.ts");
  try {
    return await start(options);
  } catch (error) {
    if (error instanceof ConfigRefused) throw refusedConfig(error.message);
    if (error instanceof DeskBusy) throw busy(error.message);
    if (error instanceof EpochNeeded) throw epochNeeded(error.cause_code, error.reason);
    if (error instanceof LogRefused) throw refusedLog(error.reason);
    if (error instanceof KeyFilesRefused) throw refusedKeys(error.message, "The daemon does not start");
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") throw taken(error.message);
    throw error;
  }
}

const refusedLog = (reason: string, what = "The daemon does not start"): CliError =>
  new CliError({
    what: `${what}: its evidence log contradicts itself.`,
    why: `${reason}. Signing on could give two roots to one size, so nothing is signed until a person has looked.`,
    try: "put .qoc/evidence, .qoc/log-state and .qoc/store back from one backup",
    code: "LOG_REFUSED",
    exit: exitCodes.badData,
  });

async function beginEpoch(asked: Parameters<Parts["beginEpoch"]>[0]): ReturnType<Parts["beginEpoch"]> {
  const begin = await import("../main-new-epoch.ts");
  const { KeyFilesRefused } = await import("../adapters/key-files.ts");
  const { DeskBusy } = await import("../adapters/desk-lock.ts");
  const { EpochNeeded, LogRefused } = await import("../adapters/log-refused.ts");
  if (!existsSync(storeOf(asked.dir))) throw noStore(asked.dir);
  try {
    return await begin.beginEpoch(asked);
  } catch (error) {
    if (error instanceof DeskBusy) throw busy(error.message);
    if (error instanceof EpochNeeded) throw epochNeeded(error.cause_code, error.reason);
    if (error instanceof LogRefused) throw refusedLog(error.reason, "No new log was begun");
    if (error instanceof KeyFilesRefused) throw refusedKeys(error.message, "No new log was begun");
    throw error;
  }
}

async function rotateKeys(dir: string, workspace: string): ReturnType<Parts["rotateKeys"]> {
  const { RunsUnsealed, rotateDeskKeys } = await import("../main-keys.ts");
  const { DeskBusy } = await import("../adapters/desk-lock.ts");
  const { KeyFilesRefused } = await import("../adapters/key-files.ts");
  const { EpochNeeded, LogRefused } = await import("../adapters/log-refused.ts");
  try {
    return await rotateDeskKeys(dir, workspace);
  } catch (error) {
    if (error instanceof RunsUnsealed) throw unsealed(error.runs);
    if (error instanceof DeskBusy) throw busy(error.message);
    if (error instanceof KeyFilesRefused) throw refusedKeys(error.message, "The key was not rotated");
    if (error instanceof EpochNeeded) throw epochNeeded(error.cause_code, error.reason);
    if (error instanceof LogRefused) throw refusedLog(error.reason, "The key was not rotated");
    throw error;
  }
}

const RUNS_NAMED = 5;

const unsealed = (runs: readonly string[]): CliError =>
  new CliError({
    what: `${runs.length === 1 ? "1 run is" : `${runs.length} runs are`} about to be sealed, amended or erased.`,
    why: `What is signed already must come out the same when it is asked for again: ${runs.slice(0, RUNS_NAMED).join(", ")}${runs.length > RUNS_NAMED ? ", …" : ""}.`,
    try: "qoc up, then qoc runs list until they are sealed, then qoc stop",
    code: "RUNS_UNSEALED",
    exit: exitCodes.tryLater,
  });

const refusedKeys = (says: string, what: string): CliError =>
  new CliError({
    what: `${what}: the key files can not be used as they lie.`,
    why: says,
    try: "qoc doctor",
    code: "KEYS_REFUSED",
    exit: exitCodes.badData,
  });

const noStore = (dir: string): CliError =>
  new CliError({
    what: "This desk has no store yet.",
    why: `${storeOf(dir)} does not exist: no daemon has run here.`,
    try: "qoc up",
    code: "STORE_UNKNOWN",
    exit: exitCodes.notFound,
  });

async function openForReading(dir: string): Promise<ReadableStore> {
  if (!existsSync(storeOf(dir))) throw noStore(dir);
  const { openStoreReadOnly } = await import("../adapters/store-lmdb.ts");
  try {
    return await openStoreReadOnly(storeOf(dir));
  } catch (error) {
    throw new CliError({
      what: "The store cannot be read.",
      why: reasonOf(error),
      try: "qoc doctor",
      code: "STORE_UNREADABLE",
      exit: exitCodes.io,
    });
  }
}

/** A desk that never ran has no runs: that is an answer, not an error. */
const storeOrNothing = (desk: DeskPlace): Promise<ReadableStore> | undefined =>
  existsSync(storeOf(desk.dir)) ? openForReading(desk.dir) : undefined;

const refusedConfig = (problems: string): CliError =>
  new CliError({
    what: "The configuration is not valid.",
    why: problems,
    try: "qoc config check",
    code: "CONFIG_INVALID",
    exit: exitCodes.configuration,
  });

const busy = (says: string): CliError =>
  new CliError({
    what: "This desk is served already.",
    why: says,
    try: "qoc status, or qoc stop",
    code: "DESK_BUSY",
    exit: exitCodes.tryLater,
  });

const taken = (says: string): CliError =>
  new CliError({
    what: "The address is taken.",
    why: says,
    try: "qoc up --ingress 127.0.0.1:0 --console off",
    code: "ADDRESS_TAKEN",
    exit: exitCodes.tryLater,
  });
