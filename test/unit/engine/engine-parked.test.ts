import { afterEach, describe, expect, test } from "vitest";
import { a, b, birthOf, faults, mailFor, operator, rest, toyDesk, type ToyDesk } from "./toy-desk.ts";

afterEach(() => Object.assign(faults, { guard: false, birth: false }));

describe("an actor that is set aside", () => {
  async function withParked(): Promise<ToyDesk> {
    const desk = toyDesk();
    await desk.engine.post(birthOf(a, "WAIT"));
    await rest();
    faults.guard = true;
    await desk.engine.post(mailFor(a, ["GUARDED"]));
    await rest();
    return desk;
  }

  test("does not stop others, and a person is told", async () => {
    const { engine, journal, complaints } = await withParked();
    await engine.post(birthOf(b, "TOLD"));
    await rest();
    expect(journal(b)).toEqual(["init", "TOLD"]);
    expect(complaints).toHaveLength(1);
    expect(complaints[0]).toMatch(/^actor parked: [^]*the guard is broken/);
  });

  test("takes in its mail, so that the log is drained", async () => {
    const { engine } = await withParked();
    await engine.post(mailFor(a, ["TOLD"]));
    await rest();
    expect(engine.mailWaiting()).toBe(0);
  });

  test("goes on where it was when it is resumed, also with timers that came due meanwhile", async () => {
    const { engine, clock, journal } = await withParked();
    clock.advance(5000);
    await rest();
    expect(journal(a)).toEqual(["init", "WAIT"]);
    faults.guard = false;
    await engine.post(operator(a, "RESUME"));
    await rest();
    clock.advance(0);
    await rest();
    expect(journal(a)).toEqual(["init", "WAIT", "GUARDED", "after 1000"]);
  });

  test("lets the timers of others fire", async () => {
    const { engine, clock, journal } = await withParked();
    clock.advance(5000);
    await engine.post(birthOf(b, "WAIT"));
    await rest();
    clock.advance(5000);
    await rest();
    expect(journal(b)).toEqual(["init", "WAIT", "after 1000"]);
  });

  test("has its timers looked at once, not without end", async () => {
    const { clock } = await withParked();
    clock.advance(5000);
    await rest();
    expect(clock.waiting()).toBe(0);
  });

  test("before its birth keeps redeliveries, also over a restart, and is born with them", async () => {
    faults.birth = true;
    const desk = toyDesk();
    await desk.engine.post(birthOf(a, "TOLD"));
    await desk.engine.post(mailFor(a, ["WAIT"]));
    await rest();
    expect(desk.engine.knows(a)).toBe(true);
    faults.birth = false;
    const again = desk.crash();
    await again.engine.post(operator(a, "RESUME"));
    await rest();
    expect(again.journal(a)).toEqual(["init", "TOLD", "WAIT"]);
  });
});
