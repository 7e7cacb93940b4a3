/** A desk with a run's own folder, and launches on it of small scripts instead of an agent. */
import { mkdirSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import path from "node:path";
import { systemClock } from "../../src/adapters/clock.ts";
import { environmentOf, type GivenEnvironment, markOf } from "../../src/agent/environment.ts";
import { type Launched, launchAgent, type LaunchResult, type LaunchSpec } from "../../src/agent/launch.ts";
import { sandboxAvailable } from "../../src/agent/sandbox-check.ts";
import { type RunId, runIdOf } from "../../src/core/ids.ts";
import { temporaryFolder } from "./temporary-folder.ts";

export const RUN: RunId = runIdOf("0199aaaa-bbbb-8ccc-8ddd-eeeeffff0001");

export type AgentSite = {
  readonly desk: string;
  readonly folder: string;
  readonly socket: string;
  readonly launch: (script: string, more?: Partial<LaunchSpec> & { readonly network?: boolean }) => Launched;
  readonly run: (script: string, more?: Partial<LaunchSpec> & { readonly network?: boolean }) => Promise<Ended>;
};
export type Ended = Extract<LaunchResult, { readonly kind: "ended" }>;

/** Of a machine that never heard of this test's own environment. */
export const GIVEN: GivenEnvironment = { HOME: "/root", PATH: "/usr/bin:/bin", LANG: "C.UTF-8" };

export function agentSite(
  options: { readonly sandboxed?: boolean; readonly given?: GivenEnvironment } = {},
): AgentSite {
  const desk = realpathSync(temporaryFolder());
  const folder = path.join(desk, ".qoc", "runs", RUN);
  const socket = path.join(desk, ".qoc", "control.sock");
  mkdirSync(path.join(folder, "bin"), { recursive: true });
  writeFileSync(path.join(desk, "desk.toml"), "[workspace]\n");
  const variables = {
    run: RUN,
    task: "look",
    token: "token-of-this-run",
    socket,
    bundle: path.join(folder, "bundle.md"),
    bin: path.join(folder, "bin"),
    mcp_url: null,
  };
  const env = environmentOf(options.given ?? GIVEN, [], variables);
  const launch: AgentSite["launch"] = (script, { network = false, ...more } = {}) =>
    launchAgent(
      {
        desk,
        argv: [process.execPath, "-e", script],
        env,
        mark: markOf(variables),
        stdin: new Uint8Array(),
        timeout_ms: 15_000,
        output_max_bytes: 1024 * 1024,
        grace_ms: 300,
        sandbox: options.sandboxed === true ? { network, folder, socket, reads: [], credentials: [] } : null,
        ...more,
      },
      systemClock,
    );
  const run: AgentSite["run"] = async (script, more) => {
    const result = await launch(script, more).result;
    if (result.kind === "ended") return result;
    throw new Error(result.reason);
  };
  return { desk, folder, socket, launch, run };
}

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Prints one line when the tests that need a sandbox are not run here, and why. */
export async function sandboxHere(): Promise<boolean> {
  const check = await sandboxAvailable();
  if (check.kind === "unavailable") process.stdout.write(`skipped: tests in a sandbox: ${check.reason}\n`);
  return check.kind === "available";
}

/** True as long as a process with this number is there; one that has ended and that nobody waited for does not live. */
export function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !["Z", "X"].includes(stat.charAt(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
