import { describe, expect, test } from "vitest";
import { createEngine } from "../../../src/engine/engine.ts";
import { createMemoryStore } from "../../../src/adapters/store-memory.ts";
import { faultAt, type FaultPlan } from "../../support/faulty-store.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { a, b, bench, birthOf, buildWith, mailFor, operator, rest, toyDesk } from "./toy-desk.ts";

/** Every write from this one on. */
const failingFrom =
  (first: number): FaultPlan =>
  (write) =>
    write >= first ? "lost" : undefined;
/** Of one delivery to a new actor: the append is the first write, the commit of its birth the second. */
const COMMIT = 2;

describe("mail that was acknowledged", () => {
  test("is told to its actor, in the order of the posts", async () => {
    const { engine, journal } = toyDesk();
    await Promise.all([birthOf(a), mailFor(a, ["TOLD"]), mailFor(a, ["WAIT"])].map((mail) => engine.post(mail)));
    await rest();
    expect(journal(a)).toEqual(["init", "TOLD", "WAIT"]);
  });

  test("is taken in by the next process when this one dies before its commit", async () => {
    const desk = toyDesk({ store: { faults: failingFrom(COMMIT) } });
    await desk.engine.post(birthOf(a, "TOLD"));
    const again = desk.crash();
    await rest();
    expect(again.journal(a)).toEqual(["init", "TOLD"]);
  });

  test("is taken in once when it comes back after a crash because nothing was appended since", async () => {
    const desk = toyDesk();
    await desk.engine.post(birthOf(a, "TOLD"));
    await rest();
    const again = desk.crash();
    await rest();
    expect(again.journal(a)).toEqual(["init", "TOLD"]);
    expect(again.engine.mailWaiting()).toBe(0);
  });

  test("and changed nothing does not come back after a crash to change a later state", async () => {
    const work = bench();
    const desk = toyDesk({ effects: work.effects });
    await desk.engine.post(birthOf(a, "WORK"));
    await desk.engine.post(operator(a, "STAY"));
    await rest();
    work.finish(0, "WAIT");
    await rest();
    expect(desk.journal(a)).toEqual(["init", "WORK", "WAIT"]);
    const again = desk.crash();
    expect(again.engine.mailWaiting()).toBeGreaterThan(0);
    await rest();
    expect(again.store.read(a)?.state).toBe("waiting");
  });

  test("waits for the start, and stands before what is posted then", async () => {
    const desk = toyDesk({ store: { faults: failingFrom(COMMIT) } });
    await desk.engine.post(birthOf(a, "TOLD"));
    const store = createMemoryStore({ from: desk.store.crash() });
    const engine = engineOver(store);
    expect(engine.knows(a)).toBe(true);
    await engine.post(mailFor(a, ["WAIT"]));
    await rest();
    expect(store.journal(a)).toEqual([]);
    engine.start();
    await rest();
    expect(store.journal(a).map(({ event }) => event)).toEqual(["init", "TOLD", "WAIT"]);
  });

  test("with a name of XState's own is taken in and not told", async () => {
    const { engine, store, journal } = toyDesk();
    await engine.post(birthOf(a, "WAIT"));
    await engine.post(mailFor(a, ["xstate.after.1000.toy.waiting"]));
    await rest();
    expect(journal(a)).toEqual(["init", "WAIT"]);
    expect(store.read(a)?.state).toBe("waiting");
    expect(engine.mailWaiting()).toBe(0);
  });
});

const engineOver = (store: ReturnType<typeof createMemoryStore>) =>
  createEngine({
    store,
    clock: manualClock(1000),
    effects: {},
    machine: buildWith("1"),
    limits: { mailWaitingMax: 10, mailWaitingBytesMax: 1e6, sliceMs: Infinity, quietMs: 0, shareMin: 1 },
    complain: () => undefined,
  });

describe("listeners", () => {
  test("are told of a change when it can be read, in the order of an actor's commits", async () => {
    const { engine, store } = toyDesk();
    const heard: string[] = [];
    engine.listen(({ record, entries }) => {
      const isThere = store.read(record.address)?.sequence === record.sequence;
      heard.push(...entries.map(({ event }) => `${event} ${isThere}`));
    });
    await engine.post(birthOf(a));
    await rest();
    await engine.post(mailFor(a, ["TOLD"]));
    await rest();
    expect(heard).toEqual(["init true", "TOLD true"]);
  });

  test("that throw stop neither other listeners nor the actor's effects", async () => {
    const work = bench();
    const { engine, complaints } = toyDesk({ effects: work.effects });
    let heard = 0;
    engine.listen(() => {
      throw new Error("not interested");
    });
    engine.listen(() => (heard += 1));
    await engine.post(birthOf(a, "WORK"));
    await rest();
    expect({ heard, begun: work.begun, complaints }).toEqual({
      heard: 1,
      begun: [`${a}#1:0`],
      complaints: ["listener failed: not interested"],
    });
  });

  test("are told nothing more once they have left", async () => {
    const { engine } = toyDesk();
    let heard = 0;
    const leave = engine.listen(() => (heard += 1));
    await engine.post(birthOf(a));
    await rest();
    leave();
    await engine.post(birthOf(b));
    await rest();
    expect(heard).toBe(1);
  });
});

describe("`caughtUp`", () => {
  test("is true when all mail posted before it is taken in", async () => {
    const { engine, journal } = toyDesk();
    void engine.post(birthOf(a, "TOLD"));
    await expect(engine.caughtUp(1000)).resolves.toBe(true);
    expect(journal(a)).toEqual(["init", "TOLD"]);
  });

  test("is false when that takes longer than was asked for", async () => {
    const { engine, clock } = toyDesk({ store: { faults: failingFrom(COMMIT) } });
    await engine.post(birthOf(a));
    const caughtUp = engine.caughtUp(10);
    await rest();
    clock.advance(10);
    await expect(caughtUp).resolves.toBe(false);
  });
});

describe("`knows`", () => {
  test("is true from the moment of the post, and false again when that was not kept", async () => {
    const { engine } = toyDesk({ store: { faults: faultAt(1, "lost") } });
    const post = engine.post(birthOf(a));
    expect(engine.knows(a)).toBe(true);
    await expect(post).rejects.toThrow("write 1 failed");
    expect(engine.knows(a)).toBe(false);
  });

  test("stays true when the mail has become a record", async () => {
    const { engine } = toyDesk();
    await engine.post(birthOf(a));
    await rest();
    expect([engine.knows(a), engine.knows(b)]).toEqual([true, false]);
  });
});
