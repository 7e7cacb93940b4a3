/**
 * One launch of an agent: its process is started by argv alone, fed, listened to, bounded, and ended with all that it started. What
 * became of it is a result, however it went; nothing here throws.
 */
import type { ChildProcess } from "node:child_process";
import type { Instant } from "../core/ids.ts";
import type { Clock } from "../engine/ports.ts";
import { type Brake, brakeOf, pause, type Stop } from "./brake.ts";
import type { Environment } from "./environment.ts";
import { guardBand } from "./guard.ts";
import { AGENT_LIMITS, type Limits } from "./limits.ts";
import { keepOutput } from "./output.ts";
import { type Applied, type Prepared, prepareLaunch, type SandboxSpec } from "./prepare.ts";
import { bandOf } from "./processes.ts";
import { faultOfSandbox, startProcess, STATUS_BYTES_MAX, statusPipe } from "./start.ts";

export type LaunchSpec = {
  /** Of `markOf`: what the environment holds that no other run's does. */
  readonly mark: readonly string[];
  /** The desk's folder: where the process works. */
  readonly desk: string;
  readonly argv: readonly string[];
  /** Of `environmentOf`, with the variables of the preset: nothing is inherited. */
  readonly env: Environment;
  readonly stdin: Uint8Array;
  readonly timeout_ms: number;
  /** Of stdout, and of stderr. */
  readonly output_max_bytes: number;
  /** Null: none. */
  readonly sandbox: SandboxSpec | null;
  readonly limits?: Limits;
  /** Between the request to end and the end. */
  readonly grace_ms?: number;
};

export type LaunchResult =
  /** No command of the agent's ever ran. */
  | {
      readonly kind: "not_started";
      readonly reason: string;
      readonly started_at: Instant;
      readonly finished_at: Instant;
    }
  | {
      readonly kind: "ended";
      /** Null when a signal ended it. A sandbox tells a signal as 128 and its number. */
      readonly exit_code: number | null;
      readonly signal: string | null;
      readonly ended_by: "itself" | Stop["by"];
      /** Why it was ended, for people; null when it ended itself. */
      readonly why: string | null;
      readonly started_at: Instant;
      readonly finished_at: Instant;
      readonly stdout: Uint8Array;
      readonly stderr: Uint8Array;
      readonly stdout_cut_bytes: number;
      readonly stderr_cut_bytes: number;
      /** Processes that outlived the leader, and were ended. */
      readonly outlived: number;
      /** Processes that could not be ended: a person should know. */
      readonly left: number;
      readonly applied: Applied;
    };

export type Launched = {
  readonly result: Promise<LaunchResult>;
  /** Ends the run like its time-out does. The first that ends it is told of; a run that has ended knows nothing of it. */
  readonly cancel: (why: string) => void;
};

const GRACE_MS = 5000;
/** What was written before the end is read within this time: a process that was not found may hold the pipe open. */
const LAST_WORDS_MS_MAX = 1000;

export function launchAgent(spec: LaunchSpec, clock: Clock): Launched {
  const brake = brakeOf();
  return { result: launch(spec, clock, brake), cancel: (why) => brake.pull({ by: "cancel", why }) };
}

async function launch(spec: LaunchSpec, clock: Clock, brake: Brake): Promise<LaunchResult> {
  const started_at = clock.now();
  const notStarted = (reason: string): LaunchResult => ({
    kind: "not_started",
    reason,
    started_at,
    finished_at: clock.now(),
  });
  const prepared = await prepareLaunch(spec, spec.limits ?? AGENT_LIMITS);
  if (prepared.kind === "refused") return notStarted(prepared.reason);
  const early = brake.pulled();
  if (early !== null) return notStarted(early.why);
  const started = await startProcess(prepared, spec.desk, spec.env);
  if (started.kind === "refused") return notStarted(started.reason);
  const ended = await attend(started.child, spec, prepared, clock, brake);
  if (ended.refused !== null) return notStarted(ended.refused);
  return { kind: "ended", ...ended.result, started_at, finished_at: clock.now(), applied: prepared.applied };
}

type Ended = Extract<LaunchResult, { readonly kind: "ended" }>;
type Attended = {
  /** Why the sandbox could not be made, when that was it. */
  readonly refused: string | null;
  readonly result: Omit<Ended, "kind" | "started_at" | "finished_at" | "applied">;
};

async function attend(
  child: ChildProcess,
  spec: LaunchSpec,
  { sandboxed }: Prepared,
  clock: Clock,
  brake: Brake,
): Promise<Attended> {
  const stdout = keepOutput(child.stdout, spec.output_max_bytes);
  const stderr = keepOutput(child.stderr, spec.output_max_bytes);
  const status = keepOutput(statusPipe(child), STATUS_BYTES_MAX);
  const [exit, closed] = [exitOf(child), closeOf(child)];
  feed(child, spec.stdin);
  const band = bandOf(child.pid ?? null, spec.mark);
  const guard = guardBand(
    { band, leader: child.pid ?? null, sandboxed },
    {
      timeout_ms: spec.timeout_ms,
      grace_ms: spec.grace_ms ?? GRACE_MS,
      processes: (spec.limits ?? AGENT_LIMITS).processes,
    },
    clock,
    brake,
  );
  const [exit_code, signal] = await Promise.race([exit, guard.givenUp]);
  guard.off();
  const stopped = brake.pulled();
  const { ended, left } = await band.end(clock);
  await Promise.race([closed, pause(clock, LAST_WORDS_MS_MAX)]);
  for (const stream of child.stdio) stream?.destroy();
  const [said, complained] = [stdout(), stderr()];
  return {
    refused: sandboxed && stopped === null && signal === null ? faultOfSandbox(status(), complained) : null,
    result: {
      exit_code,
      signal,
      ended_by: stopped?.by ?? "itself",
      why: stopped?.why ?? null,
      stdout: said.bytes,
      stderr: complained.bytes,
      stdout_cut_bytes: said.cut_bytes,
      stderr_cut_bytes: complained.cut_bytes,
      outlived: ended,
      left,
    },
  };
}

type Exit = readonly [code: number | null, signal: string | null];

const exitOf = (child: ChildProcess): Promise<Exit> =>
  new Promise((resolve) => {
    child.once("exit", (code, signal) => resolve([code, signal]));
  });
const closeOf = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once("close", () => resolve());
  });

/** A process may end, or close its stdin, without having read it. */
function feed(child: ChildProcess, bytes: Uint8Array): void {
  child.stdin?.on("error", () => undefined);
  child.stdin?.end(bytes);
}
