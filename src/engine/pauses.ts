import type { Clock } from "./ports.ts";

/** Waits that can be cut short, so that a stop leaves no wake-up behind. */
export type Pauses = {
  /** Resolves after `ms`, or at `endAll`. */
  readonly pause: (ms: number) => Promise<void>;
  readonly endAll: () => void;
};

export function createPauses(clock: Clock): Pauses {
  const open = new Set<() => void>();
  return {
    pause: (ms) =>
      new Promise((resolve) => {
        const end = (): void => {
          unwake();
          open.delete(end);
          resolve();
        };
        const unwake = clock.after(ms, end);
        open.add(end);
      }),
    endAll: () => {
      for (const end of open) end();
    },
  };
}
