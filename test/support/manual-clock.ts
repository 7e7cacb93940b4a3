import type { Instant } from "../../src/core/ids.ts";
import type { Clock } from "../../src/engine/ports.ts";

export type ManualClock = Clock & {
  /** Lets time pass, calling what becomes due on the way at its own time. */
  readonly advance: (ms: number) => void;
  /** Sets the clock, also back; what is due then is called at that time. */
  readonly jump: (to: Instant) => void;
  /** Wake-ups that are waited for. */
  readonly waiting: () => number;
};

type Wake = { readonly at: Instant; readonly call: () => void };

/** A clock that stands until it is told. Wake-ups are called in order of time, those of one time in the order they were asked for. */
export function manualClock(start: Instant = 0): ManualClock {
  let now = start;
  const wakes = new Set<Wake>();

  const earliestUntil = (until: Instant): Wake | undefined =>
    [...wakes].filter(({ at }) => at <= until).toSorted((a, b) => a.at - b.at)[0];

  function run(until: Instant, atItsOwnTime: boolean): void {
    for (let wake = earliestUntil(until); wake !== undefined; wake = earliestUntil(until)) {
      wakes.delete(wake);
      if (atItsOwnTime) now = Math.max(now, wake.at);
      wake.call();
    }
  }

  return {
    now: () => now,
    wake: (at, call) => {
      const wake = { at, call };
      wakes.add(wake);
      return () => void wakes.delete(wake);
    },
    advance: (ms) => {
      const until = now + ms;
      run(until, true);
      now = until;
    },
    jump: (to) => {
      now = to;
      run(to, false);
    },
    waiting: () => wakes.size,
  };
}
