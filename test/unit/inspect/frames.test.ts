/** What may stand in a frame, and what may not, whatever an actor's record and journal hold. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Address, addressOf, deliveryAddress, subjectAddress } from "../../../src/core/ids.ts";
import type { Json } from "../../../src/core/observation.ts";
import type { ActorRecord, Entry } from "../../../src/engine/ports.ts";
import { registration, rowFrames, stateValueOf } from "../../../src/inspect/frames.ts";
import { createSieve } from "../../../src/inspect/sieve.ts";
import { sessionOf } from "../../../src/inspect/sessions.ts";
import { historyOf } from "../../../src/inspect/history.ts";
import { aRun, runNumber } from "../http/desk-with-runs.ts";

fc.configureGlobal({ seed: 1, numRuns: 500 });

const options = { definition: () => '{"id":"delivery"}', context: true };
const { record, journal } = aRun({ run: runNumber(1) });
const first: Entry = journal[0] ?? fail();
function fail(): never {
  throw new Error("a run has a row");
}
const rowOf = (changes: Partial<Entry>) =>
  rowFrames(record, { ...first, from: "received", event: "TOLD", ...changes }, options);

describe("texts from elsewhere", () => {
  const CANARY = "zq-canary";
  const withCanary = fc.string({ unit: "binary" }).map((text) => `${CANARY} ${text}`);
  const json: fc.Arbitrary<Json> = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      withCanary,
      fc.array(tie("json"), { maxLength: 3 }),
      fc.dictionary(
        fc.oneof(withCanary, fc.constantFrom("draft", "order", "outcome", "status", "attempt", "end")),
        tie("json"),
        {
          maxKeys: 4,
        },
      ),
    ),
  })).json;

  test("have no way into a frame, wherever a record or a row holds them", () => {
    fc.assert(
      fc.property(json, json, withCanary, (data, context, text) => {
        const hostile: ActorRecord = {
          ...record,
          machine: text,
          version: text,
          state: text,
          snapshot: { context, status: text, value: text },
          pending: [],
          parked: { reason: text, at: 1, birth: null, events: [] },
        };
        const row: Entry = {
          ...first,
          seq: hostile.sequence - 1,
          event: text,
          guard: text,
          to: text,
          data,
          observations: [{ name: text, value: data, basis: [] }],
          effects: [],
        };
        const frames = [...registration(hostile, options).frames, ...rowFrames(hostile, row, options).frames];
        expect(frames.length).toBe(3);
        expect(JSON.stringify(frames)).not.toContain(CANARY);
      }),
    );
  });

  test("words of ours pass under their own names alone", () => {
    const data = {
      order: "stale",
      outcome: "completed",
      draft: 2,
      approved: true,
      reason: "completed",
      file: 3,
      digest: true,
    };
    const [, led] = rowOf({ data }).frames;
    expect(led).toMatchObject({ event: { data: { order: "stale", outcome: "completed", draft: 2, approved: true } } });
    expect(JSON.stringify(led)).not.toMatch(/reason|file|digest/);
  });
});

describe("rows", () => {
  test("are an event and the snapshot that it led to, under one id", () => {
    expect(rowOf({ seq: 7, to: "executing.performing", at: 123 }).frames).toMatchObject([
      { type: "@xstate.event", id: `${record.address}#7`, createdAt: "123", event: { type: "TOLD", seq: 7 } },
      { type: "@xstate.snapshot", id: `${record.address}#7`, snapshot: { value: { executing: "performing" } } },
    ]);
  });
  test("that a machine took of its own accord were told nothing", () => {
    expect(rowOf({ event: "always" }).frames.map(({ type }) => type)).toEqual(["@xstate.snapshot"]);
  });
  test("keep the journal's word for timers", () => {
    expect(rowOf({ event: "after approvalTimeout" }).frames[0]).toMatchObject({
      event: { type: "after approvalTimeout" },
    });
  });
  test.each(["xstate.stop", "xstate.init", "xstate.done.actor.x"])("of the private event %s give nothing", (event) => {
    expect(rowOf({ event }).frames).toEqual([]);
  });
});

test("a state's path is XState's value", () => {
  expect([stateValueOf("sealed"), stateValueOf("a.b.c"), stateValueOf("not a state!"), stateValueOf("")]).toEqual([
    "sealed",
    { a: { b: "c" } },
    "unknown",
    "unknown",
  ]);
});

test("actors are called by their addresses, and subjects by a hash: what they are about is the sender's word", () => {
  const address = deliveryAddress(runNumber(1));
  expect(sessionOf(address)).toBe(address);
  const subject = subjectAddress("desk", "hook/secret-project#1");
  expect(sessionOf(subject)).toMatch(/^subject\/[0-9a-f]{16}$/);
  expect(sessionOf(subject)).not.toBe(sessionOf(subjectAddress("desk", "hook/secret-project#2")));
});

test("history is registrations, then rows by time; an actor's own stay in order when the clock was set back", () => {
  const inspected = (address: Address, times: readonly number[]) => ({
    record: { ...record, address, sequence: times.length },
    journal: times.map((at, seq): Entry => ({ ...first, at, seq })),
  });
  const anyTimes = fc.array(fc.nat(20), { maxLength: 8 });
  fc.assert(
    fc.property(fc.array(anyTimes, { minLength: 1, maxLength: 4 }), (all) => {
      const actors = all.map((times, i) => inspected(addressOf(`notice/${i}`), times));
      const told = [...historyOf(actors, 100, options)];
      expect(told.slice(0, all.length).map(({ seq }) => seq)).toEqual(all.map(() => null));
      const rows = told.slice(all.length);
      expect(rows.length).toBe(all.flat().length);
      for (const [i, times] of all.entries())
        expect(rows.filter(({ actor }) => actor === `notice/${i}`).map(({ seq }) => seq)).toEqual(
          times.map((_, seq) => seq),
        );
      const sorted = all.every((times) => times.every((at, i) => i === 0 || (times[i - 1] ?? 0) <= at));
      const at = rows.map(({ frames }) => Number(frames[0]?.createdAt));
      if (sorted && !at.every((time, i) => i === 0 || (at[i - 1] ?? 0) <= time)) throw new Error("out of order");
    }),
  );
});

test("a sieve lets each row through once, registers once, and forgets the actor that it heard of least lately", () => {
  const isNew = createSieve(2);
  const told = (actor: string, seq: number | null) => isNew({ actor, seq });
  expect([told("a", null), told("a", null), told("a", 0), told("a", 0), told("a", 2), told("a", 1)]).toEqual([
    true,
    false,
    true,
    false,
    true,
    false,
  ]);
  expect([told("b", null), told("c", null), told("a", null), told("c", null)]).toEqual([true, true, true, false]);
});
