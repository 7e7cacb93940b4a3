/** How long to wait before a connection is tried again. */

const FIRST_MS = 250;
const LONGEST_MS = 10_000;

/** Twice as long with every failure, up to ten seconds; between half of it and all of it, so that pages do not come back together. `chance` is from 0 to 1. */
export function waitBefore(failures: number, chance: number): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(failures, 16));
  return Math.round(whole * (0.5 + chance / 2));
}
