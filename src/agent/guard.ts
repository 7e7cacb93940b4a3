/** Ends a run whose time is over, that was cancelled, or that has too many processes: asked first, then killed. */
import type { Clock } from "../engine/ports.ts";
import type { Brake, Stop } from "./brake.ts";
import type { Band } from "./processes.ts";

export type Guarded = {
  readonly band: Band;
  readonly leader: number | null;
  /** The leader is bubblewrap then: asked to end, it ends at once and takes all with it, so what runs inside is asked instead. */
  readonly sandboxed: boolean;
};
export type Bounds = { readonly timeout_ms: number; readonly grace_ms: number; readonly processes: number };
export type Guard = {
  /** The leader does not end though it was killed: it waits in the kernel, and nobody waits for it. */
  readonly givenUp: Promise<readonly [null, null]>;
  readonly off: () => void;
};

/** Between looks at how many processes there are. */
const WATCH_MS = 200;
/** A look may cost this part of the time at most, on a machine with very many processes too. */
const WATCH_SHARE = 20;
const DEATH_MS_MAX = 10_000;

export function guardBand({ band, leader, sandboxed }: Guarded, bounds: Bounds, clock: Clock, brake: Brake): Guard {
  const spared = sandboxed && leader !== null ? [leader] : [];
  const calls: (() => void)[] = [];
  let over = false;
  const watch = (): void => {
    const before = clock.now();
    if (band.count() > bounds.processes) {
      brake.pull({ by: "limit", why: `it had more than ${bounds.processes} processes at a time` });
      return;
    }
    calls[0] = clock.after(Math.max(WATCH_MS, (clock.now() - before) * WATCH_SHARE), watch);
  };
  calls.push(
    clock.after(WATCH_MS, watch),
    clock.after(bounds.timeout_ms, () => brake.pull({ by: "timeout", why: timeWasOver(bounds.timeout_ms) })),
  );
  const givenUp = new Promise<readonly [null, null]>((resolve) => {
    const kill = (): void => {
      band.signal("SIGKILL");
      calls.push(clock.after(DEATH_MS_MAX, () => resolve([null, null])));
    };
    const halt = ({ by }: Stop): void => {
      if (over) return;
      // Whoever forks without end is not asked.
      if (by === "limit") {
        kill();
        return;
      }
      band.signal("SIGTERM", spared);
      calls.push(clock.after(bounds.grace_ms, kill));
    };
    void brake.whenPulled.then(halt);
  });
  return {
    givenUp,
    off: () => {
      over = true;
      for (const off of calls) off();
    },
  };
}

const timeWasOver = (ms: number): string =>
  `its time was over: ${ms >= 60_000 ? `${Math.round(ms / 6000) / 10} minutes` : `${ms / 1000} seconds`}`;
