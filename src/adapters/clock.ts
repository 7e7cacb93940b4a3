import { TIMEOUT_MS_MAX } from "../core/limits.ts";
import type { Clock } from "../engine/ports.ts";

/**
 * The wall clock. A wake-up looks at it again at least once a minute: `setTimeout` counts time that the machine was awake, and
 * knows nothing of a clock that was set; it may also fire a millisecond early, and a `wake` never does.
 */
const LOOK_AGAIN_MS = 60_000;

export const systemClock: Clock = {
  now: () => Date.now(),
  wake: (at, call) => {
    let timer: NodeJS.Timeout;
    const look = (): void => {
      const left = at - Date.now();
      if (left <= 0) call();
      else timer = setTimeout(look, Math.min(left, LOOK_AGAIN_MS));
    };
    timer = setTimeout(look, Math.max(0, Math.min(at - Date.now(), LOOK_AGAIN_MS)));
    return () => clearTimeout(timer);
  },
  after: (ms, call) => {
    const timer = setTimeout(call, Math.min(ms, TIMEOUT_MS_MAX));
    return () => clearTimeout(timer);
  },
};
