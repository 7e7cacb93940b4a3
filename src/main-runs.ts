/** All that a desk's runs need beyond the engine: agents, orders, notifications, and how a run begins without a delivery. */
import { createNotifyPoster } from "./adapters/notify-http.ts";
import { systemClock } from "./adapters/clock.ts";
import type { RunTokens } from "./agent/run-tokens.ts";
import type { ToolBox } from "./agent/tool-box.ts";
import type { DeskConfig } from "./config/desk-config.ts";
import type { DeliveryInput, Policy } from "./core/delivery.ts";
import type { RunId } from "./core/ids.ts";
import type { Refusal } from "./core/refusals.ts";
import { writeAbandoned } from "./desk/abandoned-notification.ts";
import type { Effects, Engine, Listener, Store } from "./engine/ports.ts";
import type { DraftDoor } from "./http/control-target.ts";
import { createAgents, type AgentDoorway } from "./main-agents.ts";
import { createOrders, placePages } from "./main-orders.ts";
import { countQueue, type RunQueue } from "./main-queue.ts";
import { sendNotification } from "./notify/send-notification.ts";

/** What the daemon lends to every desk that it serves. */
export type RunsHost = {
  /** As it is now: a reload changes it. */
  readonly config: () => DeskConfig;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly tokens: RunTokens<ToolBox>;
  /** Resolves once the daemon has opened its doors. */
  readonly door: () => Promise<AgentDoorway>;
  /** Queues a run of a task on the word of another run's agent. */
  readonly requeue: (of: DeliveryInput, task: string, reason: string) => Promise<RunId | Refusal>;
  readonly warn: (says: string) => void;
};

export type RunsWorld = RunsHost & {
  readonly dir: string;
  readonly workspace: string;
  readonly store: Store;
  readonly post: Engine["post"];
  readonly complain: (says: string, reason: unknown) => void;
};

export type Runs = {
  readonly effects: Effects;
  readonly note: Listener;
  readonly drafts: DraftDoor;
  readonly bornWith: (action: Policy["action"]) => Pick<Policy, "approval" | "notify">;
  readonly queue: RunQueue;
  /** What keeps a desk that runs agents from sending anything: sentences for people. */
  readonly warnings: () => readonly string[];
  /** Ends what an earlier daemon left running, and then trusts the first approver where none is known. */
  readonly sweep: () => Promise<void>;
  /** Breaks off what would hold up a stop. */
  readonly hurry: () => void;
  /** Ends every agent; their runs are stuck when the daemon comes back. */
  readonly stop: () => Promise<void>;
};

export function createRuns(world: RunsWorld): Runs {
  const { dir, store, config, warn } = world;
  const place = placePages(dir);
  const agents = createAgents(world);
  const orders = createOrders({ ...world, place, warn });
  const poster = createNotifyPoster();
  const queue = countQueue(store, () => config().agent.queue_max);
  const bornWith: Runs["bornWith"] = (action) => {
    const { approval, notify } = config();
    const targets = notify.map(({ name }) => name);
    const told = targets.length === 0 ? {} : { notify: targets };
    if (action !== "run") return told;
    const keys = orders.drafts.approvers().approvers.map(({ fingerprint }) => fingerprint);
    return { ...told, approval: { ...approval, keys } };
  };
  return {
    effects: {
      ...agents.effects,
      ...orders.effects,
      sendNotification: sendNotification({
        store,
        targets: () => config().notify,
        post: poster.post,
        now: systemClock.now,
      }),
      writeAbandoned: writeAbandoned({ store, placePage: place }),
    },
    note: (change) => {
      agents.note(change);
      queue.note(change);
    },
    drafts: orders.drafts,
    bornWith,
    queue,
    warnings: () => {
      const { agent, approval } = config();
      const { approvers, unsettled } = orders.drafts.approvers();
      if (agent.command === null || approval.require !== "signed" || approvers.length >= approval.approvers) return [];
      if (unsettled !== null) return [`nobody can approve a draft: ${unsettled}`];
      return [
        `[approval] wants ${approval.approvers} approvers and there are ${approvers.length}: drafts of runs that begin now can only be rejected or expire; qoc approver add NAME makes one`,
      ];
    },
    sweep: async () => {
      await agents.sweep();
      // Before any agent of this daemon's: one that runs first could make itself the first approver.
      orders.drafts.approvers();
    },
    hurry: poster.close,
    stop: () => agents.runs.stop("the daemon stops"),
  };
}
