/** The calm after the faults: writes are kept, work ends well, senders come again, people attend to what waits for them. */
import type { Life } from "./sim-life.ts";
import type { ManualClock } from "./manual-clock.ts";
import { attend } from "./sim-operators.ts";
import type { Senders } from "./sim-senders.ts";

const ROUNDS_MAX = 600;
const PAUSE_MS = 1_000;
/** Longer than any pause but those of a clock that jumped. */
const ROUND_MS = 60_000;

/** Whether it came to rest: every message accepted, and nothing waits for anything. */
export async function comeToRest(life: Life, clock: ManualClock, senders: Senders): Promise<boolean> {
  for (let round = 0; round < ROUNDS_MAX; round += 1) {
    while (life.flush()) await turns(2);
    for (const task of life.tasks.splice(0)) task("done");
    await turns(8);
    if (life.flush() || life.tasks.length > 0 || life.engine.mailWaiting() > 0) {
      // A commit that failed is waiting to be tried again.
      clock.advance(PAUSE_MS);
      continue;
    }
    const isAllSaid = !senders.sayUnaccepted(life, clock.now());
    if (isAllSaid && !isOwing(life)) return true;
    attend(life, clock.now());
    clock.advance(ROUND_MS);
  }
  return false;
}

const isOwing = ({ store }: Life): boolean =>
  store.unfinished("", 1).length > 0 || store.lanes().length > 0 || store.nextDue() !== undefined;

/** Lets the event loop turn: promises settle, and what they set going begins. */
export async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
