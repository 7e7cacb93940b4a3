/** Loads again when something changed: many changes make one load, and no load begins while another is under way. Pure. */

export const RELOAD_DEBOUNCE_MS = 100;

export type Waits = (call: () => void, ms: number) => () => void;

export type Reloader = {
  /** Something changed. */
  readonly changed: () => void;
  /** Nothing is loaded from now on, and what is under way is not shown. */
  readonly stop: () => void;
};

/** `load` is called at once, and after each change; it does not reject. `pauseMs`: how long changes are gathered. */
export function reloader(
  load: () => Promise<void>,
  wait: Waits,
  pauseMs: () => number = () => RELOAD_DEBOUNCE_MS,
): Reloader {
  let isLoading = false;
  let isStale = false;
  let isStopped = false;
  let unwait: (() => void) | null = null;
  const begin = (): void => {
    unwait = null;
    if (isStopped) return;
    if (isLoading) {
      isStale = true;
      return;
    }
    isLoading = true;
    isStale = false;
    void load().finally(() => {
      isLoading = false;
      if (isStale) changed();
    });
  };
  const changed = (): void => {
    if (!isStopped) unwait ??= wait(begin, pauseMs());
  };
  begin();
  return {
    changed,
    stop: () => {
      isStopped = true;
      unwait?.();
    },
  };
}
