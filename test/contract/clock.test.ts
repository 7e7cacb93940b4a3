import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { systemClock } from "../../src/adapters/clock.ts";
import { manualClock } from "../support/manual-clock.ts";
import { clockContract } from "./clock.contract.ts";

beforeEach(() => void vi.useFakeTimers({ now: 1_800_000_000_000 }));
afterEach(() => void vi.useRealTimers());

clockContract("the system clock", () => ({
  clock: systemClock,
  pass: (ms) => void vi.advanceTimersByTime(ms),
}));
clockContract("the manual clock", () => {
  const clock = manualClock(1_800_000_000_000);
  return { clock, pass: clock.advance };
});

describe("the system clock", () => {
  test("wakes within a minute when the clock was set past the time", () => {
    const call = vi.fn<() => void>();
    systemClock.wake(Date.now() + 3_600_000, call);
    vi.setSystemTime(Date.now() + 7_200_000);
    vi.advanceTimersByTime(60_000);
    expect(call).toHaveBeenCalledOnce();
  });

  test("counts time that passes, however the clock is set meanwhile", () => {
    const call = vi.fn<() => void>();
    systemClock.after(1000, call);
    vi.setSystemTime(Date.now() - 3_600_000);
    vi.advanceTimersByTime(1000);
    expect(call).toHaveBeenCalledOnce();
  });

  test("does not wake early when the clock was set back", () => {
    const call = vi.fn<() => void>();
    systemClock.wake(Date.now() + 1000, call);
    vi.setSystemTime(Date.now() - 5000);
    vi.advanceTimersByTime(5999);
    expect(call).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(call).toHaveBeenCalledOnce();
  });
});

describe("the manual clock", () => {
  test("calls in order of time, at each one's own", () => {
    const clock = manualClock(100);
    const calls: (readonly [string, number])[] = [];
    for (const [name, at] of [
      ["late", 130],
      ["early", 110],
      ["early too", 110],
    ] as const) {
      clock.wake(at, () => calls.push([name, clock.now()]));
    }
    clock.advance(50);
    expect(calls).toEqual([
      ["early", 110],
      ["early too", 110],
      ["late", 130],
    ]);
    expect([clock.now(), clock.waiting()]).toEqual([150, 0]);
  });

  test("counts time that passes, not jumps", () => {
    const clock = manualClock(100);
    const calls: number[] = [];
    clock.after(1000, () => calls.push(clock.now()));
    clock.jump(50);
    clock.jump(9000);
    clock.advance(999);
    expect(calls).toEqual([]);
    clock.advance(1);
    expect(calls).toEqual([10_000]);
  });

  test("can jump forward, waking all that became due, and back, waking nobody", () => {
    const clock = manualClock(100);
    const calls: number[] = [];
    clock.wake(110, () => calls.push(clock.now()));
    clock.wake(9000, () => calls.push(clock.now()));
    clock.jump(5000);
    expect(calls).toEqual([5000]);
    clock.jump(50);
    expect([calls.length, clock.now(), clock.waiting()]).toEqual([1, 50, 1]);
  });
});
