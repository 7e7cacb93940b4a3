/** One answer of the daemon, kept up to date while somebody looks at it. */
import { type ReadonlySignal, signal } from "@preact/signals";
import { useEffect, useMemo } from "preact/hooks";
import { ask, type Problem, problemOf } from "./api.ts";
import { onChange } from "./live.ts";

/** However much changes, it is not asked for more often. */
const BETWEEN_MS = 1000;

/** The last good answer stays beside the problem of a later one. */
export type Asked<T> = {
  readonly data: ReadonlySignal<T | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  readonly again: () => void;
};

export type Kept<T> = Asked<T> & { readonly close: () => void };

type Options<T> = {
  /** Whether changes of runs, all but those of a new stream, make it ask again. */
  readonly live: boolean;
  readonly by?: (path: string) => Promise<T>;
  /** Asks again this often as well. */
  readonly every_ms?: number;
};

/** Never asks twice at one time, and at most once a second. Ended by `close`. */
export function keepAsking<T>(path: string, { live, by = (of) => ask<T>(of), every_ms }: Options<T>): Kept<T> {
  const data = signal<T | null>(null);
  const problem = signal<Problem | null>(null);
  let state: "idle" | "asking" | "resting" | "closed" = "idle";
  let wanted = false;

  const again = (): void => {
    wanted = true;
    if (state === "idle") void next();
  };
  const next = async (): Promise<void> => {
    state = "asking";
    wanted = false;
    try {
      const answer = await by(path);
      if (isClosed()) return;
      data.value = answer;
      problem.value = null;
    } catch (error) {
      if (isClosed()) return;
      problem.value = problemOf(error);
    }
    state = "resting";
    setTimeout(() => {
      if (isClosed()) return;
      state = "idle";
      if (wanted) void next();
    }, BETWEEN_MS);
  };
  const isClosed = (): boolean => state === "closed";
  const leave = onChange((changed) => {
    if (live || changed === "all" || problem.value !== null) again();
  });
  const timer = every_ms === undefined ? undefined : setInterval(() => document.hidden || again(), every_ms);
  again();
  return {
    data,
    problem,
    again,
    close: () => {
      state = "closed";
      leave();
      clearInterval(timer);
    },
  };
}

/** The same for as long as a view is shown. A path that changes begins anew. */
export function useAsked<T>(path: string, options: Options<T>): Asked<T> {
  const kept = useMemo(() => keepAsking<T>(path, options), [path]);
  useEffect(() => kept.close, [kept]);
  return kept;
}
