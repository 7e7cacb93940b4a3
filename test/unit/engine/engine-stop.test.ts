import { describe, expect, test } from "vitest";
import { Overloaded } from "../../../src/engine/ports.ts";
import { a, bench, birthOf, c, rest, toyDesk, type ToyDesk } from "./toy-desk.ts";

describe("stopping", () => {
  /** Whether it has stopped, without waiting for it. */
  function stopping(desk: ToyDesk, withinMs: number): { readonly isOver: () => boolean } {
    let over = false;
    void desk.engine.stop(withinMs).then(() => (over = true));
    return { isOver: () => over };
  }

  test("refuses mail", async () => {
    const desk = toyDesk();
    stopping(desk, 1000);
    await expect(desk.engine.post(birthOf(a))).rejects.toThrow(Overloaded);
  });

  test("keeps the mail that was posted before it", async () => {
    const desk = toyDesk();
    const post = desk.engine.post(birthOf(a));
    await desk.engine.stop(1000);
    await post;
    expect([...desk.store.mail()]).toHaveLength(1);
  });

  test("waits for effects in flight, brings their outcome to its commit, and begins none", async () => {
    const work = bench(1);
    const desk = toyDesk({ effects: work.effects });
    await desk.engine.post(birthOf(a, "WORK", "WORK"));
    await rest();
    const { isOver } = stopping(desk, 1000);
    await rest();
    expect(isOver()).toBe(false);
    work.finish(0);
    await rest();
    expect({ isOver: isOver(), begun: work.begun.length, journal: desk.journal(a) }).toEqual({
      isOver: true,
      begun: 1,
      journal: ["init", "WORK", "WORK", "EFFECT_DONE"],
    });
  });

  test("ends in its time when an effect does not", async () => {
    const desk = toyDesk({ effects: bench().effects });
    await desk.engine.post(birthOf(a, "WORK"));
    await rest();
    const { isOver } = stopping(desk, 1000);
    desk.clock.advance(999);
    await rest();
    expect(isOver()).toBe(false);
    desk.clock.advance(1);
    await rest();
    expect(isOver()).toBe(true);
  });

  test("ends in its time when the clock is set back meanwhile", async () => {
    const desk = toyDesk({ effects: bench().effects });
    await desk.engine.post(birthOf(a, "WORK"));
    await rest();
    const { isOver } = stopping(desk, 1000);
    desk.clock.jump(0);
    desk.clock.advance(1000);
    await rest();
    expect(isOver()).toBe(true);
  });

  test("ends in its time when the store takes no commit, and writes nothing afterwards", async () => {
    let writes = 0;
    const desk = toyDesk({ store: { faults: (write) => ((writes = write) > 1 ? "lost" : undefined) } });
    await desk.engine.post(birthOf(a));
    await rest();
    const { isOver } = stopping(desk, 10);
    desk.clock.advance(10);
    await rest();
    expect(isOver()).toBe(true);
    await desk.store.close();
    const written = writes;
    desk.clock.advance(60_000);
    await rest();
    expect({ written: writes, wakeUps: desk.clock.waiting() }).toEqual({ written, wakeUps: 0 });
  });

  test("ends in its time when an append hangs", async () => {
    const desk = toyDesk({ store: { flushLater: () => undefined } });
    void desk.engine.post(birthOf(a));
    await rest();
    const { isOver } = stopping(desk, 10);
    desk.clock.advance(10);
    await rest();
    expect(isOver()).toBe(true);
  });

  test("leaves a commit that ends after it alone: nobody asks the closed store for anything", async () => {
    const flushes: (() => void)[] = [];
    const desk = toyDesk({ store: { flushLater: (flush) => flushes.push(flush) } });
    const flush = async (): Promise<void> => {
      await rest();
      flushes.splice(0).forEach((each) => each());
    };
    const post = desk.engine.post(birthOf(a));
    await flush();
    await post;
    await rest();
    stopping(desk, 10);
    desk.clock.advance(10);
    await rest();
    await desk.store.close();
    await rest();
    const [left] = desk.store.snapshot().actors.keys();
    expect(left).toBe(a);
  });

  test("is over at once when nothing is under way", async () => {
    const desk = toyDesk();
    const { isOver } = stopping(desk, 1000);
    await rest();
    expect(isOver()).toBe(true);
  });

  test("fires no timer any more", async () => {
    const desk = toyDesk();
    await desk.engine.post(birthOf(c, "WAIT"));
    await rest();
    await desk.engine.stop(1000);
    desk.clock.advance(5000);
    await rest();
    expect(desk.journal(c)).toEqual(["init", "WAIT"]);
  });
});
