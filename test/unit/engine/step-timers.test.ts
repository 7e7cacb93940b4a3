import { describe, expect, test } from "vitest";
import { delivery } from "../../../machines/delivery.ts";
import type { ActorRecord } from "../../../src/engine/ports.ts";
import { step, timerEvent } from "../../../src/engine/step.ts";
import { executing, failed, normalized, recorded, release, VERIFIED, delivered } from "../../support/delivery-words.ts";
import { after, tell } from "../../support/machine-given.ts";

const laneOf = (name: string): string => name;
const held = delivered({ on_gap: "wait" }, VERIFIED, normalized(), recorded({ order: "gap" }));
const [timer] = held.record.timers;
const fired = (record: ActorRecord, generation: number): string => {
  const id = timer?.id ?? "";
  return step(delivery, record, timerEvent({ id, generation }), "timer", 70_000, laneOf).kind;
};

describe("a timer", () => {
  test("is due as long after the step as its delay says, and is of the entry that set it", () => {
    expect(held.record.timers).toMatchObject([
      { at: held.record.changed_at + 60_000, generation: held.record.sequence - 1 },
    ]);
  });

  test("that fires is taken off the list and written down by its name", () => {
    const stepped = step(
      delivery,
      held.record,
      timerEvent(timer ?? { id: "", generation: 0 }),
      "timer",
      70_000,
      laneOf,
    );
    expect(stepped).toMatchObject({
      record: { timers: [], state: "executing.performing" },
      entries: [
        { event: "after holdTimeout", by: "timer", from: "held.for-predecessor", to: "recorded", data: {} },
        { event: "always", by: "timer", from: "recorded", to: "executing.performing" },
      ],
    });
  });

  test("of another generation is stale", () => {
    expect([fired(held.record, 99), fired(held.record, timer?.generation ?? 0)]).toEqual(["ignored", "stepped"]);
  });

  test("of a state that was left is off the list, and stale when it fires", () => {
    const { record } = tell(held, release);
    expect([record.timers, fired(record, timer?.generation ?? 0)]).toEqual([[], "ignored"]);
  });

  test("that is set again has another generation", () => {
    const first = tell(executing(), failed(true));
    const second = tell(first, after("backoff"), failed(true));
    const [before] = first.record.timers;
    expect(second.record.timers).toHaveLength(1);
    expect(second.record.timers[0]?.id).toBe(before?.id);
    expect(second.record.timers[0]?.generation).toBeGreaterThan(before?.generation ?? 0);
    expect(
      step(delivery, second.record, timerEvent(before ?? { id: "", generation: 0 }), "timer", 9, laneOf).kind,
    ).toBe("ignored");
  });

  test("keeps an actor from being at rest", () => {
    expect(held.record.resting).toBe(false);
  });
});

const pauses = (backoff_ms: number, attempts: number): readonly number[] => {
  let actor = executing({ backoff_ms, attempts_max: 100 });
  const all: number[] = [];
  for (let n = 0; n < attempts; n += 1) {
    actor = tell(actor, failed(true));
    all.push((actor.record.timers[0]?.at ?? 0) - actor.record.changed_at);
    actor = tell(actor, after("backoff"));
  }
  return all;
};

describe("the pause between attempts", () => {
  test("doubles", () => expect(pauses(1_000, 4)).toEqual([1_000, 2_000, 4_000, 8_000]));
  test("is never more than an hour", () => expect(pauses(2_000_000, 3)).toEqual([2_000_000, 3_600_000, 3_600_000]));
  test("is still an hour after many attempts", () => expect(pauses(1, 60).at(-1)).toBe(3_600_000));
});
