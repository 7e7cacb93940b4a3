/**
 * One command of the configuration's own, run once: an argv and never a shell, with the environment that it is given and no other, in a
 * process group of its own that is ended when its time is up or when it writes more than it may.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { reasonOf } from "../core/assert.ts";
import { errnoOf } from "./disk.ts";

export type BoundedCommand = {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly stdin: Uint8Array;
  readonly timeout_ms: number;
  readonly stdout_bytes_max: number;
};

/** `never_started`: no instruction of the command was run. `ended` covers all that is neither that nor an exit of its own accord. */
export type CommandEnd =
  | { readonly kind: "exited"; readonly code: number; readonly stdout: Uint8Array }
  | { readonly kind: "never_started"; readonly reason: string }
  | { readonly kind: "ended"; readonly reason: string };

/** What a command has between being asked to end and being ended. */
const GRACE_MS = 2000;
const NEVER_STARTED: ReadonlySet<string> = new Set(["ENOENT", "EACCES"]);

/** Resolves when the process is gone and its output is read, or when it was ended. Never rejects. */
export function runBounded(command: BoundedCommand): Promise<CommandEnd> {
  const [file, ...args] = command.argv;
  if (file === undefined) return Promise.resolve({ kind: "never_started", reason: "no command is configured" });
  const { cwd, env } = command;
  try {
    return watch(
      spawn(file, args, { cwd, env, detached: true, shell: false, stdio: ["pipe", "pipe", "ignore"] }),
      command,
    );
  } catch (thrown) {
    return Promise.resolve({ kind: "ended", reason: `it may not have been started: ${reasonOf(thrown)}` });
  }
}

function watch(child: ChildProcess, { stdin, timeout_ms, stdout_bytes_max }: BoundedCommand): Promise<CommandEnd> {
  return new Promise((resolve) => {
    const output: Buffer[] = [];
    const timers: NodeJS.Timeout[] = [];
    let bytes = 0;
    let ending: string | null = null;
    const settle = (end: CommandEnd): void => {
      for (const timer of timers) clearTimeout(timer);
      resolve(end);
    };
    /** A process that has left its group may hold the output open for ever: after the grace nobody waits for it. */
    const end = (reason: string): void => {
      if (ending !== null) return;
      ending = reason;
      signalGroup(child, "SIGTERM");
      const kill = (): void => {
        signalGroup(child, "SIGKILL");
        child.stdout?.destroy();
        child.unref();
        settle({ kind: "ended", reason });
      };
      timers.push(setTimeout(kill, GRACE_MS));
    };
    timers.push(setTimeout(() => end(`it did not end within ${timeout_ms} ms`), timeout_ms));
    child.on("error", (error) => settle(failedStart(error)));
    child.stdout?.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > stdout_bytes_max) end(`it wrote more than ${stdout_bytes_max} bytes`);
      else output.push(chunk);
    });
    // A command that does not read what it is told has said so by what it answers.
    child.stdin?.on("error", () => {});
    child.stdin?.end(stdin);
    child.on("close", (code, signal) => {
      if (ending !== null) {
        // Of what it started, some may have ignored the signal that ended it.
        signalGroup(child, "SIGKILL");
        settle({ kind: "ended", reason: ending });
      } else if (code === null) settle({ kind: "ended", reason: `it was ended by ${signal ?? "a signal"}` });
      else settle({ kind: "exited", code, stdout: Buffer.concat(output) });
    });
  });
}

function failedStart(error: Error): CommandEnd {
  const errno = errnoOf(error) ?? "";
  if (NEVER_STARTED.has(errno)) return { kind: "never_started", reason: `it cannot be started: ${errno}` };
  return { kind: "ended", reason: `it may not have been started: ${errno}` };
}

/** A negative process id means the group. It may be gone already. */
function signalGroup({ pid }: ChildProcess, signal: "SIGTERM" | "SIGKILL"): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch {
    // Nothing is left to be signalled.
  }
}
