/** The measured servers as processes of their own: the built daemon on a fresh desk, the bare route, and the sender. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { request } from "node:http";
import { z } from "zod";
import type { LoadJob, LoadResult } from "./load.ts";

const root = path.resolve(import.meta.dirname, "../..");
const cli = path.join(root, "dist/src/cli/main.js");
const tsx = path.join(root, "node_modules/.bin/tsx");

export type Server = { readonly url: string; readonly secret: string; readonly stop: () => Promise<void> };
export type Daemon = Server & {
  readonly dir: string;
  /** The control socket. */
  readonly socket: string;
  readonly pid: number;
  /** Milliseconds from the start of the process until it was ready. */
  readonly readyMs: number;
  /** Mail and runs that are not at rest. */
  readonly unfinished: () => Promise<number>;
  /** What the daemon says of its event loop since it was asked last. */
  readonly loopDelay: () => Promise<string>;
};

/** A desk of its own in a temporary folder, with one inbox webhook. */
export function newDesk(): { readonly dir: string; readonly remove: () => void } {
  const parent = mkdtempSync(path.join(os.tmpdir(), "qoc-bench-"));
  const dir = path.join(parent, "bench");
  execFileSync(process.execPath, [cli, "init", dir], { stdio: "ignore" });
  return { dir, remove: () => rmSync(parent, { recursive: true, force: true }) };
}

export async function startDaemon(dir: string): Promise<Daemon> {
  const begun = performance.now();
  const child = spawn(process.execPath, [cli, "up", dir, "--ingress", "127.0.0.1:0", "--console", "off"], {
    cwd: dir,
    stdio: ["ignore", "pipe", "ignore"],
  });
  await said(child, /^ready/m);
  const readyMs = performance.now() - begun;
  const { ingress, socket } = DaemonFile.parse(JSON.parse(readFileSync(path.join(dir, ".qoc/daemon.json"), "utf8")));
  const secret = /PRICE_ALERT=["']?([^"'\n]+)/.exec(readFileSync(path.join(dir, ".env.qoc"), "utf8"))?.[1] ?? "";
  return {
    dir,
    socket,
    url: `${ingress}/webhook/bench/price-alert`,
    secret,
    pid: child.pid ?? 0,
    readyMs,
    unfinished: async () => {
      const { workspaces } = Status.parse(await getJson(socket, "/api/status"));
      return workspaces.reduce((sum, { mail_waiting, runs }) => sum + mail_waiting + runs.unfinished, 0);
    },
    loopDelay: async () => {
      const { checks } = Ready.parse(await getJson(socket, "/readyz"));
      return checks.find(({ name }) => name === "loop")?.says ?? "nothing is said of it";
    },
    stop: () => ended(child, "SIGTERM"),
  };
}

const BARE_SECRET = "a secret of the bare route";
export async function startBareRoute(): Promise<Server> {
  const { url, stop } = await startScript("bare-route.ts", [BARE_SECRET]);
  return { url: `${url}/webhook/bench/price-alert`, secret: BARE_SECRET, stop };
}

/** Starts a server of this folder that prints its port. */
export async function startScript(file: string, args: readonly string[]): Promise<Pick<Server, "url" | "stop">> {
  const child = spawn(tsx, [path.join(root, "test/bench", file), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await said(child, /^(\d+)$/m);
  return { url: `http://127.0.0.1:${port.trim()}`, stop: () => ended(child, "SIGTERM") };
}

/** Runs the sender as a process of its own, so that its work is not the server's. */
export function send(job: LoadJob): Promise<LoadResult> {
  const child = spawn(tsx, [path.join(root, "test/bench/load.ts"), JSON.stringify(job)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  return said(child, /^\{.*\}$/m).then((line) => Result.parse(JSON.parse(line)));
}

/** So many streams of live changes, open and read by a process of its own. `close` gives the bytes that they read together. */
export async function openStreams(socket: string, count: number): Promise<{ readonly close: () => Promise<number> }> {
  const script = path.join(root, "test/bench/stream-readers.ts");
  const child = spawn(tsx, [script, socket, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
  await said(child, new RegExp(`^${count}$`, "m"));
  return {
    close: async () => {
      const read = said(child, /^read \d+$/m);
      await ended(child, "SIGTERM");
      return Number((await read).slice("read ".length));
    },
  };
}

export const isBuilt = (): boolean => existsSync(cli);

const Result = z.object({
  accepted: z.number(),
  refused: z.number(),
  seconds: z.number(),
  perSecond: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
});
const DaemonFile = z.object({ ingress: z.string(), socket: z.string() });
const Ready = z.object({ checks: z.array(z.object({ name: z.string(), says: z.string() })) });
const Status = z.object({
  workspaces: z.array(z.object({ mail_waiting: z.number(), runs: z.object({ unfinished: z.number() }) })),
});

/** What a child printed, once it holds the pattern. */
function said(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      const found = pattern.exec(text)?.[0];
      if (found !== undefined) resolve(found);
    });
    child.once("exit", (code) => reject(new Error(`ended with ${code} before it said ${pattern}: ${text}`)));
  });
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    child.once("exit", () => resolve());
    child.kill(signal);
  });
}

function getJson(socketPath: string, route: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path: route }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("end", () => resolve(JSON.parse(text)));
    })
      .on("error", reject)
      .end();
  });
}
