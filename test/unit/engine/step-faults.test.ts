import { assign, emit, raise, setup } from "xstate";
import { describe, expect, test } from "vitest";
import { delivery } from "../../../machines/delivery.ts";
import { addressOf } from "../../../src/core/ids.ts";
import type { ActorRecord } from "../../../src/engine/ports.ts";
import { birth, step, stepAll, type Message } from "../../../src/engine/step.ts";
import { executing, VERIFIED } from "../../support/delivery-words.ts";

const laneOf = (name: string): string => name;
const ADDRESS = addressOf("toy/1");
const message = (type: string, at = 1): Message => ({ event: { type }, by: "daemon", at });

const types: { context?: { count?: number } } = {};
const toy = setup({
  types,
  guards: {
    never: () => {
      throw new Error("the guard is broken");
    },
  },
  actions: {
    count: assign(({ context }) => ({ count: (context.count ?? 0) + 1 })),
    breakDown: assign(() => {
      throw new Error("the action is broken");
    }),
    observe: emit({ type: "observation", name: "seen", value: true, basis: [] }),
    shout: emit({ type: "noise" }),
    ask: () => undefined,
  },
}).createMachine({
  id: "toy",
  version: "1",
  options: { maxIterations: 64 },
  context: {},
  initial: "idle",
  states: {
    idle: {
      on: {
        COUNT: { actions: ["count", "observe"] },
        GUARDED: { guard: "never", target: "ended" },
        BROKEN: { actions: ["count", "observe", "ask", "breakDown"] },
        NOISE: { actions: "shout" },
        ASK: {
          actions: [
            { type: "ask", params: { n: 1 } },
            { type: "ask", params: { n: 2 } },
          ],
        },
        ASK_BADLY: { actions: { type: "ask", params: () => ({ n: undefined }) } },
        RAISE: { actions: [raise({ type: "COUNT" }), "observe"] },
        SPIN: "spinning",
        END: { target: "ended", actions: "observe" },
      },
    },
    spinning: { always: "spun" },
    spun: { always: "spinning" },
    ended: { type: "final" },
  },
});

function bornToy(): ActorRecord {
  const born = birth(toy, ADDRESS, null, 0, "daemon", laneOf);
  if (born.kind !== "stepped") throw new Error(born.kind);
  return born.record;
}

describe("an actor is parked, with the reason, by", () => {
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ["a guard that throws", "GUARDED", /the guard is broken/],
    ["an action that throws", "BROKEN", /the action is broken/],
    ["a loop without end", "SPIN", /Infinite loop/],
    ["something emitted that is no observation", "NOISE", /observations and nothing else/],
    ["parameters that no disk can keep", "ASK_BADLY", /plain JSON/],
  ];
  test.each(cases)("%s", (_says, type, reason) => {
    const record = bornToy();
    const stepped = step(toy, record, { type }, "daemon", 1, laneOf);
    if (stepped.kind !== "parked") throw new Error(stepped.kind);
    expect(stepped.reason).toMatch(reason);
    expect(stepped).toMatchObject({ record, entries: [], rest: [message(type)] });
  });

  test("a machine that this build lacks", () => {
    const { record } = executing();
    expect(step(undefined, record, VERIFIED, "provider", 1, laneOf)).toMatchObject({
      kind: "parked",
      reason: "no machine delivery 1 in this build",
      record,
    });
  });

  test("a version that is not the record's", () => {
    const record = { ...executing().record, version: "0" };
    const reason = "the record is of machine delivery 0, not of delivery 1";
    expect(step(delivery, record, VERIFIED, "provider", 1, laneOf)).toMatchObject({ kind: "parked", reason });
  });

  test("a birth without a machine, and then there is no record", () => {
    expect(birth(undefined, ADDRESS, null, 1, "daemon", laneOf)).toMatchObject({
      kind: "parked",
      record: null,
      entries: [],
    });
  });

  test("a birth that throws", () => {
    expect(birth(delivery, ADDRESS, null, 1, "daemon", laneOf)).toMatchObject({
      kind: "parked",
      record: null,
      entries: [],
    });
  });

  test("a snapshot that is not the machine's", () => {
    const record = { ...bornToy(), snapshot: { status: "active", value: "elsewhere", context: {} } };
    expect(step(toy, record, { type: "COUNT" }, "daemon", 1, laneOf).kind).toBe("parked");
  });
});

test("what came before the fault is kept, and the rest is given back", () => {
  const told = [message("COUNT", 1), message("BROKEN", 2), message("COUNT", 3)];
  const stepped = stepAll(toy, bornToy(), told, laneOf);
  expect(stepped).toMatchObject({
    kind: "parked",
    record: { sequence: 2, changed_at: 1, snapshot: { context: { count: 1 } }, pending: [] },
    entries: [{ event: "COUNT" }],
    rest: told.slice(1),
  });
});

test("a fault in the first events of a birth keeps the birth", () => {
  const stepped = stepAll(toy, { address: ADDRESS, input: null, by: "daemon", at: 0 }, [message("BROKEN")], laneOf);
  expect(stepped).toMatchObject({
    kind: "parked",
    record: { sequence: 1, state: "idle" },
    entries: [{ event: "init" }],
  });
});

test("a machine that has ended is told nothing more", () => {
  const stepped = stepAll(toy, bornToy(), [message("END"), message("COUNT")], laneOf);
  if (stepped.kind !== "stepped") throw new Error(stepped.kind);
  expect(stepped.entries.map(({ event }) => event)).toEqual(["END"]);
  expect(step(toy, stepped.record, { type: "COUNT" }, "daemon", 2, laneOf)).toEqual({
    kind: "ignored",
    reason: "the machine has ended",
  });
});

test("an event that a machine raises for itself is a microstep of its own", () => {
  const stepped = step(toy, bornToy(), { type: "RAISE" }, "daemon", 1, laneOf);
  expect(stepped).toMatchObject({
    kind: "stepped",
    entries: [
      { event: "RAISE", seq: 1 },
      { event: "COUNT", seq: 2 },
    ],
  });
});

test("effects of one entry are told apart by their index", () => {
  const stepped = step(toy, bornToy(), { type: "ASK" }, "daemon", 1, laneOf);
  expect(stepped).toMatchObject({
    record: {
      pending: [
        { id: "toy/1#1:0", params: { n: 1 } },
        { id: "toy/1#1:1", params: { n: 2 } },
      ],
    },
    entries: [
      {
        effects: [
          { id: "toy/1#1:0", name: "ask" },
          { id: "toy/1#1:1", name: "ask" },
        ],
      },
    ],
  });
});
