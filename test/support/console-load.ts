/** A daemon with very many runs and a console, more deliveries as they come, and what is asked of it meanwhile. */
import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { RunsPage, type RunItem } from "../../src/http/shapes/runs.ts";
import { send } from "../bench/servers.ts";
import { ask } from "./control.ts";
import { type Daemon, launch, ready } from "./daemon.ts";
import { deskFolder, SECRET, webhookToml } from "./desk-folder.ts";
import { share } from "./page-load.ts";
import { seedSealedRuns } from "./seeded-runs.ts";

/** Rows of the journal of one delivery from its birth to its seal. */
export const ROWS_OF_A_RUN = 6;

export type LoadedConsole = {
  readonly dir: string;
  readonly daemon: Daemon;
  readonly url: string;
  readonly token: string;
  /** The parsed answer to a page's question. */
  readonly get: (target: string) => Promise<unknown>;
  /** Every run that the API lists, page by page. */
  readonly list: () => Promise<readonly RunItem[]>;
  /** So many transitions a second for so long, made by deliveries. Rejects when one of them is refused. */
  readonly drive: (transitionsPerSecond: number, seconds: number, salt: string) => Promise<void>;
  /** Memory of its own, in bytes: without what it has mapped of files. */
  readonly memory: () => number;
};

export async function loadedConsole(runs: number): Promise<LoadedConsole> {
  const dir = deskFolder("bench", { toml: webhookToml("price-alert") });
  await seedSealedRuns(dir, runs);
  const daemon = await ready(launch([dir], {}, ["--console", "127.0.0.1:0"]), dir);
  const file: unknown = JSON.parse(readFileSync(path.join(dir, ".qoc/daemon.json"), "utf8"));
  const { console: url } = z.object({ console: z.string() }).parse(file);
  const { code } = z.object({ code: z.string() }).parse(await ask(dir, "/api/console/codes", {}));
  const login = await fetch(`${url}/api/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ code }),
  });
  const { token } = z.object({ token: z.string() }).parse(await login.json());
  const get = async (target: string): Promise<unknown> => {
    const answer = await fetch(url + target, { headers: { authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`${target} was answered ${answer.status}`);
    return answer.json();
  };
  return {
    dir,
    daemon,
    url,
    token,
    get,
    list: async () => {
      const items: RunItem[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const behind = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
        // oxlint-disable-next-line no-await-in-loop -- each page says where the next one begins
        const page = RunsPage.parse(await get(`/api/runs?limit=200${behind}`));
        items.push(...page.items);
        cursor = page.next;
      }
      return items;
    },
    drive: async (transitionsPerSecond, seconds, salt) => {
      const rate = transitionsPerSecond / ROWS_OF_A_RUN;
      const requests = Math.round(rate * seconds);
      const job = { url: `${daemon.ingress}/webhook/bench/price-alert`, secret: SECRET, connections: 16, rate };
      const { accepted } = await send({ ...job, requests, salt });
      if (accepted !== requests) throw new Error(`${accepted} of ${requests} deliveries were accepted`);
    },
    memory: () => {
      const status = readFileSync(`/proc/${daemon.pid}/status`, "utf8");
      return Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    },
  };
}

/** How long answers took, in milliseconds. */
export type Latency = { readonly count: number; readonly p50: number; readonly p99: number; readonly most: number };

/** Asks again and again, one question at a time, until `ended` settles. */
export async function latencyOf(
  { get }: LoadedConsole,
  target: string,
  betweenMs: number,
  ended: Promise<unknown>,
): Promise<Latency> {
  const took: number[] = [];
  let isOn = true;
  const end = (): void => void (isOn = false);
  void ended.then(end, end);
  while (isOn) {
    const begun = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    await get(target);
    took.push(performance.now() - begun);
    // oxlint-disable-next-line no-await-in-loop -- one at a time
    await pause(betweenMs);
  }
  return { count: took.length, p50: share(took, 0.5), p99: share(took, 0.99), most: Math.max(0, ...took) };
}
