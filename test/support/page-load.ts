/** What a page costs while it is used: its pictures, its long tasks, its elements and its heap. */
import type { CDPSession, Page } from "playwright-core";
import { z } from "zod";

/** Milliseconds. `elements`: the most that stood in the document at one time. */
export type Smoothness = {
  readonly median: number;
  readonly p95: number;
  readonly p99: number;
  readonly longest: number;
  readonly pictures: number;
  /** The longest time in which the page did nothing else; 0 when none was over 50 ms. */
  readonly task: number;
  readonly elements: number;
};

const Recorded = z.object({ pictures: z.array(z.number()), tasks: z.array(z.number()), elements: z.number() });

const RECORD = `(() => {
  const pictures = [];
  const tasks = [];
  let last;
  let elements = 0;
  let isOn = true;
  const see = (at) => {
    if (!isOn) return;
    if (last !== undefined) pictures.push(at - last);
    last = at;
    if (pictures.length % 10 === 0) elements = Math.max(elements, document.getElementsByTagName("*").length);
    requestAnimationFrame(see);
  };
  requestAnimationFrame(see);
  const watch = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  watch.observe({ type: "longtask" });
  globalThis.recorded = () => {
    isOn = false;
    watch.disconnect();
    return { pictures, tasks, elements };
  };
})()`;

/** Records what the page's pictures cost for as long as `during` takes. */
export async function smoothnessOf(page: Page, during: () => Promise<void>): Promise<Smoothness> {
  await page.evaluate(RECORD);
  await during();
  const { pictures, tasks, elements } = Recorded.parse(await page.evaluate("recorded()"));
  return {
    median: share(pictures, 0.5),
    p95: share(pictures, 0.95),
    p99: share(pictures, 0.99),
    longest: Math.max(0, ...pictures),
    pictures: pictures.length,
    task: Math.max(0, ...tasks),
    elements,
  };
}

/** The value below which so large a part of them lies. */
export function share(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

/** Turns of the wheel over the page, down, as quickly as a hand makes them, until the time is over. */
export async function wheelFor(page: Page, ms: number, by = 300, betweenMs = 40): Promise<void> {
  const until = Date.now() + ms;
  await page.mouse.move(600, 500);
  while (Date.now() < until) {
    // oxlint-disable-next-line no-await-in-loop -- one hand
    await page.mouse.wheel(0, by);
    // oxlint-disable-next-line no-await-in-loop -- one hand
    await page.waitForTimeout(betweenMs);
  }
}

const Heap = z.object({ usedSize: z.number() });

/** What scripts hold, in bytes, once all that nobody holds is gone. */
export async function heapOf(session: CDPSession): Promise<number> {
  await session.send("HeapProfiler.collectGarbage");
  return Heap.parse(await session.send("Runtime.getHeapUsage")).usedSize;
}
