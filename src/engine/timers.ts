import type { Address, Instant } from "../core/ids.ts";
import type { Clock, DueTimer, Store } from "./ports.ts";

const PAGE = 256;

/**
 * Durable timers: the store's index is the truth, one wake-up of the clock stands for the earliest. A timer that is told twice,
 * or late, or after its state was left, is stale by its generation and ignored by the step.
 */
export type Timers = {
  /** A commit may have set or unset timers. */
  readonly changed: () => void;
  /** The actor was told and has committed: the timer left the index, or is stale. One that stays is not told again. */
  readonly settled: (timer: DueTimer) => void;
  /** The actor was set aside and goes on: what it did not take meanwhile is told again. */
  readonly resumed: (address: Address) => void;
  readonly stop: () => void;
};

const keyOf = (timer: DueTimer): string => `${timer.address} ${timer.id} ${timer.generation}`;

export function createTimers(store: Store, clock: Clock, fire: (timer: DueTimer) => void): Timers {
  const told = new Set<string>();
  let unwake: (() => void) | undefined;
  let wakesAt: Instant | undefined;
  let stopped = false;

  const untold = (until: Instant, limit: number): readonly DueTimer[] =>
    store.due(until, told.size + limit).filter((timer) => !told.has(keyOf(timer)));

  function arm(): void {
    const next = told.size === 0 ? store.nextDue() : untold(Number.MAX_SAFE_INTEGER, 1)[0]?.at;
    if (stopped || next === wakesAt) return;
    unwake?.();
    wakesAt = next;
    unwake = next === undefined ? undefined : clock.wake(next, ring);
  }

  function ring(): void {
    wakesAt = undefined;
    unwake = undefined;
    for (const timer of untold(clock.now(), PAGE)) {
      told.add(keyOf(timer));
      fire(timer);
    }
    arm();
  }

  return {
    changed: arm,
    settled: (timer) => {
      told.delete(keyOf(timer));
      arm();
    },
    resumed: (address) => {
      for (const key of told) if (key.startsWith(`${address} `)) told.delete(key);
      arm();
    },
    stop: () => {
      stopped = true;
      unwake?.();
    },
  };
}
