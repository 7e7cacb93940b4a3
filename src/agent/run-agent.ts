/**
 * The effect that an agent run is: its task is read, its context is assembled, its process is launched with a token of its own, and what
 * it did is told when it is over. It is never repeated on its own. A crash leaves a process that the next start ends, a folder that it
 * sweeps, and a run that is stuck until a person says how it goes on.
 */
import { hash } from "node:crypto";
import type { AgentConfig } from "../config/agent-config.ts";
import { reasonOf } from "../core/assert.ts";
import { birthOf } from "../core/delivery-journal.ts";
import type { DeliveryEvent, DeliveryInput } from "../core/delivery.ts";
import { type Address, sha256Of } from "../core/ids.ts";
import type { ArtifactRef, ExecutionStep, Json } from "../core/observation.ts";
import type { Artifact, Clock, Effect, EffectCall, EffectOutcome, Entry, Store } from "../engine/ports.ts";
import type { Assembled } from "../desk/assemble-bundle.ts";
import type { Task, TaskStatus } from "../desk/task-file.ts";
import type { TaskBegun } from "../desk/task-status.ts";
import { type AgentRuns, isWorkedOn, NOT_WORKED_ON } from "./agent-runs.ts";
import { environmentOf, type GivenEnvironment, markOf } from "./environment.ts";
import { launchAgent, type Launched, type LaunchResult } from "./launch.ts";
import { agentOf } from "./presets.ts";
import { runBinReads, writeRunBin } from "./run-bin.ts";
import type { RunFolders } from "./run-folders.ts";
import type { RunTokens } from "./run-tokens.ts";
import type { ToolBox } from "./tool-box.ts";

/** The task's file over a run. */
export type TaskTurns = {
  /** Once no other run works on it: the task as it was before its file said that it is in progress; or why it cannot be run, as a sentence. */
  readonly take: (task: string) => Promise<TaskBegun>;
  /** No agent works on it any more: a task that still says that it is in progress says this from here on. */
  readonly giveBack: (task: string, after: TaskStatus) => Promise<void>;
};

/** How an agent reaches the daemon: by a socket of the agents, and by a URL that lasts as long as it is held. */
export type AgentWay = {
  readonly socket: string;
  readonly lease: () => Promise<{ readonly url: string; readonly release: () => Promise<void> }>;
};

export type RunAgentWorld = {
  readonly dir: string;
  readonly store: Pick<Store, "read" | "journal">;
  readonly clock: Clock;
  /** As it is when the agent is launched. */
  readonly agent: () => AgentConfig;
  /** The daemon's own environment, of which little is let in. */
  readonly env: GivenEnvironment;
  readonly door: () => Promise<AgentWay>;
  readonly tokens: RunTokens<ToolBox>;
  readonly toolBox: (birth: DeliveryInput) => ToolBox;
  readonly folders: RunFolders;
  readonly runs: AgentRuns;
  readonly tasks: TaskTurns;
  readonly bundle: (task: Task, journal: readonly Entry[]) => Promise<Assembled>;
  /** Told of what failed behind a run, and changes nothing of what became of it. */
  readonly complain: (says: string, reason: unknown) => void;
};

export const runAgent = (world: RunAgentWorld, concurrency: number): Effect => ({
  repeatable: false,
  concurrency,
  perform: (call) => perform(world, call),
});

async function perform(world: RunAgentWorld, call: EffectCall): Promise<EffectOutcome> {
  const journal = world.store.journal(call.address);
  const birth = birthOf(journal);
  const { task } = birth.policy;
  if (task === null) return failed(call, "the run has no task", null, []);
  const begun = await world.tasks.take(task);
  if (begun.kind === "refused") return failed(call, begun.says, null, []);
  const made: Artifact[] = [];
  let after = begun.task.status;
  try {
    const assembled = await world.bundle(begun.task, journal);
    if (assembled.kind === "refused") return failed(call, assembled.says, null, []);
    const bundle = artifactOf("agent_bundle", "text/markdown", Buffer.from(assembled.text));
    made.push(bundle);
    // It may have waited for its turn, and what is configured may have changed meanwhile.
    const agent = world.agent();
    const { command } = agent;
    if (command === null) return failed(call, "desk.toml names no command for an agent", null, made);
    if (!isWorkedOn(world.store.read(call.address))) return failed(call, NOT_WORKED_ON, null, made);
    after = "review";
    return outcomeOf(
      call,
      await launch(world, birth, { address: call.address, task, agent, command }, bundle.bytes),
      bundle,
    );
  } catch (thrown) {
    return failed(call, `the agent could not be launched: ${reasonOf(thrown)}`, null, made);
  } finally {
    await world.tasks
      .giveBack(task, after)
      .catch((thrown: unknown) => world.complain(`the status of the task ${task} could not be written`, thrown));
  }
}

type Wanted = {
  readonly address: Address;
  readonly task: string;
  readonly agent: AgentConfig;
  readonly command: NonNullable<AgentConfig["command"]>;
};

/** What is made for one launch is gone when it is over, whichever way that comes about. */
async function launch(
  world: RunAgentWorld,
  birth: DeliveryInput,
  { address, task, agent, command }: Wanted,
  bundle: Uint8Array,
): Promise<LaunchResult> {
  const { run, policy } = birth;
  const { socket, lease } = await world.door();
  const folder = world.folders.open(run);
  const box = world.toolBox(birth);
  const token = world.tokens.issue(run, box);
  // An agent without it has the socket.
  const held = await lease().catch(() => null);
  try {
    const bin = writeRunBin(folder);
    const bundleFile = world.folders.writeBundle(run, bundle);
    const home = world.env["HOME"] ?? null;
    const program = agentOf(command, { folder, qoc: `${bin}/qoc`, home });
    for (const { path, text } of program.files) world.folders.write(run, path, text);
    const variables = { run, task, token, socket, bundle: bundleFile, bin, mcp_url: held?.url ?? null };
    const sandbox = {
      network: agent.network,
      folder,
      socket,
      reads: runBinReads(),
      credentials: program.credentials,
    };
    let launched: Launched | undefined;
    return await world.runs.during(
      run,
      (why) => {
        // What the agent asks for until it has ended would be done, and stand in no evidence.
        world.tokens.end(run);
        void box.close();
        launched?.cancel(why);
      },
      () => {
        launched = launchAgent(
          {
            mark: markOf(variables),
            desk: world.dir,
            argv: program.argv,
            env: { ...environmentOf(world.env, agent.env, variables), ...program.env },
            stdin: bundle,
            timeout_ms: policy.agent?.timeout_ms ?? agent.timeout_ms,
            output_max_bytes: agent.output_max_bytes,
            sandbox: agent.sandbox === "none" ? null : sandbox,
          },
          world.clock,
        );
        // Nobody told this launch of a cancel that came while it was prepared.
        if (!isWorkedOn(world.store.read(address))) launched.cancel(NOT_WORKED_ON);
        return launched.result;
      },
    );
  } finally {
    world.tokens.end(run);
    // What is under way is recorded before the outcome is told.
    await box.close();
    await held?.release().catch((thrown: unknown) => world.complain("a port of the agents did not close", thrown));
    world.folders.remove(run);
  }
}

function outcomeOf(call: EffectCall, result: LaunchResult, bundle: Artifact): EffectOutcome {
  if (result.kind === "not_started") return failed(call, result.reason, null, [bundle]);
  const output = [
    ...(result.stdout.byteLength > 0 ? [artifactOf("agent_stdout", "application/octet-stream", result.stdout)] : []),
    ...(result.stderr.byteLength > 0 ? [artifactOf("agent_stderr", "application/octet-stream", result.stderr)] : []),
  ];
  const artifacts = [bundle, ...output];
  const reason = faultOf(result);
  const step: ExecutionStep = {
    kind: "agent_run",
    status: reason === null ? "succeeded" : result.ended_by === "cancel" ? "cancelled" : "failed",
    exit_code: result.exit_code,
    started_at: new Date(result.started_at).toISOString(),
    finished_at: new Date(result.finished_at).toISOString(),
    artifacts: artifacts.map(({ ref }) => ref.sha256),
  };
  const confined = confinedBy(result);
  if (reason !== null) return failed(call, reason, step, artifacts, confined);
  const { stdout_cut_bytes, stderr_cut_bytes, outlived, left } = result;
  const event: DeliveryEvent = {
    type: "EFFECT_DONE",
    effect: call.id,
    step,
    artifacts: artifacts.map(({ ref }) => ref),
    result: { exit_code: result.exit_code, stdout_cut_bytes, stderr_cut_bytes, outlived, left },
    confined,
  };
  return { event, artifacts };
}

type Ended = Extract<LaunchResult, { readonly kind: "ended" }>;

/** Why the run counts as failed, or null. */
function faultOf({ ended_by, why, exit_code, signal, left }: Ended): string | null {
  if (ended_by !== "itself") return `the agent was ended: ${why ?? ended_by}`;
  if (signal !== null) return `the agent was ended by ${signal}`;
  if (exit_code !== 0) return `the agent exited with ${exit_code ?? "no code"}`;
  return left > 0 ? `${left} processes of the agent could not be ended` : null;
}

/** What really held the process, never what was only asked for; what of its output was dropped, and which of its processes had to be ended. */
const confinedBy = ({ applied, stdout_cut_bytes, stderr_cut_bytes, outlived, left }: Ended): Json => ({
  sandbox: applied.sandbox,
  network: applied.network,
  limits: applied.limits.map((limit) => ({ ...limit })),
  stdout_cut_bytes,
  stderr_cut_bytes,
  outlived,
  left,
});

function failed(
  call: EffectCall,
  reason: string,
  step: ExecutionStep | null,
  artifacts: readonly Artifact[],
  confined?: Json,
): EffectOutcome {
  const event: DeliveryEvent = {
    type: "EFFECT_FAILED",
    effect: call.id,
    reason,
    retryable: false,
    step,
    artifacts: artifacts.map(({ ref }) => ref),
    ...(confined === undefined ? {} : { confined }),
  };
  return { event, artifacts };
}

function artifactOf(kind: string, media_type: string, bytes: Uint8Array): Artifact {
  const sha256 = sha256Of(hash("sha256", bytes, "hex"));
  const ref: ArtifactRef = { sha256, kind, media_type, bytes: bytes.byteLength, class: "internal" };
  return { ref, bytes };
}
