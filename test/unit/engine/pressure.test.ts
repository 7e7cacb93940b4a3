import { describe, expect, test } from "vitest";
import { createPressure, type PressureLimits } from "../../../src/engine/pressure.ts";
import { manualClock } from "../../support/manual-clock.ts";

/** How many milliseconds pass until the next slice may run, when a turn of the event loop takes one and brings so many arrivals. */
async function restedMs(
  limits: PressureLimits,
  {
    took,
    fill = 0,
    arrivals,
  }: { readonly took: number; readonly fill?: number; readonly arrivals: (ms: number) => number },
): Promise<number> {
  const clock = manualClock(0);
  let posted = 0;
  let isOver = false;
  const pressure = createPressure(() => posted, clock, limits);
  const rested = pressure.rest(took, fill).then(() => (isOver = true));
  while (!isOver && clock.now() < 10_000) {
    posted += arrivals(clock.now());
    await new Promise((resolve) => setImmediate(resolve));
    if (!isOver) clock.advance(1);
  }
  await rested;
  return clock.now();
}

const always = (): number => 1;
const never = (): number => 0;

describe("work that can wait", () => {
  const limits = { quietMs: 5, shareMin: 0.1, effectsMax: 20 };

  test("goes on in the next turn when nothing arrives", async () => {
    expect(await restedMs({ ...limits, quietMs: 0 }, { took: 100, arrivals: never })).toBeLessThanOrEqual(1);
  });

  test("has its least share while deliveries arrive without a pause and no mail waits", async () => {
    const rested = await restedMs(limits, { took: 10, arrivals: always });
    expect(rested).toBeGreaterThanOrEqual(90);
    expect(rested).toBeLessThanOrEqual(92);
  });

  test("has more the more mail waits, and all of it when the log is full", async () => {
    const rests: number[] = [];
    for (const fill of [0, 0.25, 0.5, 0.75, 1])
      rests.push(await restedMs(limits, { took: 10, fill, arrivals: always }));
    expect(rests).toEqual(rests.toSorted((a, b) => b - a));
    expect(rests.at(-1)).toBeLessThanOrEqual(2);
    expect(rests[0]).toBeGreaterThan(rests[3] ?? 0);
  });

  test("goes on as soon as the ingress has been quiet for a while", async () => {
    const rested = await restedMs(limits, { took: 100, arrivals: (ms) => (ms < 20 ? 1 : 0) });
    expect(rested).toBeGreaterThanOrEqual(24);
    expect(rested).toBeLessThanOrEqual(27);
  });
});

test("a clock that is set back does not hold up work that can wait", async () => {
  const clock = manualClock(10_000);
  let posted = 0;
  const pressure = createPressure(() => (posted += 1), clock, { quietMs: 5, shareMin: 0.1, effectsMax: 20 });
  let isOver = false;
  void pressure.rest(100, 0).then(() => (isOver = true));
  await new Promise((resolve) => setImmediate(resolve));
  clock.jump(0);
  clock.advance(2);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isOver).toBe(true);
});

describe("effects in flight", () => {
  const limits = { quietMs: 5, shareMin: 0.1, effectsMax: 20 };

  test("are as many as there may be while the ingress is quiet", () => {
    const pressure = createPressure(() => 0, manualClock(0), limits);
    expect(pressure.effectsMax(0)).toBe(20);
  });

  test("are few while deliveries arrive, more the more mail waits, and all there may be when the log is full", () => {
    let posted = 0;
    const pressure = createPressure(() => (posted += 1), manualClock(0), limits);
    const most = [0, 0.25, 0.5, 0.75, 1].map(pressure.effectsMax);
    expect(most).toEqual(most.toSorted((a, b) => a - b));
    expect([most[0], most.at(-1)]).toEqual([2, 20]);
  });

  test("are never none", () => {
    let posted = 0;
    const pressure = createPressure(() => (posted += 1), manualClock(0), { ...limits, effectsMax: 1 });
    expect(pressure.effectsMax(0)).toBe(1);
  });
});
