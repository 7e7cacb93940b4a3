/** Whether work may be sent to the daemon: what `/readyz` says, a sentence for each condition. */
import type { ReadyCheck } from "./http/control-target.ts";

const LOOP_DELAY_MS_MAX = 1_000;

export type Readiness = {
  readonly isListening: boolean;
  readonly isDraining: boolean;
  /** Stores that are open: each was checked when it was. */
  readonly open: number;
  /** Names of desks whose disk is below its floor. */
  readonly low: readonly string[];
  readonly loopDelayMs: number;
};

export function readyChecks({ isListening, isDraining, open, low, loopDelayMs }: Readiness): readonly ReadyCheck[] {
  return [
    { name: "doors", ok: isListening, says: isListening ? "listening" : "not listening yet" },
    { name: "store", ok: true, says: `${open} open` },
    { name: "draining", ok: !isDraining, says: isDraining ? "stopping" : "taking deliveries" },
    { name: "disk", ok: low.length === 0, says: low.length === 0 ? "above the floor" : `low for ${low.join(", ")}` },
    { name: "loop", ok: loopDelayMs < LOOP_DELAY_MS_MAX, says: `delayed by ${Math.round(loopDelayMs)} ms` },
  ];
}
