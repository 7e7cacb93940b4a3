/** Work over many runs, whose journals may be long, beside a daemon that has deliveries to take. */
import { setImmediate as breathe } from "node:timers/promises";

/** So long at most, and then what is under way, the loop is held without others having their turn. */
const HELD_MS_MAX = 10;

/** To be awaited between two pieces of work: others have their turn when it is time. */
export function takingTurns(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < HELD_MS_MAX) return;
    await breathe();
    since = performance.now();
  };
}
