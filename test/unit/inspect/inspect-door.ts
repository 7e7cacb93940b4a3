/** A store behind the inspector's routes and its WebSocket, on a console's port with its guards. */
import type { FastifyInstance } from "fastify";
import { WebSocket } from "ws";
import { z } from "zod";
import type { ChangeListener, ControlTarget, StoreReads } from "../../../src/http/control-target.ts";
import { addInspectPages } from "../../../src/http/inspect-pages.ts";
import { addInspectRoutes } from "../../../src/http/inspect-routes.ts";
import { addChartRoutes } from "../../../src/http/chart-routes.ts";
import type { StaticFiles } from "../../../src/http/console/static-files.ts";
import { buildConsoleApp } from "../../../src/http/console-app.ts";
import { addInspectSocket } from "../../../src/http/inspect-socket.ts";
import { addDaemonRoutes } from "../../../src/http/daemon-routes.ts";
import type { InspectWorld } from "../../../src/http/inspect-world.ts";
import { definitionText } from "../../../src/main-definitions.ts";
import { AT, aTarget } from "../http/desk-with-runs.ts";
import type { Change, Engine } from "../../../src/engine/ports.ts";

export const TOKEN = "qoc_console_right";

export const Snapshot = z.object({ status: z.string(), value: z.json(), context: z.json() });
export const Event = z.object({ type: z.string(), seq: z.number() }).loose();
const base = { _version: z.string(), createdAt: z.string(), id: z.string(), rootId: z.string(), sessionId: z.string() };
export const Frame = z.discriminatedUnion("type", [
  z.object({ type: z.literal("@xstate.actor"), name: z.string(), definition: z.string(), snapshot: Snapshot, ...base }),
  z.object({ type: z.literal("@xstate.event"), event: Event, ...base }),
  z.object({ type: z.literal("@xstate.snapshot"), event: Event, snapshot: Snapshot, ...base }),
]);
export type Frame = z.infer<typeof Frame>;

export const framesIn = (ndjson: string): readonly Frame[] =>
  ndjson
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Frame.parse(JSON.parse(line)));

export type Given = {
  readonly store: StoreReads;
  readonly engine?: Engine;
  readonly webhooks?: readonly string[];
  /** The built console; none when absent. */
  readonly files?: StaticFiles;
  readonly stately?: () => boolean;
  readonly port?: number;
};
export type InspectDoor = {
  readonly app: FastifyInstance;
  readonly url: string;
  readonly complaints: readonly unknown[];
  /** Announces a change, as an engine does behind its commit. */
  readonly tell: (change: Change) => void;
  readonly inspection: (run: string, query?: string) => Promise<{ readonly status: number; readonly text: string }>;
  readonly close: () => Promise<void>;
};

export async function inspectDoor({
  store,
  engine,
  webhooks,
  files = new Map(),
  stately = () => false,
  port = 0,
}: Given): Promise<InspectDoor> {
  const listeners = new Set<ChangeListener>();
  const plain = aTarget([], webhooks === undefined ? {} : { webhooks });
  const tell = (change: Change): void => {
    for (const listener of listeners) listener("equity-desk", change);
  };
  engine?.listen(tell);
  const target: ControlTarget = {
    ...plain,
    desks: () => plain.desks().map((desk) => ({ ...desk, store, engine: engine ?? null })),
    listen: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const complaints: unknown[] = [];
  const world: InspectWorld = {
    target,
    clock: { now: () => AT },
    entropy: { bytes: (count) => new Uint8Array(count) },
    complain: (says, reason) => complaints.push(says, reason),
    definition: definitionText,
  };
  let host = "";
  const app = buildConsoleApp({
    hosts: () => [host],
    tokens: { accepts: (token) => token === TOKEN, isLive: () => true },
    files,
    addRoutes: (to) => {
      addInspectRoutes(to, world);
      addInspectPages(to, { files, stately });
      addChartRoutes(to);
      addDaemonRoutes(to, world);
    },
    addUpgrades: (to, guard) => addInspectSocket(to, world, guard),
    complain: world.complain,
  });
  const url = await app.listen({ host: "127.0.0.1", port });
  host = new URL(url).host;
  return {
    app,
    url,
    complaints,
    tell,
    inspection: async (run, query = "") => {
      const answer = await fetch(`${url}/api/runs/${encodeURIComponent(run)}/inspection${query}`, {
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      return { status: answer.status, text: await answer.text() };
    },
    close: () => app.close(),
  };
}

export type Viewer = {
  readonly frames: readonly Frame[];
  readonly until: (enough: (frames: readonly Frame[]) => boolean) => Promise<void>;
  readonly closed: Promise<number>;
  readonly socket: WebSocket;
};

export async function openViewer(
  url: string,
  query = "",
  pass: (text: string) => void = () => undefined,
): Promise<Viewer> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/inspect/ws${query}`, [
    "qoc.inspect.v1",
    `bearer.${TOKEN}`,
  ]);
  const frames: Frame[] = [];
  const looks = new Set<() => void>();
  socket.on("message", (data) => {
    if (!Buffer.isBuffer(data)) throw new Error("a frame is one text");
    frames.push(Frame.parse(JSON.parse(data.toString())));
    pass(data.toString());
    for (const look of looks) look();
  });
  const closed = new Promise<number>((resolve) => socket.on("close", resolve));
  await new Promise((resolve, reject) => {
    socket.on("open", resolve);
    socket.on("error", reject);
  });
  return {
    frames,
    closed,
    socket,
    until: (enough) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (enough(frames)) resolve();
        };
        looks.add(look);
        look();
      }),
  };
}
