import { describe, expect, test } from "vitest";
import { StaleSequence } from "../../../src/engine/ports.ts";
import { faultAt, type FaultPlan } from "../../support/faulty-store.ts";
import { next } from "../../support/store-changes.ts";
import { a, b, bench, birthOf, mailFor, rest, toyDesk } from "./toy-desk.ts";

const failing =
  (...writes: readonly number[]): FaultPlan =>
  (write) =>
    writes.includes(write) ? "lost" : undefined;
/** Every write from this one on. */
const failingFrom =
  (first: number): FaultPlan =>
  (write) =>
    write >= first ? "lost" : undefined;
/** Of one delivery to a new actor: the append is the first write, the commit of its birth the second. */
const COMMIT = 2;

describe("a commit that fails", () => {
  test("is tried again, later and later, until the store takes it", async () => {
    const { engine, clock, journal, complaints } = toyDesk({ store: { faults: failing(2, 3, 4) } });
    await engine.post(birthOf(a, "TOLD"));
    await rest();
    for (const ms of [50, 200]) {
      clock.advance(ms - 1);
      await rest();
      clock.advance(1);
      await rest();
    }
    expect({ journal: journal(a), waiting: engine.mailWaiting() }).toEqual({ journal: [], waiting: 1 });
    clock.advance(1000);
    await rest();
    expect({ journal: journal(a), waiting: engine.mailWaiting() }).toEqual({ journal: ["init", "TOLD"], waiting: 0 });
    expect(complaints).toEqual([2, 3, 4].map((write) => `commit failed: write ${write} failed`));
  });

  test("is tried again in time when the clock is set back meanwhile", async () => {
    const { engine, clock, journal } = toyDesk({ store: { faults: faultAt(COMMIT, "lost") } });
    await engine.post(birthOf(a));
    await rest();
    clock.jump(clock.now() - 3_600_000);
    clock.advance(50);
    await rest();
    expect(journal(a)).toEqual(["init"]);
  });

  test("does not stop other actors", async () => {
    const { engine, journal } = toyDesk({ store: { faults: faultAt(COMMIT, "lost") } });
    await engine.post(birthOf(a));
    await rest();
    await engine.post(birthOf(b));
    await rest();
    expect([journal(a), journal(b)]).toEqual([[], ["init"]]);
  });

  test("keeps what came later behind it", async () => {
    const { engine, clock, journal } = toyDesk({ store: { faults: faultAt(COMMIT, "lost") } });
    await engine.post(birthOf(a));
    await rest();
    await engine.post(mailFor(a, ["TOLD"]));
    await rest();
    clock.advance(50);
    await rest();
    expect(journal(a)).toEqual(["init", "TOLD"]);
  });

  test("does not leave what it would have changed in the engine's memory", async () => {
    const { engine, store } = toyDesk({ store: { faults: failingFrom(4) } });
    await engine.post(birthOf(a));
    await rest();
    await engine.post(mailFor(a, ["WAIT"]));
    await rest();
    expect(await engine.read(a)).toEqual(store.read(a));
    expect((await engine.read(a))?.state).toBe("idle");
  });

  describe("and was kept all the same", () => {
    const kept = (write: number) => ({ store: { faults: faultAt(write, "kept") } });

    test("is not repeated", async () => {
      const { engine, journal, clock } = toyDesk(kept(COMMIT));
      await engine.post(birthOf(a, "TOLD"));
      await rest();
      clock.advance(10_000);
      await rest();
      expect({ journal: journal(a), waiting: engine.mailWaiting() }).toEqual({ journal: ["init", "TOLD"], waiting: 0 });
    });

    test("has its effects performed", async () => {
      const work = bench();
      const { engine } = toyDesk({ effects: work.effects, ...kept(COMMIT) });
      await engine.post(birthOf(a, "WORK"));
      await rest();
      expect(work.begun).toEqual([`${a}#1:0`]);
    });

    test("has its timers set", async () => {
      const { engine, clock, journal } = toyDesk(kept(COMMIT));
      await engine.post(birthOf(a, "WAIT"));
      await rest();
      clock.advance(10_000);
      await rest();
      expect(journal(a)).toEqual(["init", "WAIT", "after 1000"]);
    });

    test("is told to listeners, once", async () => {
      const { engine } = toyDesk(kept(COMMIT));
      const heard: string[] = [];
      engine.listen(({ entries }) => heard.push(...entries.map(({ event }) => event)));
      await engine.post(birthOf(a, "TOLD"));
      await rest();
      expect(heard).toEqual(["init", "TOLD"]);
    });

    test("does not let work begin that must not be done twice, until one is reported as kept", async () => {
      const work = bench();
      const { engine, clock } = toyDesk({ effects: work.effects, ...kept(3) });
      await engine.post(birthOf(a, "ONCE"));
      await rest();
      expect(work.begun).toEqual([]);
      clock.advance(50);
      await rest();
      expect(work.begun).toEqual([`${a}#1:0`]);
    });
  });

  test("because the record has moved on is made again from the record as it is", async () => {
    const { engine, store, journal, complaints } = toyDesk();
    await engine.post(birthOf(a));
    await rest();
    const before = store.read(a);
    if (before === undefined) throw new Error("nobody was born");
    await store.commit([next(before, { record: { applied: [1, 0] } })]);
    await engine.post(mailFor(a, ["TOLD"]));
    await rest();
    expect(journal(a)).toEqual(["init", "NORMALIZED", "TOLD"]);
    expect(complaints).toEqual([`commit failed: ${new StaleSequence(a).message}`]);
  });
});
