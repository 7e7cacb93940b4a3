import type { Instant } from "../core/ids.ts";
import type { Clock } from "./ports.ts";

export type PressureLimits = {
  /** How long the ingress must have been quiet for work that can wait to go on at full speed. */
  readonly quietMs: number;
  /** The share of the event loop that such work has at least, however busy the ingress is. */
  readonly shareMin: number;
  /** Effects in flight when nothing presses. */
  readonly effectsMax: number;
};

/**
 * Acknowledging comes first: while deliveries arrive, stepping and effects get a small share of the event loop and few effects are
 * in flight, and more of both the more mail waits, so that neither side starves. `fill` is how much of the room for mail is taken, 0 to 1.
 */
export type Pressure = {
  /** Resolves when the next slice may run, after one that took this long. */
  readonly rest: (tookMs: number, fill: number) => Promise<void>;
  /** How many effects may be in flight now. */
  readonly effectsMax: (fill: number) => number;
};

const POLL_MS = 1;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `posted` counts deliveries. */
export function createPressure(posted: () => number, clock: Clock, limits: PressureLimits): Pressure {
  let seen = 0;
  let lastArrival = Number.NEGATIVE_INFINITY;
  function arriving(): boolean {
    const count = posted();
    if (count === seen) return clock.now() - lastArrival < limits.quietMs;
    seen = count;
    lastArrival = clock.now();
    return true;
  }
  /** The least there is under pressure while the room is half empty, then more, up to all there is. */
  const share = (least: number, fill: number): number => least + (1 - least) * Math.max(0, 2 * fill - 1);
  return {
    rest: async (tookMs, fill) => {
      const since = clock.now();
      const until = since + tookMs * (1 / share(limits.shareMin, fill) - 1);
      await turn();
      const isEarly = (now: Instant): boolean => since <= now && now < until;
      while (arriving() && isEarly(clock.now())) await new Promise<void>((go) => clock.after(POLL_MS, go));
    },
    effectsMax: (fill) =>
      arriving() ? Math.ceil(limits.effectsMax * share(limits.shareMin, fill)) : limits.effectsMax,
  };
}
