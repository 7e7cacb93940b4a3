import { describe, expect, test } from "vitest";
import { createMemoryStore } from "../../../src/adapters/store-memory.ts";
import { createTimers } from "../../../src/engine/timers.ts";
import type { ActorRecord, DueTimer, Timer } from "../../../src/engine/ports.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { birth, delivery, next, timerOf } from "../../support/store-changes.ts";

const [one, two] = [delivery(1), delivery(2)];

function world(start = 0) {
  const store = createMemoryStore();
  const clock = manualClock(start);
  const fired: DueTimer[] = [];
  const timers = createTimers(store, clock, (timer) => fired.push(timer));
  const ids = (): readonly string[] => fired.map(({ id }) => id);
  const set = async (nth: number, ...all: readonly Timer[]): Promise<ActorRecord> => {
    const change = birth(delivery(nth), { record: { timers: all } });
    await store.commit([change]);
    timers.changed();
    return change.record;
  };
  /** The actor is told and commits: its timers are these. */
  const settle = async (from: ActorRecord, timer: DueTimer, ...left: readonly Timer[]): Promise<ActorRecord> => {
    const change = next(from, { record: { timers: left } });
    await store.commit([change]);
    timers.settled(timer);
    return change.record;
  };
  return { store, clock, timers, fired, ids, set, settle };
}

const DAY = 24 * 60 * 60 * 1000;

describe("a timer fires", () => {
  test("at its time, once, and not before", async () => {
    const { clock, ids, set } = world();
    await set(1, timerOf("t", 100));
    clock.advance(99);
    expect(ids()).toEqual([]);
    clock.advance(1);
    clock.advance(1000);
    expect(ids()).toEqual(["t"]);
  });

  test("also a year from now", async () => {
    const { clock, ids, set } = world();
    await set(1, timerOf("t", 365 * DAY));
    clock.advance(25 * DAY);
    expect(ids()).toEqual([]);
    clock.advance(340 * DAY);
    expect(ids()).toEqual(["t"]);
  });

  test("when it was due before the start", async () => {
    const { clock, ids, set } = world(5000);
    await set(1, timerOf("t", 100));
    clock.advance(0);
    expect(ids()).toEqual(["t"]);
  });

  test("with its address and generation, so that a stale one can be told from the one that is meant", async () => {
    const { clock, fired, set } = world();
    await set(1, timerOf("t", 100, 7));
    clock.advance(100);
    expect(fired).toEqual([{ at: 100, address: one, id: "t", generation: 7 }]);
  });

  test("in the order of time, one actor's among another's", async () => {
    const { clock, ids, set } = world();
    await set(1, timerOf("late", 300), timerOf("early", 100));
    await set(2, timerOf("between", 200));
    clock.advance(1000);
    expect(ids()).toEqual(["early", "between", "late"]);
  });

  test("also when it is set while a later one is waited for", async () => {
    const { clock, ids, set } = world();
    await set(1, timerOf("late", 300));
    await set(2, timerOf("early", 100));
    clock.advance(100);
    expect(ids()).toEqual(["early"]);
  });

  test("again under a new generation", async () => {
    const { clock, fired, set, settle } = world();
    const record = await set(1, timerOf("t", 100, 1));
    clock.advance(100);
    const [first] = fired;
    if (first !== undefined) await settle(record, first, timerOf("t", 200, 2));
    clock.advance(100);
    expect(fired.map(({ generation }) => generation)).toEqual([1, 2]);
  });
});

describe("a timer does not fire", () => {
  test("when it was unset", async () => {
    const { store, clock, timers, ids, set } = world();
    const record = await set(1, timerOf("t", 100));
    await store.commit([next(record, { record: { timers: [] } })]);
    timers.changed();
    clock.advance(1000);
    expect(ids()).toEqual([]);
    expect(clock.waiting()).toBe(0);
  });

  test("after the stop", async () => {
    const { clock, timers, ids, set } = world();
    await set(1, timerOf("t", 100));
    timers.stop();
    clock.advance(1000);
    timers.changed();
    clock.advance(1000);
    expect(ids()).toEqual([]);
  });
});

describe("the clock", () => {
  test("that jumps forward makes all due that it passed", async () => {
    const { clock, ids, set } = world();
    await set(1, timerOf("a", 100), timerOf("b", 90 * DAY));
    clock.jump(100 * DAY);
    expect(ids()).toEqual(["a", "b"]);
  });

  test("that jumps back lets no timer fire early or be lost", async () => {
    const { clock, ids, set } = world(1000);
    await set(1, timerOf("t", 1100));
    clock.jump(0);
    clock.advance(1099);
    expect(ids()).toEqual([]);
    clock.advance(1);
    expect(ids()).toEqual(["t"]);
  });

  test("is asked for one wake-up, however many timers there are", async () => {
    const { clock, set } = world();
    for (let nth = 1; nth <= 20; nth += 1) await set(nth, timerOf("a", 100 - nth), timerOf("b", 200));
    expect(clock.waiting()).toBe(1);
  });
});

test("a thousand timers that are due at once all fire, each of them once", async () => {
  const { store, clock, timers, fired } = world();
  await store.commit([
    birth(one, { record: { timers: Array.from({ length: 1000 }, (_, nth) => timerOf(`t${nth}`, 100)) } }),
  ]);
  timers.changed();
  clock.advance(100);
  expect(new Set(fired.map(({ id }) => id)).size).toBe(1000);
  expect(fired).toHaveLength(1000);
});

describe("timers that their actor does not take now", () => {
  test("are not told again and again", async () => {
    const { clock, ids, set } = world();
    await set(1, timerOf("set aside", 100));
    clock.advance(100);
    await set(2, timerOf("other", 100));
    clock.advance(1000);
    expect(ids()).toEqual(["set aside", "other"]);
  });

  test("do not stand in the way of others, however many they are", async () => {
    const { store, clock, timers, ids, set } = world();
    const many = Array.from({ length: 600 }, (_, nth) => timerOf(`aside ${nth}`, 100));
    await store.commit([birth(one, { record: { timers: many } })]);
    timers.changed();
    clock.advance(200);
    await set(2, timerOf("other", 150));
    clock.advance(0);
    expect(ids().at(-1)).toBe("other");
  });

  test("are told again when the actor goes on, and another's are not", async () => {
    const { clock, timers, ids, set } = world();
    await set(1, timerOf("first", 100));
    await set(2, timerOf("second", 100));
    clock.advance(100);
    timers.resumed(two);
    clock.advance(0);
    expect(ids()).toEqual(["first", "second", "second"]);
  });
});
