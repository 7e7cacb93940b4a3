/** Runs that no delivery begins: asked for by a person, or by the agent of another run. */
import { systemClock } from "./adapters/clock.ts";
import type { DeskConfig } from "./config/desk-config.ts";
import type { ByHand, DeliveryInput, Policy } from "./core/delivery.ts";
import { refuse, type Refusal } from "./core/refusals.ts";
import type { RunId } from "./core/ids.ts";
import type { DeskIngress } from "./ingress/desk-ingress.ts";
import { taskMail } from "./ingress/task-birth.ts";

/** Resolves when the run is durable. */
export type TaskRuns = {
  readonly ask: (task: string, reason: string) => Promise<RunId | Refusal>;
  readonly requeue: (of: DeliveryInput, task: string, reason: string) => Promise<RunId | Refusal>;
};

const RETRY_S = 30;
const DAY_MS = 24 * 3_600_000;

/** @param gate why nothing new is taken at this moment, as of a delivery */
export function createTaskRuns(
  ingress: () => DeskIngress,
  config: () => DeskConfig,
  gate: () => Refusal | undefined,
): TaskRuns {
  function birthOf(task: string, reason: string, by: ByHand): ReturnType<typeof taskMail> {
    const desk = ingress();
    const policy: Policy = { ...policyOf(config(), task), ...desk.bornWith("run") };
    return taskMail(desk, policy, { task, reason, ...by }, systemClock.now());
  }
  async function begin(task: string, reason: string, by: ByHand): Promise<RunId | Refusal> {
    const closed = gate();
    if (closed !== undefined) return closed;
    const { queue, engine, known } = ingress();
    const { run, mail } = birthOf(task, reason, by);
    // Asked again: it holds its place already, or has given it back.
    if (known.knows(mail.to)) return run;
    if (!queue.join(run)) return refuse("OVERLOADED", "as many runs of agents wait as queue_max allows", RETRY_S);
    try {
      await engine.post(mail);
    } catch (thrown) {
      queue.leave(run);
      throw thrown;
    }
    return run;
  }
  return {
    ask: async (task, reason) =>
      config().agent.command === null
        ? refuse("NOT_NOW", "desk.toml names no [agent] command")
        : begin(task, reason, { of_run: null, depth: 0 }),
    requeue: (of, task, reason) => begin(task, reason, { of_run: of.run, depth: (of.by_hand?.depth ?? 0) + 1 }),
  };
}

/** As a webhook has it that says nothing of its own; a task that a webhook runs takes what that one says. */
function policyOf({ webhooks, agent }: DeskConfig, task: string): Policy {
  const like = webhooks.find(({ policy }) => policy.task === task)?.policy;
  return {
    action: "run",
    task,
    on_stale: "process",
    on_gap: "process",
    on_partial: "process",
    hold_timeout_ms: like?.hold_timeout_ms ?? 0,
    context_timeout_ms: like?.context_timeout_ms ?? 0,
    approval_timeout_ms: like?.approval_timeout_ms ?? DAY_MS,
    attempts_max: like?.attempts_max ?? 3,
    backoff_ms: like?.backoff_ms ?? 1_000,
    agent: like?.agent ?? { timeout_ms: agent.timeout_ms },
  };
}
