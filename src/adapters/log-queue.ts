/** Gathers appends into batches, so that one signature and one round of flushes serve all that come together. */
import type { Clock } from "../engine/ports.ts";
import type { NewLeaf } from "./log-plan.ts";

export type WaitingAppend = {
  readonly leaves: readonly NewLeaf[];
  readonly resolve: (indexes: readonly number[]) => void;
  readonly reject: (reason: unknown) => void;
};

export type LogQueue = {
  readonly append: (leaves: readonly NewLeaf[]) => Promise<readonly number[]>;
  /** Resolves when all that was appended before has been answered. Later appends are refused. */
  readonly close: () => Promise<void>;
};

/** How long the first append of a quiet log waits for others. */
const GATHER_MS = 5;
/**
 * From the beginning of a batch to that of the next, when appends came while the first was written. With what the writing itself
 * takes, checkpoints are less than 100 ms apart under load.
 */
const APART_MS = 50;
/** Whole appends are taken until so many leaves are together. */
const BATCH_LEAVES_MAX = 4096;

/** `run` answers each append that it is given and does not reject. Calls do not overlap. */
export function createLogQueue(clock: Clock, run: (batch: readonly WaitingAppend[]) => Promise<void>): LogQueue {
  let waiting: WaitingAppend[] = [];
  let running: Promise<void> | undefined;
  let gathering: (() => void) | undefined;
  let resting: (() => void) | undefined;
  let closed = false;

  function take(): readonly WaitingAppend[] {
    let leaves = 0;
    const until = waiting.findIndex((each) => (leaves += each.leaves.length) >= BATCH_LEAVES_MAX);
    const batch = until < 0 ? waiting : waiting.slice(0, until + 1);
    waiting = waiting.slice(batch.length);
    return batch;
  }

  function begin(): void {
    gathering = undefined;
    resting = clock.after(APART_MS, () => {
      resting = undefined;
      if (waiting.length > 0 && running === undefined) begin();
    });
    running = run(take()).finally(() => {
      running = undefined;
      if (waiting.length > 0 && resting === undefined && !closed) begin();
      if (waiting.length === 0) rested();
    });
  }

  function rested(): void {
    resting?.();
    resting = undefined;
  }

  return {
    append: (leaves) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(new Error("the log is closed"));
        waiting.push({ leaves, resolve, reject });
        if (running === undefined && gathering === undefined && resting === undefined)
          gathering = clock.after(GATHER_MS, begin);
      }),
    close: async () => {
      closed = true;
      gathering?.();
      rested();
      await running;
      while (waiting.length > 0) await run(take());
    },
  };
}
