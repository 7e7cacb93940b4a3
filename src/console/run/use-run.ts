/** What the page of one run shows, kept as new as the daemon is. What was read stays while it is read again, and when that fails. */
import { type ReadonlySignal, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { RunPage } from "../../http/shapes/run-page.ts";
import { ask, type Problem, problemOf } from "../api.ts";
import { onChange } from "../live.ts";
import { RELOAD_DEBOUNCE_MS, type Reloader, reloader, type Waits } from "./reload.ts";

export type RunRead = {
  readonly page: ReadonlySignal<RunPage | null>;
  readonly problem: ReadonlySignal<Problem | null>;
  readonly again: () => void;
};

/** A journal of more rows is a megabyte: it is not read ten times a second. */
const LONG_FROM_ROWS = 1000;
const LONG_PAUSE_MS = 1000;

export const waitHere: Waits = (call, ms) => {
  const timer = setTimeout(call, ms);
  return () => clearTimeout(timer);
};

export const runPath = (id: string, rest = ""): string => `/api/runs/${encodeURIComponent(id)}${rest}`;

/** `id` may be the beginning of one, or `@last`: what was read first says which run that is. */
export function useRun(id: string): RunRead {
  const page = useSignal<RunPage | null>(null);
  const problem = useSignal<Problem | null>(null);
  const reload = useRef<Reloader | null>(null);
  useEffect(() => {
    let isLeft = false;
    page.value = null;
    problem.value = null;
    const load = async (): Promise<void> => {
      try {
        const read = await ask<RunPage>(runPath(page.value?.run.run ?? id, "/page"));
        if (isLeft) return;
        page.value = read;
        problem.value = null;
      } catch (thrown) {
        if (!isLeft) problem.value = problemOf(thrown);
      }
    };
    const isLong = (): boolean => (page.value?.run.journal.length ?? 0) > LONG_FROM_ROWS;
    const loads = reloader(load, waitHere, () => (isLong() ? LONG_PAUSE_MS : RELOAD_DEBOUNCE_MS));
    reload.current = loads;
    const leave = onChange((changed) => {
      const known = page.value?.run.run;
      if (changed === "all" || known === undefined || problem.value !== null || changed.has(known)) loads.changed();
    });
    return () => {
      isLeft = true;
      leave();
      loads.stop();
    };
  }, [id]);
  return { page, problem, again: () => reload.current?.changed() };
}
