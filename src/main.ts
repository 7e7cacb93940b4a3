/**
 * The daemon, and the only place that wires it: configuration → adapters → engine → doors. Everything else is handed what it needs.
 * `start` resolves when every door answers; `Running.stop` brings it to a safe point. A crash between the two leaves what the
 * store promises, and the next start takes it up.
 */
import path from "node:path";
import { systemClock } from "./adapters/clock.ts";
import { freeBytes } from "./adapters/disk-space.ts";
import { systemEntropy } from "./adapters/entropy.ts";
import { BACKED_UP, backupStore } from "./adapters/store-lmdb-backup.ts";
import type { DeskConfig } from "./config/desk-config.ts";
import { changesNeedingRestart } from "./config/settings.ts";
import { assert, reasonOf } from "./core/assert.ts";
import { refuse, type Refusal } from "./core/refusals.ts";
import type { ChangeListener, ControlTarget, DeskTarget, Reloaded } from "./http/control-target.ts";
import type { IngressReport } from "./http/ingress-report.ts";
import type { SignatureHealth } from "./http/signature-health.ts";
import type { DeskIngress } from "./ingress/desk-ingress.ts";
import { pooledEntropy } from "./ingress/entropy-pool.ts";
import { createAgentEntry } from "./main-agent-door.ts";
import { ConfigRefused, daemonOf, loadAll, type StartOptions } from "./main-config.ts";
import { openDesk, systemAdapters, type DeskAdapters, type OpenDesk } from "./main-desk.ts";
import { openDoors, type Doors } from "./main-doors.ts";
import { deskIngress } from "./main-ingress.ts";
import { openDeskLog, type DeskLog } from "./main-log.ts";
import { createObservers } from "./main-observe.ts";
import { readyChecks } from "./main-ready.ts";
import { createTaskRuns, type TaskRuns } from "./main-task-runs.ts";
import { createSignedTests, type SignedTests } from "./main-signed-test.ts";
import { diagnoseSignature, watchSignatures } from "./main-signatures.ts";
import { providerFor } from "./providers/index.ts";
import { version } from "./version.ts";

export { ConfigRefused, type StartOptions };

export type Running = {
  readonly target: ControlTarget;
  /** Begins to stop, once; resolves when everything is closed. */
  readonly stop: (drainMs: number) => Promise<void>;
  readonly reload: () => Promise<Reloaded>;
  readonly drainMs: number;
  /** Resolves when the daemon has stopped, whoever asked for it. */
  readonly closed: Promise<void>;
};

type Served = {
  config: DeskConfig;
  ingress: DeskIngress;
  readonly desk: OpenDesk;
  readonly log: DeskLog;
  readonly signatures: SignatureHealth;
  readonly tasks: TaskRuns;
  readonly tests: SignedTests;
  failedSignatures: number;
  diskLow: boolean;
};

const DISK_LOOK_MS = 5_000;
const DRAINING_RETRY_S = 5;
const DISK_LOW_RETRY_S = 60;
/** What waits of spans is sent for no longer than this at the end. */
const SPANS_SENT_MS_MAX = 2_000;

/** @throws ConfigRefused with every problem of every desk; DeskBusy; the error of a door that cannot be opened */
export async function start(options: StartOptions, adapters: DeskAdapters = systemAdapters): Promise<Running> {
  const startedAt = systemClock.now();
  const dirs = options.dirs.map((dir) => path.resolve(dir));
  const configs = loadAll(dirs, options);
  const daemon = daemonOf(configs, options);
  const entropy = pooledEntropy(systemEntropy);
  const complain = (says: string, reason: unknown): void => served[0]?.log.complain(says, { reason: reasonOf(reason) });
  const agents = createAgentEntry(systemEntropy, (says) => served[0]?.log.warn(says), complain);
  const listeners = new Set<ChangeListener>();
  const served: Served[] = [];
  let draining = false;
  let doors: Doors | undefined;
  const observers = await createObservers({
    daemon,
    desks: () => target.desks(),
    openStreams: () => doors?.openStreams() ?? 0,
  });
  try {
    for (const [i, config] of configs.entries()) served.push(await serve(dirs[i] ?? ".", config));
  } catch (error) {
    await closeAll(served, 0);
    throw error;
  }

  async function serve(dir: string, config: DeskConfig): Promise<Served> {
    const log = openDeskLog(dir, config.daemon.log_level);
    const one = (): Served => {
      const found = served.find(({ desk: { dir: other } }) => other === dir);
      assert(found !== undefined, "a desk that works is served");
      return found;
    };
    const tasks = createTaskRuns(
      () => one().ingress,
      () => one().config,
      () => gate(),
    );
    const desk = await openDesk(
      {
        dir,
        workspace: config.name,
        mailWaitingMax: config.daemon.mail_waiting_max,
        witnesses: config.evidence.witness,
        host: {
          config: () => served.find(({ desk: { dir: other } }) => other === dir)?.config ?? config,
          env: options.env,
          tokens: agents.tokens,
          door: agents.way,
          requeue: tasks.requeue,
          warn: (says) => log.warn(says),
        },
        complain: log.complain,
      },
      adapters,
    );
    // One by one: whoever throws silences itself alone.
    desk.engine.listen(log.rows);
    desk.engine.listen((change) => observers.change(config.name, change));
    desk.engine.listen((change) => {
      for (const listener of listeners) listener(config.name, change);
    });
    const signatures = watchSignatures(config.name, desk.store);
    const ingress = deskIngress(config, desk, entropy);
    const tests = createSignedTests(
      () => one().config,
      () => doors?.ingressUrl ?? null,
    );
    return { config, desk, log, signatures, ingress, tasks, tests, failedSignatures: 0, diskLow: false };
  }

  let byName = ingressByName(served);
  const gate = (): Refusal | undefined => {
    if (draining) return refuse("DRAINING", "stopping", DRAINING_RETRY_S);
    if (served.some(({ diskLow }) => diskLow)) return refuse("DISK_LOW", "below disk_free_min", DISK_LOW_RETRY_S);
    return undefined;
  };
  const servedAs = (name: string | undefined): Served | undefined => served.find(({ config }) => config.name === name);
  const report = (what: IngressReport): void => {
    observers.report(what);
    const about = servedAs(what.endpoint?.desk.name);
    if (what.kind === "accepted") {
      about?.signatures.verified(what.endpoint.webhook.name);
      return;
    }
    if (about !== undefined && (what.code === "SIGNATURE_INVALID" || what.code === "SIGNATURE_RATE"))
      about.failedSignatures += 1;
    (about ?? served[0])?.log.refused(what);
  };
  const lookAtDisks = (): void => {
    for (const one of served) one.diskLow = freeBytes(one.desk.dir) < one.config.daemon.disk_free_min_bytes;
  };

  const reload = (): Promise<Reloaded> => {
    try {
      const next = loadAll(dirs, options);
      const stuck = next.flatMap((config, i) => changesNeedingRestart(configs[i] ?? config, config));
      if (stuck.length > 0)
        return Promise.resolve({ kind: "refused", problems: stuck.map((key) => `${key} changes only with a restart`) });
      for (const [i, one] of served.entries()) {
        one.config = next[i] ?? one.config;
        one.ingress = deskIngress(one.config, one.desk, entropy);
        one.log.info("configuration reloaded");
        for (const says of one.config.warnings) one.log.warn(says);
      }
      byName = ingressByName(served);
      return Promise.resolve({ kind: "reloaded", workspaces: [...byName.keys()] });
    } catch (error) {
      if (!(error instanceof ConfigRefused)) throw error;
      for (const { log } of served) log.warn("configuration refused, the old one stays", { reason: error.message });
      return Promise.resolve({ kind: "refused", problems: [error.message] });
    }
  };

  let stopping: Promise<void> | undefined;
  let closedNow = (): void => undefined;
  const closed = new Promise<void>((resolve) => {
    closedNow = resolve;
  });
  const stop = (drainMs: number): Promise<void> => {
    draining = true;
    stopping ??= (async () => {
      clearInterval(diskLook);
      const until = performance.now() + drainMs;
      const leftMs = (): number => Math.max(0, until - performance.now());
      await doors?.closeIngress(drainMs);
      await closeAll(served, leftMs());
      await doors?.closeControl();
      await observers.close(Math.min(leftMs(), SPANS_SENT_MS_MAX));
      closedNow();
    })();
    return stopping;
  };

  const target: ControlTarget = {
    desks: () => served.map((one) => deskTarget(one, doors)),
    status: () => ({
      version,
      pid: process.pid,
      started_at: startedAt,
      ready: doors !== undefined && !draining,
      draining,
      ingress: doors?.ingressUrl ?? null,
      console: doors?.consoleUrl ?? null,
    }),
    ready: () =>
      Promise.resolve(
        readyChecks({
          isListening: doors !== undefined,
          isDraining: draining,
          open: served.length,
          low: served.filter(({ diskLow }) => diskLow).map(({ config }) => config.name),
          loopDelayMs: doors?.loopDelayMs() ?? 0,
        }),
      ),
    stop: (drainMs) => void stop(drainMs),
    reload,
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    backup: (workspace, to) => {
      const one = servedAs(workspace);
      if (one === undefined) return Promise.reject(new Error(`no workspace is called ${workspace}`));
      return backup(one.desk, to);
    },
  };

  const diskLook = setInterval(lookAtDisks, DISK_LOOK_MS);
  diskLook.unref();
  try {
    lookAtDisks();
    for (const { desk } of served) desk.engine.start();
    doors = await openDoors({
      daemon,
      desks: () => byName,
      gate,
      report,
      diagnose: (endpoint, raw, fault) => {
        const health = servedAs(endpoint.desk.name)?.signatures;
        return health === undefined ? null : diagnoseSignature(health, endpoint, raw, fault);
      },
      target,
      entropy,
      served: deskPlaces(served),
      agents: agents.door,
      observers,
      complain,
      env: options.env,
    });
    agents.opened(doors.agentSocket);
  } catch (error) {
    clearInterval(diskLook);
    agents.notOpened(error);
    await closeAll(served, 0);
    throw error;
  }
  for (const { log, config, desk } of served) {
    for (const says of [...config.warnings, ...desk.agents.warnings()]) log.warn(says);
    log.info("ready", { version, ingress: doors.ingressUrl });
  }
  return { target, stop, reload, drainMs: daemon.drain_ms, closed };
}

const ingressByName = (served: readonly Served[]): ReadonlyMap<string, DeskIngress> =>
  new Map(served.map(({ ingress }) => [ingress.name, ingress]));

const deskPlaces = (served: readonly Served[]) =>
  served.map(({ config, desk }) => ({ name: config.name, dir: desk.dir }));

function deskTarget(
  { config, desk, signatures, tasks, tests, failedSignatures }: Served,
  doors: Doors | undefined,
): DeskTarget {
  return {
    name: config.name,
    dir: desk.dir,
    webhooks: config.webhooks.map(({ name, provider, policy, secrets }) => ({
      name,
      provider: providerFor(provider).name,
      action: policy.action,
      task: policy.task,
      url: doors === undefined ? null : `${doors.ingressUrl}/webhook/${config.name}/${name}`,
      secrets: secrets.length,
    })),
    store: desk.store,
    engine: desk.engine,
    signatures: signatures.snapshot,
    ...(desk.agents.drafts === undefined ? {} : { drafts: desk.agents.drafts }),
    runTask: tasks.ask,
    sendTest: tests.send,
    counters: () => ({ mail_waiting: desk.engine.mailWaiting(), failed_signatures: failedSignatures }),
  };
}

/** The store with its artifacts, the sealed envelopes and the keys: all that a desk cannot be made again from. */
async function backup({ dir, store }: OpenDesk, to: string): Promise<{ readonly bytes: number }> {
  await backupStore(path.join(dir, ".qoc"), to, BACKED_UP);
  return { bytes: store.stats().bytes };
}

async function closeAll(served: readonly Served[], drainMs: number): Promise<void> {
  await Promise.all(served.map(({ desk }) => desk.close(drainMs)));
  for (const { log } of served) log.flush();
}
