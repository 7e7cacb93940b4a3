/** Where the scrubber stands, and the run as of there. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { RunReplay } from "../../http/shapes/replay.ts";
import { ask, type Problem, problemOf } from "../api.ts";
import { type ReplayReader, replayReader } from "./replay-reader.ts";
import { runPath, waitHere } from "./use-run.ts";

export type Replay = {
  /** Null for now. */
  readonly seq: ReadonlySignal<number | null>;
  /** As of the row that was moved to, or of one before it while that is read; null for now. */
  readonly past: ReadonlySignal<RunReplay | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  readonly moveTo: (seq: number | null) => void;
};

export function useReplay(run: string | undefined): Replay {
  const seq = useSignal<number | null>(null);
  const past = useSignal<RunReplay | null>(null);
  const problem = useSignal<Problem | null>(null);
  const reader = useRef<ReplayReader | null>(null);
  const moveTo = (wanted: number | null): void => {
    seq.value = wanted;
    problem.value = null;
    if (wanted === null) past.value = null;
    reader.current?.moveTo(wanted);
  };
  useEffect(() => {
    if (run === undefined) return;
    const made = replayReader((wanted) => ask<RunReplay>(runPath(run, `/replay?seq=${wanted}`)), waitHere, {
      show: (_seq, answer) => {
        past.value = answer;
      },
      fail: (_seq, thrown) => {
        problem.value = problemOf(thrown);
      },
    });
    reader.current = made;
    return () => {
      made.stop();
      seq.value = null;
      past.value = null;
    };
  }, [run]);
  return { seq, past, problem, moveTo };
}
