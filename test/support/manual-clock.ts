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

type Wake = {
  /** Milliseconds until it is due. */
  readonly left: () => number;
  readonly call: () => void;
};

/** A clock that stands until it is told. Wake-ups are called in order of time, those of one time in the order they were asked for. */
export function manualClock(start: Instant = 0): ManualClock {
  let now = start;
  /** Time that passed, without the jumps. */
  let passed = 0;
  const wakes = new Set<Wake>();

  function add(wake: Wake): () => void {
    wakes.add(wake);
    return () => void wakes.delete(wake);
  }

  /** Calls what is due so far ahead, letting the time until then pass when `atItsOwnTime`. */
  function run(within: () => number, atItsOwnTime: boolean): void {
    const earliest = (): Wake | undefined =>
      [...wakes].filter(({ left }) => left() <= within()).toSorted((a, b) => a.left() - b.left())[0];
    for (let wake = earliest(); wake !== undefined; wake = earliest()) {
      wakes.delete(wake);
      if (atItsOwnTime) pass(Math.max(0, wake.left()));
      wake.call();
    }
  }

  function pass(ms: number): void {
    now += ms;
    passed += ms;
  }

  return {
    now: () => now,
    wake: (at, call) => add({ left: () => at - now, call }),
    after: (ms, call) => {
      const due = passed + ms;
      return add({ left: () => due - passed, call });
    },
    advance: (ms) => {
      const until = passed + ms;
      run(() => until - passed, true);
      pass(until - passed);
    },
    jump: (to) => {
      now = to;
      run(() => 0, false);
    },
    waiting: () => wakes.size,
  };
}
