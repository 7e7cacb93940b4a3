/** What lets a desk run agents: tokens, tools, bundle, launch, and what a run may know of the others. */
import { mkdirSync } from "node:fs";
import path from "node:path";
import { createAgentFiles } from "./adapters/agent-files.ts";
import { systemClock } from "./adapters/clock.ts";
import { createAgentRuns, type AgentRuns } from "./agent/agent-runs.ts";
import { endLeftovers } from "./agent/processes.ts";
import { runAgent } from "./agent/run-agent.ts";
import { createRunFolders } from "./agent/run-folders.ts";
import type { RunTokens } from "./agent/run-tokens.ts";
import { createToolBox, type ToolBox } from "./agent/tool-box.ts";
import { WRITABLE_FOLDERS } from "./agent/desk-paths.ts";
import { type GivenEnvironment, markOf } from "./agent/environment.ts";
import { refused } from "./agent/tool.ts";
import { tools } from "./agent/tools.ts";
import type { DeskConfig } from "./config/desk-config.ts";
import type { DeliveryEvent, DeliveryInput } from "./core/delivery.ts";
import { draftsKept } from "./core/drafts-kept.ts";
import { deliveryAddress, runIdOf, nameOf, type RunId } from "./core/ids.ts";
import type { Refusal } from "./core/refusals.ts";
import { assembleBundle } from "./desk/assemble-bundle.ts";
import { loadTask } from "./desk/task-status.ts";
import type { Effects, Engine, Listener, Mail, Store } from "./engine/ports.ts";
import { readDraft } from "./orders/draft.ts";
import type { AgentLease } from "./http/agent-app.ts";
import { taskTurns } from "./main-task-turns.ts";

export type AgentsWorld = {
  readonly dir: string;
  readonly workspace: string;
  readonly config: () => DeskConfig;
  readonly store: Pick<Store, "read" | "journal" | "artifact" | "open" | "unfinished">;
  readonly post: Engine["post"];
  readonly env: GivenEnvironment;
  /** Of the daemon, once it has opened its doors. */
  readonly door: () => Promise<AgentDoorway>;
  readonly tokens: RunTokens<ToolBox>;
  /** Queues a run of a task on the word of this run's agent. */
  readonly requeue: (of: DeliveryInput, task: string, reason: string) => Promise<RunId | Refusal>;
  readonly complain: (says: string, reason: unknown) => void;
};

export type AgentDoorway = { readonly socket: string; readonly lease: () => Promise<AgentLease> };

export type Agents = {
  readonly effects: Effects;
  readonly note: Listener;
  readonly runs: AgentRuns;
  /** Ends processes and takes away folders that an earlier daemon left. */
  readonly sweep: () => Promise<void>;
};

const COMMANDS = Object.entries(tools).map(([name, { description }]) => ({ name, says: description }));
/** Sorts before every run. */
const BEFORE_RUNS = "delivery/!";
const UNFINISHED_LOOKED_AT_MAX = 2_000;
const WAITING_SHOWN_MAX = 50;
const QUEUED_COUNTED_MAX = 10_000;

export function createAgents(world: AgentsWorld): Agents {
  const { dir, config, store, env, door, tokens } = world;
  const files = createAgentFiles(dir);
  const folders = createRunFolders(path.join(dir, ".qoc", "agents"), world.complain);
  const runs = createAgentRuns();
  // What a run may write to is there before it begins: a sandbox shows folders, and makes none.
  if (config().agent.command !== null)
    for (const folder of WRITABLE_FOLDERS) mkdirSync(path.join(dir, folder), { recursive: true });
  const tasks = taskTurns(files);

  const effect = runAgent(
    {
      dir,
      store,
      clock: systemClock,
      agent: () => config().agent,
      env,
      door,
      tokens,
      toolBox: (birth) => toolBoxOf(birth),
      folders,
      runs,
      tasks,
      bundle: (task, journal) => assembleBundle({ dir, config: config(), store, commands: COMMANDS }, task, journal),
      complain: world.complain,
    },
    config().agent.max_concurrent,
  );

  function toolBoxOf(birth: DeliveryInput): ToolBox {
    const { run, workspace, policy, by_hand } = birth;
    const task = policy.task ?? "";
    const depth = by_hand?.depth ?? 0;
    return createToolBox({
      run,
      workspace,
      task,
      depth,
      clock: systemClock,
      files,
      connectors: config().connectors.map(({ name }) => name),
      kinds: config().drafts,
      requeue: async (wanted, reason) => {
        const found = await loadTask(files, wanted);
        if (found.kind === "refused") return refused(found.says);
        const next = await world.requeue(birth, wanted, reason);
        return typeof next === "string"
          ? { kind: "queued", run: next }
          : refused(`The run was not queued: ${next.detail}.`);
      },
      standing: () => Promise.resolve(standingOf(run)),
      record: (call, artifacts) => {
        const event: DeliveryEvent = { type: "TOOL_CALLED", ...call };
        const mail: Mail = {
          to: deliveryAddress(run),
          through: null,
          at: systemClock.now(),
          by: "agent",
          birth: null,
          events: [event],
          artifacts,
          index: [],
        };
        return world.post(mail);
      },
      complain: world.complain,
    });
  }

  function standingOf(run: RunId) {
    const waiting = store
      .unfinished(BEFORE_RUNS, UNFINISHED_LOOKED_AT_MAX)
      .flatMap((address) => {
        const record = store.read(address);
        if (record === undefined || !record.state.startsWith("awaiting-approval")) return [];
        return draftsKept(record.snapshot)
          .drafts.filter(({ decided }) => decided === null)
          .map(({ file, content }) => ({ run: runIdOf(nameOf(address)), file, says: saysOf(content) }));
      })
      .slice(0, WAITING_SHOWN_MAX);
    return {
      state: store.read(deliveryAddress(run))?.state ?? "unknown",
      runs_under_way: runs.underWay(),
      runs_queued: Math.max(0, store.open("runAgent", "", QUEUED_COUNTED_MAX).length - runs.underWay()),
      drafts_waiting: waiting,
    };
  }

  function saysOf(content: Parameters<Store["artifact"]>[0]): string {
    const bytes = store.artifact(content);
    const read = bytes === undefined ? undefined : readDraft(bytes, config().drafts);
    return read?.kind === "draft" ? read.says : "a draft that cannot be read";
  }

  return {
    effects: { runAgent: effect },
    note: runs.note,
    runs,
    sweep: async () => {
      for (const run of folders.left()) {
        await endLeftovers(markOf({ run, bundle: folders.bundleOf(run) }), systemClock);
        folders.remove(run);
      }
    },
  };
}
