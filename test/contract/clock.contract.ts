import { describe, expect, test } from "vitest";
import { TIMEOUT_MS_MAX } from "../../src/core/limits.ts";
import type { Clock } from "../../src/engine/ports.ts";

export type ClockWorld = { readonly clock: Clock; readonly pass: (ms: number) => void };

type Woken = { readonly world: ClockWorld; readonly calls: readonly number[]; readonly off: () => void };

/** A wake-up so far ahead; each call notes by how much it was late. */
function woken(world: ClockWorld, inMs: number): Woken {
  const calls: number[] = [];
  const due = world.clock.now() + inMs;
  const off = world.clock.wake(due, () => calls.push(world.clock.now() - due));
  return { world, calls, off };
}

/** What every `Clock` promises. `openWorld` gives a clock whose time the test can let pass. */
export function clockContract(name: string, openWorld: () => ClockWorld): void {
  describe(`${name} is a Clock`, () => {
    test("counts milliseconds", () => {
      const { clock, pass } = openWorld();
      const before = clock.now();
      pass(1234);
      expect(clock.now() - before).toBe(1234);
    });

    test.each([1, 1000, 3_600_000, TIMEOUT_MS_MAX, TIMEOUT_MS_MAX + 1, 3 * TIMEOUT_MS_MAX])(
      "wakes once after %i milliseconds, not before",
      (ms) => {
        const { world, calls } = woken(openWorld(), ms);
        world.pass(ms - 1);
        expect(calls).toEqual([]);
        world.pass(1);
        expect(calls).toEqual([0]);
        world.pass(ms);
        expect(calls).toHaveLength(1);
      },
    );

    test("wakes for a time that has passed, and not within the call", () => {
      const { world, calls } = woken(openWorld(), -5000);
      expect(calls).toEqual([]);
      world.pass(1);
      expect(calls).toHaveLength(1);
    });

    test("wakes nobody who called it off, also half way", () => {
      const { world, calls, off } = woken(openWorld(), 200_000);
      world.pass(150_000);
      off();
      world.pass(200_000);
      expect(calls).toEqual([]);
    });

    test("calls once when so much time has passed, and not when that was called off", () => {
      const { clock, pass } = openWorld();
      const calls: string[] = [];
      clock.after(1000, () => calls.push("kept"));
      const off = clock.after(1000, () => calls.push("called off"));
      pass(999);
      off();
      expect(calls).toEqual([]);
      pass(5000);
      expect(calls).toEqual(["kept"]);
    });

    test("may be asked again from within a call", () => {
      const { clock, pass } = openWorld();
      const start = clock.now();
      const calls: number[] = [];
      clock.wake(start + 10, () => clock.wake(start + 20, () => calls.push(clock.now() - start)));
      pass(30);
      expect(calls).toHaveLength(1);
    });
  });
}
