/** Everything that can be wrong with a launch before a process is there, and the command line that it comes to. */
import { realpathSync } from "node:fs";
import { reasonOf } from "../core/assert.ts";
import type { Environment } from "./environment.ts";
import { findCommand } from "./find-command.ts";
import { type AppliedLimit, boundBy, type Limits } from "./limits.ts";
import { sandboxAvailable } from "./sandbox-check.ts";
import { sandboxArgv } from "./sandbox.ts";

export type SandboxSpec = {
  readonly network: boolean;
  /** The run's own folder. */
  readonly folder: string;
  readonly socket: string;
  /** What the run's `qoc` is made of, and what else is to be read: folders and files. */
  readonly reads: readonly string[];
  /** Of the preset, see `Agent.credentials`. */
  readonly credentials: readonly string[];
};

/** What really held the process: never what was only asked for. `network` is false only where there was none. */
export type Applied = {
  readonly sandbox: "none" | "bubblewrap";
  readonly network: boolean;
  readonly limits: readonly AppliedLimit[];
};

export type Prepared = {
  readonly kind: "prepared";
  readonly file: string;
  readonly args: readonly string[];
  readonly sandboxed: boolean;
  readonly applied: Applied;
};
export type Refused = { readonly kind: "refused"; readonly reason: string };

type Wanted = {
  readonly desk: string;
  readonly argv: readonly string[];
  readonly env: Environment;
  readonly sandbox: SandboxSpec | null;
};

/** A sandbox that is wanted and cannot be made refuses the launch: nothing runs with less around it than was asked for. */
export async function prepareLaunch(wanted: Wanted, limits: Limits): Promise<Prepared | Refused> {
  const [name = "", ...rest] = wanted.argv;
  const found = findCommand(name, wanted.env["PATH"] ?? "", wanted.desk);
  if (found.kind === "none")
    return { kind: "refused", reason: `the agent's command cannot be started: ${found.reason}` };
  const root = process.getuid?.() === 0;
  const bounded = boundBy(limits, { sandboxed: wanted.sandbox !== null, root });
  const command = [...bounded.argv, found.file, ...rest];
  if (wanted.sandbox === null) {
    return ready(command, false, { sandbox: "none", network: true, limits: bounded.applied });
  }
  const check = await sandboxAvailable();
  if (check.kind === "unavailable") return noSandbox(check.reason);
  try {
    const desk = realpathSync(wanted.desk);
    const sandbox = sandboxArgv({
      ...wanted.sandbox,
      desk,
      home: wanted.env["HOME"] ?? null,
      command: [found.file, found.real],
      root,
    });
    if (sandbox.kind === "refused") return noSandbox(sandbox.reason);
    const argv = [check.bwrap, "--json-status-fd", "3", ...sandbox.argv, ...command];
    return ready(argv, true, { sandbox: "bubblewrap", network: wanted.sandbox.network, limits: bounded.applied });
  } catch (error) {
    return noSandbox(reasonOf(error));
  }
}

function ready([file = "", ...args]: readonly string[], sandboxed: boolean, applied: Applied): Prepared {
  return { kind: "prepared", file, args, sandboxed, applied };
}

const noSandbox = (reason: string): Refused => ({ kind: "refused", reason: `the sandbox cannot be made: ${reason}` });
