/** Starts a process in a group of its own, and hears from bubblewrap whether the command inside was reached. */
import { type ChildProcess, spawn } from "node:child_process";
import { Readable } from "node:stream";
import { reasonOf } from "../core/assert.ts";
import type { Environment } from "./environment.ts";
import type { Output } from "./output.ts";
import type { Prepared, Refused } from "./prepare.ts";

export type Started = { readonly kind: "started"; readonly child: ChildProcess };

export const STATUS_BYTES_MAX = 4096;

/** Resolves when the process is there, or cannot be. */
export async function startProcess(prepared: Prepared, desk: string, env: Environment): Promise<Started | Refused> {
  const refused = (error: unknown): Refused => ({
    kind: "refused",
    reason: `the agent's command cannot be started: ${reasonOf(error)}`,
  });
  try {
    const child = spawn(prepared.file, prepared.args, {
      cwd: desk,
      env,
      detached: true,
      stdio: ["pipe", "pipe", "pipe", prepared.sandboxed ? "pipe" : "ignore"],
    });
    return await new Promise((resolve) => {
      child.once("spawn", () => resolve({ kind: "started", child }));
      // Stays: a signal that cannot be sent is an `error` of the child too.
      child.on("error", (error) => resolve(refused(error)));
    });
  } catch (error) {
    return refused(error);
  }
}

/** Where bubblewrap tells of itself; null without one. */
export function statusPipe(child: ChildProcess): Readable | null {
  const pipe = child.stdio[3];
  return pipe instanceof Readable ? pipe : null;
}

/** Bubblewrap tells an exit code only when the command inside was reached; what it complains of else is why it was not. */
export function faultOfSandbox(status: Output, stderr: Output): string | null {
  const decoder = new TextDecoder();
  if (decoder.decode(status.bytes).includes('"exit-code"')) return null;
  const said = decoder.decode(stderr.bytes.subarray(0, 500)).trim();
  return `the sandbox cannot be made: ${said === "" ? "bubblewrap gave no reason" : said}`;
}
