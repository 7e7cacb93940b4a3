/**
 * The built `qoc` as processes of its own: what a user runs, not what is imported. Whoever imports this file leaves no process and
 * no folder behind. `npm run build` comes first.
 */
import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll } from "vitest";
import type { Plan } from "./crash-points.ts";

export const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const QOC = path.join(ROOT, "dist", "src", "cli", "main.js");

/** How long anything may take before a test gives it up. Nothing waits this long when all is well. */
const PATIENCE_MS = 30_000;

const children = new Set<ChildProcess>();
const folders = new Set<string>();

afterAll(async () => {
  await Promise.all([...children].map((child) => killed(child)));
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

function killed(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("close", () => resolve());
    child.kill("SIGKILL");
  });
}

/** A new folder that is gone when the test file has finished. */
export function lastingFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "qoc-test-"));
  folders.add(folder);
  return folder;
}

let home: string | undefined;

/** What a child sees of the environment: nothing of the test runner's, and a home without a configuration. */
export function environment(extra: Readonly<Record<string, string>> = {}): Record<string, string> {
  const kept = ["PATH", "TMPDIR"].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  home ??= lastingFolder();
  return { ...Object.fromEntries(kept), HOME: home, ...extra };
}

export type Ended = { readonly code: number | null; readonly signal: NodeJS.Signals | null };
export type Said = Ended & { readonly stdout: string; readonly stderr: string };

export type Child = {
  readonly pid: number;
  readonly signal: (name: NodeJS.Signals) => void;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Resolves when the process is gone and all that it said is read. */
  readonly ended: Promise<Said>;
  /** Resolves when stdout holds this; rejects with all that was said when the process ends before, or takes too long. */
  readonly says: (text: string) => Promise<void>;
};

export type Place = { readonly cwd: string; readonly env?: Record<string, string> };

export function startProcess(command: string, args: readonly string[], { cwd, env = environment() }: Place): Child {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  children.add(child);
  let stdout = "";
  let stderr = "";
  const heard = new Set<() => void>();
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    for (const call of heard) call();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = new Promise<Said>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code, signal) => {
      children.delete(child);
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    pid: child.pid ?? 0,
    signal: (name) => void child.kill(name),
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    says: async (text) => {
      const said = new Promise<void>((resolve) => {
        const look = (): void => {
          if (stdout.includes(text)) resolve();
        };
        heard.add(look);
        look();
      });
      const over = ended.then(({ code, signal }) => {
        // The last words may be the awaited ones.
        if (!stdout.includes(text))
          throw new Error(`ended (${code ?? signal}) before it said ${text}:\n${stdout}${stderr}`);
      });
      await within(Promise.race([said, over]), () => `did not say ${text}:\n${stdout}${stderr}`);
    },
  };
}

/** The promise's value, or an error with these words when it takes too long. */
export async function within<T>(promise: Promise<T>, words: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${PATIENCE_MS} ms it ${words()}`)), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a command of `qoc` to its end. */
export async function qoc(place: Place, ...args: readonly string[]): Promise<Said> {
  const child = startProcess(process.execPath, [QOC, ...args], place);
  return within(child.ended, () => `went on: qoc ${args.join(" ")}`);
}

export type Daemon = Child & {
  /** `http://127.0.0.1:<port>` */
  readonly ingress: string;
};

/** `qoc up` on free ports, not awaited: for who kills it while it starts. */
export const launch = (dirs: readonly string[], place: Partial<Place> = {}, args: readonly string[] = []): Child =>
  startProcess(process.execPath, [QOC, "up", ...dirs, "--ingress", "127.0.0.1:0", "--console", "off", ...args], {
    cwd: dirs[0] ?? ROOT,
    ...place,
  });

/** `qoc up`, ready. */
export const up = (dirs: readonly string[], place: Partial<Place> = {}): Promise<Daemon> =>
  ready(launch(dirs, place), dirs[0] ?? ROOT);

const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;
const FAULTY = path.join(ROOT, "test", "support", "faulty-daemon.ts");

/** A daemon that dies or fails as planned. */
export const launchFaulty = (dir: string, plan: Plan): Child =>
  startProcess(process.execPath, ["--import", TSX, FAULTY, dir, JSON.stringify(plan)], { cwd: dir });

/** @throws with all that the process said when it ends instead */
export async function ready(child: Child, dir: string): Promise<Daemon> {
  await child.says("ready\n");
  return { ...child, ingress: ingressOf(dir) };
}

/** Where the daemon of this desk says that it listens. */
export function ingressOf(dir: string): string {
  const { ingress }: { readonly ingress: string } = JSON.parse(
    readFileSync(path.join(dir, ".qoc", "daemon.json"), "utf8"),
  );
  return ingress;
}

/** Asks by SIGTERM and waits until it is gone. */
export async function stop(daemon: Child): Promise<Said> {
  daemon.signal("SIGTERM");
  return within(daemon.ended, () => `went on after SIGTERM:\n${daemon.stdout()}${daemon.stderr()}`);
}

/** Ends it as a power cut would end it for the process. */
export async function kill(daemon: Child): Promise<Said> {
  daemon.signal("SIGKILL");
  return within(daemon.ended, () => "outlived SIGKILL");
}

if (!existsSync(QOC)) throw new Error(`${QOC} does not exist: npm run build`);
