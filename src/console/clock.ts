/** The time that ages and countdowns are told by. */
import { type ReadonlySignal, signal } from "@preact/signals";

const TICK_MS = 1000;
/** Clocks that are less apart are taken for one: an answer names whole seconds, and takes its time. */
const APART_MS_MIN = 5000;

/** How far the daemon's clock is ahead of the browser's. */
let ahead = 0;
const ticking = signal(Date.now());
const tick = (): void => {
  ticking.value = Date.now() + ahead;
};
setInterval(() => {
  if (!document.hidden) tick();
}, TICK_MS);
document.addEventListener("visibilitychange", tick);

/** `date` is the header of an answer: ages and what is left are of the daemon's times, and so told by its clock. */
export function hearTime(date: string | null): void {
  const apart = Date.parse(date ?? "") - Date.now();
  const heard = Math.abs(apart) >= APART_MS_MIN ? apart : 0;
  if (Math.abs(heard - ahead) < APART_MS_MIN) return;
  ahead = heard;
  tick();
}

/** Milliseconds since the epoch by the daemon's clock, once a second while the page is seen. */
export const now: ReadonlySignal<number> = ticking;
