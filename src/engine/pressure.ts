import type { Clock } from "./ports.ts";

export type PressureLimits = {
  /** How long the ingress must have been quiet for work that can wait to go on at full speed. */
  readonly quietMs: number;
  /** The share of the event loop that such work has at least, however busy the ingress is. */
  readonly shareMin: number;
};

/**
 * Acknowledging comes first: while deliveries arrive, stepping and effects get a small share of the event loop, and a growing
 * one the more mail waits, so that neither starves the other. Resolves when the next slice may run.
 */
export type Pressure = { readonly rest: (tookMs: number, fill: number) => Promise<void> };

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `posted` counts deliveries; `clock` must have the resolution of a millisecond or better. */
export function createPressure(posted: () => number, clock: Pick<Clock, "now">, limits: PressureLimits): Pressure {
  let seen = 0;
  let lastArrival = Number.NEGATIVE_INFINITY;
  function arrivals(): boolean {
    const count = posted();
    if (count === seen) return clock.now() - lastArrival < limits.quietMs;
    seen = count;
    lastArrival = clock.now();
    return true;
  }
  return {
    rest: async (tookMs, fill) => {
      const share = Math.min(1, limits.shareMin + (1 - limits.shareMin) * Math.min(1, 2 * fill));
      const until = clock.now() + tookMs * (1 / share - 1);
      await turn();
      while (arrivals() && clock.now() < until) await turn();
    },
  };
}
