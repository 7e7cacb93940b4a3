import { describe, expect, test } from "vitest";
import { createMemoryStore } from "../../../src/adapters/store-memory.ts";
import { effectIdOf } from "../../../src/core/ids.ts";
import { createDispatch, laneFor } from "../../../src/engine/dispatch.ts";
import type { Effects, Parked, Store } from "../../../src/engine/ports.ts";
import { birth, delivery } from "../../support/store-changes.ts";
import { a, b, bench, birthOf, buildWith, c, mailFor, operator, rest, toyDesk, type Bench } from "./toy-desk.ts";

describe("effects", () => {
  test("are performed when the commit that asked for them is durable, and not before", async () => {
    const flushes: (() => void)[] = [];
    const work = bench();
    const { engine } = toyDesk({ effects: work.effects, store: { flushLater: (flush) => flushes.push(flush) } });
    void engine.post(birthOf(a, "WORK"));
    await rest();
    flushes.splice(0).forEach((flush) => flush());
    await rest();
    expect({ begun: work.begun, flushesToCome: flushes.length }).toEqual({ begun: [], flushesToCome: 1 });
    flushes.splice(0).forEach((flush) => flush());
    await rest();
    expect(work.begun).toEqual([`${a}#1:0`]);
  });

  test("of one lane run together up to its concurrency, in the order they were asked for", async () => {
    const work = bench(2);
    const { engine } = toyDesk({ effects: work.effects });
    for (const to of [b, a, c]) await engine.post(birthOf(to, "WORK"));
    await rest();
    expect(work.begun).toEqual([`${b}#1:0`, `${a}#1:0`]);
    work.finish(1);
    await rest();
    expect(work.begun).toEqual([`${b}#1:0`, `${a}#1:0`, `${c}#1:0`]);
  });

  test("of different lanes do not wait for each other", async () => {
    const work = bench(1);
    const { engine } = toyDesk({ effects: work.effects });
    await engine.post(birthOf(a, "WORK", "WORK", "ONCE"));
    await rest();
    expect(work.begun).toEqual([`${a}#1:0`, `${a}#3:0`]);
  });

  test("of one name can have a lane each by what they are about", async () => {
    const work = bench(1);
    const effects: Effects = {
      work: { repeatable: true, concurrency: 1, perform: perform(work), lane: JSON.stringify },
    };
    const { engine } = toyDesk({ effects });
    await engine.post(birthOf(a, "WORK_TWICE", "WORK"));
    await rest();
    expect(work.begun).toEqual([`${a}#1:0`, `${a}#1:1`]);
    work.finish(0);
    await rest();
    expect(work.begun).toEqual([`${a}#1:0`, `${a}#1:1`, `${a}#2:0`]);
  });

  test("tell their outcome to the actor that asked", async () => {
    const work = bench();
    const { engine, store, journal } = toyDesk({ effects: work.effects });
    await engine.post(birthOf(a, "WORK"));
    await rest();
    work.finish(0);
    await rest();
    expect(journal(a)).toEqual(["init", "WORK", "EFFECT_DONE"]);
    expect(store.lanes()).toEqual([]);
  });

  test("that reject are told as failed with the reason, to be tried again if they may be repeated", async () => {
    const work = bench();
    const { engine, store } = toyDesk({ effects: work.effects });
    await engine.post(birthOf(a, "WORK", "ONCE"));
    await rest();
    work.fail(0, new Error("no paper"));
    work.fail(1, new Error("no ink"));
    await rest();
    const told = store.journal(a).filter(({ event }) => event === "EFFECT_FAILED");
    expect(told.map(({ data }) => data)).toMatchObject([
      { effect: `${a}#1:0`, reason: "no paper", retryable: true },
      { effect: `${a}#2:0`, reason: "no ink", retryable: false },
    ]);
  });

  test("that this build has not are told as failed, for good", async () => {
    const { engine, store } = toyDesk();
    await engine.post(birthOf(a, "UNHEARD"));
    await rest();
    expect(store.journal(a).at(-1)).toMatchObject({
      event: "EFFECT_FAILED",
      data: { reason: "unheard is not available in this build", retryable: false },
    });
  });
});

const perform = (work: Bench): Effects[string]["perform"] => {
  const { work: effect } = work.effects;
  if (effect === undefined) throw new Error("there is no work");
  return effect.perform;
};

describe("after a crash", () => {
  test("a repeatable effect is performed again under the same id", async () => {
    const before = bench();
    const desk = toyDesk({ effects: before.effects });
    await desk.engine.post(birthOf(a, "WORK"));
    await rest();
    const after = bench();
    const again = desk.crash({ effects: after.effects });
    await rest();
    expect(after.begun).toEqual(before.begun);
    after.finish(0);
    await rest();
    expect(again.journal(a)).toEqual(["init", "WORK", "EFFECT_DONE"]);
  });

  test("an effect that must not be repeated and had begun is told as interrupted, and not performed", async () => {
    const desk = toyDesk({ effects: bench().effects });
    await desk.engine.post(birthOf(a, "ONCE"));
    await rest();
    const after = bench();
    const again = desk.crash({ effects: after.effects });
    await rest();
    expect(after.begun).toEqual([]);
    expect(again.store.journal(a).at(-1)).toMatchObject({
      event: "INTERRUPTED",
      data: { effect: `${a}#1:0`, repeatable: false },
    });
  });

  test("an effect that must not be repeated and had not begun is performed", async () => {
    const desk = toyDesk({ effects: bench(0).effects });
    await desk.engine.post(birthOf(a, "ONCE"));
    await rest();
    const after = bench();
    desk.crash({ effects: after.effects });
    await rest();
    expect(after.begun).toEqual([`${a}#1:0`]);
  });
});

test("an effect that must not be repeated begins when it is durably marked as started, and not before", async () => {
  const flushes: (() => void)[] = [];
  const flush = async (): Promise<void> => {
    await rest();
    flushes.splice(0).forEach((each) => each());
    await rest();
  };
  const work = bench();
  const { engine, store } = toyDesk({ effects: work.effects, store: { flushLater: (later) => flushes.push(later) } });
  void engine.post(birthOf(a, "ONCE"));
  await flush();
  await flush();
  expect({ begun: work.begun, started: store.read(a)?.pending[0]?.started }).toEqual({ begun: [], started: false });
  await flush();
  expect({ begun: work.begun, started: store.read(a)?.pending[0]?.started }).toEqual({
    begun: [`${a}#1:0`],
    started: true,
  });
});

describe("effects of an actor that was set aside", () => {
  test("are not performed again and again: the outcome is kept once, and told when the actor is resumed", async () => {
    const work = bench();
    const desk = toyDesk({ effects: work.effects });
    await desk.engine.post(birthOf(a, "WORK"));
    await rest();
    const elsewhere = bench();
    const parked = desk.crash({ effects: elsewhere.effects, machine: () => undefined });
    await rest();
    elsewhere.finish(0);
    await rest();
    expect(elsewhere.begun).toEqual([`${a}#1:0`]);
    expect(parked.store.read(a)?.parked?.events).toHaveLength(1);

    const mended = bench();
    const again = parked.crash({ effects: mended.effects, machine: buildWith("1") });
    await rest();
    await again.engine.post(operator(a, "RESUME"));
    await rest();
    expect(mended.begun).toEqual([]);
    expect(again.journal(a)).toEqual(["init", "WORK", "EFFECT_DONE"]);
  });

  test("wait until it is resumed, and are performed then", async () => {
    const desk = toyDesk({ effects: bench(0).effects });
    await desk.engine.post(birthOf(a, "WORK"));
    await rest();
    const unknown = desk.crash({ effects: bench(0).effects, machine: () => undefined });
    await unknown.engine.post(mailFor(a, ["TOLD"]));
    await rest();
    const work = bench();
    const again = unknown.crash({ effects: work.effects, machine: buildWith("1") });
    await rest();
    expect(work.begun).toEqual([]);
    await again.engine.post(operator(a, "RESUME"));
    await rest();
    expect(work.begun).toEqual([`${a}#1:0`]);
  });

  test("do not stand in the way of others in their lane", async () => {
    const work = bench(1);
    const first = toyDesk({ effects: bench(0).effects });
    await first.engine.post(birthOf(a, "WORK"));
    await rest();
    const unknown = first.crash({ effects: bench(0).effects, machine: () => undefined });
    await unknown.engine.post(mailFor(a, ["TOLD"]));
    await rest();
    const second = unknown.crash({ effects: work.effects, machine: buildWith("1") });
    await second.engine.post(birthOf(b, "WORK"));
    await rest();
    expect(work.begun).toEqual([`${b}#1:0`]);
  });
});

test("a hundred thousand waiting effects are read a page at a time", async () => {
  /** Rows are made up when they are asked for; those before `done` have left the index. */
  let done = 0;
  const asked: number[] = [];
  const rowAt = (nth: number) => birth(delivery(nth), { asks: ["work"] }).record;
  const store: Store = {
    ...createMemoryStore(),
    open: (_lane, _after, limit) => {
      asked.push(limit);
      return Array.from({ length: limit }, (_, at) => {
        const { address } = rowAt(done + at);
        return { key: String(done + at), address, effect: effectIdOf(address, 0, 0) };
      });
    },
  };
  const dispatch = createDispatch({
    store,
    effects: {
      work: {
        repeatable: true,
        concurrency: 8,
        perform: () => Promise.resolve({ event: { type: "DONE" }, artifacts: [] }),
      },
    },
    inFlightMax: 64,
    recordOf: (address) => {
      const nth = Number.parseInt(address.slice(-12), 16);
      const { pending, ...record } = rowAt(nth);
      return { ...record, pending: nth < done ? [] : pending.map((effect) => ({ ...effect, name: "work" })) };
    },
    tell: async () => {
      done += 1;
    },
    markStarted: () => Promise.resolve(true),
    freed: () => undefined,
  });
  dispatch.poke("work");
  while (done < 1000) {
    dispatch.begin(8);
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(asked.length).toBeGreaterThan(5);
  expect(Math.max(...asked)).toBeLessThanOrEqual(64 + 8);
});

test("never more effects are in flight than `inFlightMax`, over all lanes", async () => {
  const store = createMemoryStore();
  const records = [1, 2, 3, 4].map((nth) => birth(delivery(nth), { asks: ["inbox", "seal"] }));
  await store.commit(records);
  const dispatch = createDispatch({
    store,
    effects: {
      inbox: { repeatable: true, concurrency: 4, perform: () => new Promise(() => undefined) },
      seal: { repeatable: true, concurrency: 4, perform: () => new Promise(() => undefined) },
      writeInboxItem: { repeatable: true, concurrency: 4, perform: () => new Promise(() => undefined) },
    },
    inFlightMax: 5,
    recordOf: store.read,
    tell: () => Promise.resolve(),
    markStarted: () => Promise.resolve(true),
    freed: () => undefined,
  });
  for (const lane of store.lanes()) dispatch.poke(lane);
  expect([dispatch.begin(100), dispatch.inFlight()]).toEqual([5, 5]);
});

test("an effect of an actor that was set aside is looked at once, not without end", async () => {
  const store = createMemoryStore();
  const parked: Parked = { reason: "broken", at: 1, birth: null, events: [] };
  const { record } = birth(delivery(1), { asks: ["inbox"] });
  await store.commit([birth(delivery(1), { asks: ["inbox"], record: { parked } })]);
  const dispatch = createDispatch({
    store,
    effects: {},
    inFlightMax: 5,
    recordOf: store.read,
    tell: () => Promise.reject(new Error("there is nothing to tell")),
    markStarted: () => Promise.resolve(true),
    freed: () => undefined,
  });
  dispatch.poke("inbox");
  const begun: number[] = [];
  for (let round = 0; round < 3; round += 1) {
    begun.push(dispatch.begin(8));
    await new Promise((resolve) => setImmediate(resolve));
    dispatch.poke("inbox");
  }
  dispatch.resumed(record.pending);
  expect([...begun, dispatch.begin(8)]).toEqual([1, 0, 0, 1]);
});

test("after the stop no effect begins", async () => {
  const store = createMemoryStore();
  await store.commit([birth(delivery(1), { asks: ["inbox"] })]);
  const dispatch = createDispatch({
    store,
    effects: {},
    inFlightMax: 5,
    recordOf: store.read,
    tell: () => Promise.resolve(),
    markStarted: () => Promise.resolve(true),
    freed: () => undefined,
  });
  dispatch.poke("inbox");
  dispatch.stop();
  expect([dispatch.begin(100), dispatch.inFlight()]).toEqual([0, 0]);
});

test("a lane is an effect's name, or the name and a key", () => {
  expect([laneFor("work", undefined), laneFor("work", "x")]).toEqual(["work", "work:x"]);
});
