/** The daemon's doors: ingress, console, control socket. Opened together, closed in order: no delivery in, then no question answered. */
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { FastifyInstance } from "fastify";
import { systemClock } from "./adapters/clock.ts";
import type { DaemonConfig } from "./config/desk-config.ts";
import type { Endpoint } from "./config/forms.ts";
import { assert } from "./core/assert.ts";
import type { Entropy } from "./engine/ports.ts";
import { buildAgentApp } from "./http/agent-app.ts";
import type { AgentDoor } from "./http/agent-door.ts";
import { type ApiWorld, buildApiApp } from "./http/api-app.ts";
import { addRoutes } from "./http/api-routes.ts";
import { buildConsoleApp, consoleHosts } from "./http/console-app.ts";
import {
  agentSocketPath,
  controlSocketPath,
  listenPrivately,
  removeDaemonFile,
  systemPlace,
  writeDaemonFile,
} from "./http/control-address.ts";
import type { ControlTarget } from "./http/control-target.ts";
import { createIngressApp, type IngressDoor } from "./http/ingress-app.ts";
import { createEventHub } from "./http/events.ts";
import { INGRESS_LIMITS } from "./http/ingress-limits.ts";
import { addInspectPages } from "./http/inspect-pages.ts";
import { createConsoleDoor } from "./main-console.ts";
import { definitionText } from "./main-definitions.ts";
import { createInboxes } from "./main-inbox.ts";
import type { Observers } from "./main-observe.ts";
import { createReplay } from "./main-replay.ts";

export type DoorsOptions = Pick<IngressDoor, "desks" | "gate" | "report" | "diagnose"> & {
  readonly daemon: DaemonConfig;
  readonly target: ControlTarget;
  readonly entropy: Entropy;
  readonly served: readonly { readonly name: string; readonly dir: string }[];
  readonly agents: AgentDoor;
  readonly observers: Pick<Observers, "text" | "isScraper">;
  /** Told of a bug of ours that a request met. */
  readonly complain: (says: string, reason: unknown) => void;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type Doors = {
  readonly ingressUrl: string;
  readonly consoleUrl: string | null;
  /** Path of the agents' socket. */
  readonly agentSocket: string;
  /** By how much the event loop was late since this was asked last: the 99th percentile. */
  readonly loopDelayMs: () => number;
  /** Streams of live events that are open. */
  readonly openStreams: () => number;
  readonly closeIngress: (drainMs: number) => Promise<void>;
  readonly closeControl: () => Promise<void>;
};

/** How often the event loop is looked at. */
const LOOP_LOOK_MS = 20;
/** What is still asked over the sockets when everything else has stopped gets no longer than this. */
const CONTROL_DRAIN_MS = 2_000;

/** @throws the error of the first door that does not open; those before it are closed again */
export async function openDoors(options: DoorsOptions): Promise<Doors> {
  const { daemon, target, entropy, served } = options;
  const opened: FastifyInstance[] = [];
  try {
    const ingress = await listen(
      opened,
      createIngressApp({ ...options, now: systemClock.now, limits: limitsOf(daemon) }),
      daemon.ingress,
    );
    let hosts: readonly string[] = [];
    let consoleUrl: string | null = null;
    const door = createConsoleDoor({
      dir: firstOf(served).dir,
      consoleUrl: () => consoleUrl,
      complain: options.complain,
    });
    const events = createEventHub(target, target.status().started_at.toString(36));
    const world = {
      target,
      clock: systemClock,
      entropy,
      agents: options.agents,
      login: door.login,
      events,
      replay: createReplay(),
      inboxes: createInboxes(),
      definition: definitionText,
      metrics: options.observers.text,
      complain: options.complain,
    } satisfies ApiWorld;
    // The library of WebSockets is loaded for a console alone.
    const inspect = daemon.console === null ? null : await import("./http/inspect-socket.ts");
    const console =
      daemon.console === null
        ? null
        : await listen(
            opened,
            buildConsoleApp({
              hosts: () => hosts,
              tokens: door.tokens,
              files: door.files,
              addRoutes: (app) => {
                addRoutes(app, world);
                addInspectPages(app, { files: door.files, stately: () => daemon.stately });
              },
              addUpgrades: (app, guard) => inspect?.addInspectSocket(app, world, guard),
              isScraper: options.observers.isScraper,
              complain: options.complain,
            }),
            daemon.console,
          );
    if (console !== null) {
      hosts = consoleHosts(console.host, console.port);
      consoleUrl = console.url;
    }
    const api = buildApiApp(world);
    opened.push(api);
    const socket = socketOf(served, options.env);
    await listenPrivately(socket, (path) => api.listen({ path }));
    const agentsApp = buildAgentApp({ agents: options.agents, complain: options.complain }, null);
    opened.push(agentsApp);
    const agentSocket = agentSocketPath(socket);
    await listenPrivately(agentSocket, (path) => agentsApp.listen({ path }));
    const delay = monitorEventLoopDelay({ resolution: LOOP_LOOK_MS });
    delay.enable();
    const started_at = new Date(target.status().started_at).toISOString();
    for (const { dir } of served) {
      writeDaemonFile(dir, {
        pid: process.pid,
        socket,
        ingress: ingress.url,
        console: console?.url ?? null,
        started_at,
      });
    }
    return {
      ingressUrl: ingress.url,
      consoleUrl: console?.url ?? null,
      agentSocket,
      loopDelayMs: () => {
        // The histogram holds the whole time from look to look.
        const ms = Math.max(0, delay.percentile(99) / 1e6 - LOOP_LOOK_MS);
        delay.reset();
        return ms;
      },
      openStreams: events.open,
      closeIngress: (drainMs) =>
        closeWithin(
          opened.filter((app) => app !== api && app !== agentsApp),
          // A server that closes holds nobody to the time that a request may take: whoever never ends his would get all of the time, and
          // what is under way none.
          Math.min(daemon.request_timeout_ms, drainMs / 2),
        ),
      closeControl: async () => {
        delay.disable();
        for (const { dir } of served) removeDaemonFile(dir, process.pid);
        await closeWithin([api, agentsApp], CONTROL_DRAIN_MS);
        events.close();
      },
    };
  } catch (error) {
    await Promise.all(opened.map((app) => app.close()));
    throw error;
  }
}

const limitsOf = (daemon: DaemonConfig) => ({
  ...INGRESS_LIMITS,
  headersTimeoutMs: daemon.headers_timeout_ms,
  requestTimeoutMs: daemon.request_timeout_ms,
  signatures: { ...INGRESS_LIMITS.signatures, failuresMax: daemon.signature_failures_per_minute },
});

async function listen(
  opened: FastifyInstance[],
  app: FastifyInstance,
  { host, port }: Endpoint,
): Promise<{ readonly url: string; readonly host: string; readonly port: number }> {
  opened.push(app);
  await app.listen({ host, port });
  const address = app.server.address();
  assert(typeof address === "object" && address !== null, "a listener on a port has one");
  const bound = address.port;
  const name = host.includes(":") ? `[${host}]` : host;
  return { url: `http://${name}:${bound}`, host, port: bound };
}

function socketOf(served: DoorsOptions["served"], env: DoorsOptions["env"]): string {
  const first = firstOf(served);
  return controlSocketPath(first.name, first.dir, systemPlace(env));
}

function firstOf(served: DoorsOptions["served"]): DoorsOptions["served"][number] {
  const [first] = served;
  assert(first !== undefined, "a daemon serves at least one desk");
  return first;
}

/** Requests in flight are finished; connections that outlast the drain time are cut. */
async function closeWithin(apps: readonly FastifyInstance[], drainMs: number): Promise<void> {
  const cut = setTimeout(() => {
    for (const app of apps) app.server.closeAllConnections();
  }, drainMs);
  for (const app of apps) app.server.closeIdleConnections();
  await Promise.all(apps.map((app) => app.close()));
  clearTimeout(cut);
}
