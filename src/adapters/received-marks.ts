/** Marks of accepted deliveries on their way into the log: gathered, so that many share a batch, and never ahead of a seal that waits. */
import { reasonOf } from "../core/assert.ts";
import type { Clock } from "../engine/ports.ts";
import type { EvidenceLog } from "./log-files.ts";
import type { NewLeaf } from "./log-plan.ts";
import { LogRefused } from "./log-refused.ts";

export type ReceivedMarks = {
  /** Has this mark logged within 100 ms, unless a seal takes it along before. Costs the caller nothing but a row in a set. */
  readonly note: (mark: string) => void;
  /** The log's own `append`, which takes marks that are among its leaves out of those that wait. */
  readonly append: EvidenceLog["append"];
  /** Marks that were noted and are not known to be logged. */
  readonly waiting: () => number;
  /** Logs what waits and takes no more. What cannot be logged is noted again at the next start: its run is unfinished, or has its seal. */
  readonly close: () => Promise<void>;
};

export type MarksWorld = {
  readonly append: EvidenceLog["append"];
  readonly clock: Pick<Clock, "after">;
  /** Told once of a log that fails, until it works again. */
  readonly complain: (says: string, reason: string) => void;
};

/**
 * A run that does not wait for anything is sealed sooner: its mark then rides with its seal, and the log has one batch where it would
 * have had two, the second of which would wait for the first.
 */
const APART_MS = 90;
const RETRY_MS = 1000;
/** A quarter of a batch of the log: seals are not kept waiting by the marks of a burst. */
const MARKS_MAX = 1024;

export function createReceivedMarks({ append, clock, complain }: MarksWorld): ReceivedMarks {
  const waiting = new Set<string>();
  let unarm: (() => void) | undefined;
  let flushing: Promise<boolean> | undefined;
  let isWell = true;
  let isOver = false;

  function arm(ms: number): void {
    if (isOver) return;
    unarm ??= clock.after(ms, () => {
      unarm = undefined;
      flushing = flush();
    });
  }

  /** True when what it took is logged. */
  async function flush(): Promise<boolean> {
    const marks = firstOf(waiting, MARKS_MAX);
    if (marks.length === 0) return true;
    try {
      await log(marks.map((mark) => ({ kind: "received", mark })));
      isWell = true;
      if (waiting.size > 0) arm(APART_MS);
      return true;
    } catch (error) {
      if (isWell) complain("received leaves were not logged", reasonOf(error));
      isWell = false;
      return false;
    }
  }

  /** What fails waits again, whoever asked: the seal may not be asked for a second time by this process. */
  async function log(leaves: readonly NewLeaf[]): Promise<readonly number[]> {
    const marks = leaves.flatMap((leaf) => (leaf.kind === "received" && waiting.delete(leaf.mark) ? leaf.mark : []));
    try {
      return await append(leaves);
    } catch (error) {
      for (const mark of marks) waiting.add(mark);
      // Nothing is signed by a refused log until a person has looked, and then this process has ended.
      if (waiting.size > 0 && !(error instanceof LogRefused)) arm(RETRY_MS);
      throw error;
    }
  }

  return {
    note: (mark) => {
      waiting.add(mark);
      arm(APART_MS);
    },
    append: log,
    waiting: () => waiting.size,
    close: async () => {
      isOver = true;
      unarm?.();
      await flushing;
      while (waiting.size > 0 && (await flush())) continue;
    },
  };
}

function firstOf(all: Iterable<string>, most: number): readonly string[] {
  const first: string[] = [];
  for (const one of all) {
    if (first.length === most) break;
    first.push(one);
  }
  return first;
}
