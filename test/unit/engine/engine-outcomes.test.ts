/** What an actor was told while its work was under way stands before the outcome of that work. */
import { expect, test } from "vitest";
import { Overloaded } from "../../../src/engine/ports.ts";
import { a, b, bench, birthOf, mailFor, operator, rest, toy, toyDesk } from "./toy-desk.ts";

const byAgent = { by: "agent" } as const;
const BEFORE_ITS_OUTCOME = ["init", "ONCE", "TOLD", "EFFECT_DONE"];

test("mail behind a long backlog is heard before the outcome of the work that it speaks of", async () => {
  const work = bench(1);
  const desk = toyDesk({ effects: work.effects, limits: { sliceMs: 0, quietMs: 1 } });
  await desk.engine.post(birthOf(a, "ONCE"));
  await rest();
  desk.clock.advance(10);
  await rest();
  const backlog = Array.from({ length: 60 }, (_, n) => desk.engine.post(birthOf(toy(`other-${n}`))));
  await Promise.all([...backlog, desk.engine.post(mailFor(a, ["TOLD"], byAgent))]);
  work.finish(0);
  for (let n = 0; n < 40; n += 1) {
    desk.clock.advance(10);
    // oxlint-disable-next-line no-await-in-loop -- one slice after the other
    await rest();
  }
  expect(desk.journal(a)).toEqual(BEFORE_ITS_OUTCOME);
});

test("an agent at work is still heard while the engine stops, and nobody else is", async () => {
  const work = bench(1);
  const desk = toyDesk({ effects: work.effects });
  await desk.engine.post(birthOf(a, "ONCE"));
  await rest();
  const stopping = desk.engine.stop(1000);
  await desk.engine.post(mailFor(a, ["TOLD"], byAgent));
  await expect(desk.engine.post(operator(a, "TOLD"))).rejects.toThrow(Overloaded);
  await expect(desk.engine.post(birthOf(b))).rejects.toThrow(Overloaded);
  work.finish(0);
  await stopping;
  expect(desk.journal(a)).toEqual(BEFORE_ITS_OUTCOME);
});

test("an agent that is still there when the engine has stopped is not heard", async () => {
  const desk = toyDesk({ effects: bench(1).effects });
  await desk.engine.post(birthOf(a, "ONCE"));
  await rest();
  const stopping = desk.engine.stop(10);
  await rest();
  desk.clock.advance(10);
  await stopping;
  await expect(desk.engine.post(mailFor(a, ["TOLD"], byAgent))).rejects.toThrow(Overloaded);
});

test("what a crash left unheard is heard before the work is told as interrupted", async () => {
  const desk = toyDesk({ effects: bench(1).effects });
  await desk.engine.post(birthOf(a, "ONCE"));
  await rest();
  const backlog = Array.from({ length: 60 }, (_, n) => desk.engine.post(birthOf(toy(`other-${n}`))));
  await Promise.all([...backlog, desk.engine.post(mailFor(a, ["TOLD"], byAgent))]);
  const after = desk.crash({ effects: bench(1).effects, limits: { sliceMs: 0, quietMs: 1 } });
  for (let n = 0; n < 40; n += 1) {
    after.clock.advance(10);
    // oxlint-disable-next-line no-await-in-loop -- one slice after the other
    await rest();
  }
  expect(after.journal(a)).toEqual(["init", "ONCE", "TOLD", "INTERRUPTED"]);
});
