/**
 * Agents under way in this process, by run. A run that a person cancels, or that leaves its work for any other reason, takes its agent
 * with it: the process hears of it from the same commits as everybody else.
 */
import { deliveryAddress, type Address, type RunId } from "../core/ids.ts";
import type { ActorRecord, Listener } from "../engine/ports.ts";

type Ending = (why: string) => void;

export const NOT_WORKED_ON = "the run is not being worked on any more";
/** Of no record: a run that is gone. */
export const isWorkedOn = (record: Pick<ActorRecord, "state"> | undefined): boolean =>
  record?.state.startsWith("executing") === true;

export type AgentRuns = {
  /** Resolves with what `work` gives; `cancel` is called at most once, while it is under way. */
  readonly during: <T>(run: RunId, cancel: Ending, work: () => Promise<T>) => Promise<T>;
  readonly note: Listener;
  readonly underWay: () => number;
  /** Ends all of them and takes no more. Resolves when none is left. */
  readonly stop: (why: string) => Promise<void>;
};

export function createAgentRuns(): AgentRuns {
  const live = new Map<Address, { readonly cancel: Ending; readonly over: Promise<unknown> }>();
  let stopping: string | null = null;
  return {
    during: async (run, cancel, work) => {
      const address = deliveryAddress(run);
      const working = work();
      const over = working.catch(() => undefined);
      live.set(address, { cancel: once(cancel), over });
      if (stopping !== null) cancel(stopping);
      try {
        return await working;
      } finally {
        live.delete(address);
      }
    },
    note: ({ record }) => {
      if (!isWorkedOn(record)) live.get(record.address)?.cancel(NOT_WORKED_ON);
    },
    underWay: () => live.size,
    stop: async (why) => {
      stopping = why;
      const all = [...live.values()];
      for (const { cancel } of all) cancel(why);
      await Promise.all(all.map(({ over }) => over));
    },
  };
}

function once(call: Ending): Ending {
  let called = false;
  return (why) => {
    if (called) return;
    called = true;
    call(why);
  };
}
