/** The API over the store of a desk that no daemon serves: the same routes, in this process, for reading. */
import { randomBytes } from "node:crypto";
import type { ApiWorld } from "../http/api-app.ts";
import type { ControlTarget, StoreReads } from "../http/control-target.ts";
import { version } from "../version.ts";
import { type Api, type LiveEvent, refusalIn } from "./client.ts";
import type { DeskPlace } from "./desk-finder.ts";
import type { Io } from "./io.ts";
import type { ReadableStore } from "./parts.ts";

/** @param more what the answers need of this build's machines */
export async function stoppedApi(
  desk: DeskPlace,
  store: ReadableStore | undefined,
  io: Io,
  more: Pick<ApiWorld, "definition" | "replay"> = {},
): Promise<Api> {
  const { buildApiApp } = await import("../http/api-app.ts");
  const app = buildApiApp({
    ...more,
    target: stoppedTarget(desk, store ?? NOTHING),
    clock: { now: io.now },
    entropy: { bytes: (count) => randomBytes(count) },
    complain: (_says, reason) => {
      throw reason;
    },
  });
  return {
    live: false,
    ask: async (method, url, body) => {
      const answer = await app.inject({ method, url, ...(body === undefined ? {} : { payload: body }) });
      return { status: answer.statusCode, body: answer.json() };
    },
    text: async (url) => {
      const answer = await app.inject({ method: "GET", url });
      if (answer.statusCode >= 400) throw refusalIn(answer.json());
      return answer.payload;
    },
    events: () => NO_EVENTS,
    close: async () => {
      await app.close();
      await store?.close();
    },
  };
}

const no = (): Promise<never> => Promise.reject(new Error("no daemon runs"));

function stoppedTarget(desk: DeskPlace, store: StoreReads): ControlTarget {
  return {
    desks: () => [
      {
        name: desk.name,
        dir: desk.dir,
        webhooks: desk.webhooks.map((webhook) => ({ ...webhook, url: null, secrets: 0 })),
        store,
        engine: null,
        counters: () => ({ mail_waiting: 0, failed_signatures: 0 }),
        signatures: () => null,
      },
    ],
    status: () => ({ version, pid: null, started_at: 0, ready: false, draining: false, ingress: null, console: null }),
    ready: () => Promise.resolve([{ name: "daemon", ok: false, says: "not running" }]),
    stop: () => undefined,
    reload: no,
    listen: () => () => undefined,
    backup: no,
  };
}

/** What a desk holds that no daemon has served yet. */
const NOTHING: StoreReads = {
  read: () => undefined,
  journal: () => [],
  artifact: () => undefined,
  find: () => [],
  unfinished: () => [],
  addresses: () => [],
  stats: () => ({ schema: 0, actors: 0, unfinished: 0, mail_batches: 0, artifacts: 0, bytes: 0 }),
};

const NO_EVENTS: AsyncIterable<LiveEvent> = {
  [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
};
