import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { delivery } from "../../../machines/delivery.ts";
import { deliveryAddress } from "../../../src/core/ids.ts";
import type { ActorRecord } from "../../../src/engine/ports.ts";
import { birth, step, stepAll, type Message } from "../../../src/engine/step.ts";
import {
  asJson,
  cancel,
  conflict,
  done,
  duplicate,
  executing,
  failed,
  inputWith,
  normalized,
  outcomeOf,
  recorded,
  refused,
  RUN,
  SEALED,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { tell } from "../../support/machine-given.ts";

fc.configureGlobal({ seed: 1, numRuns: 100 });

const ADDRESS = deliveryAddress(RUN);
const INPUT = asJson(inputWith());
const laneOf = (name: string): string => `lane of ${name}`;
const born = birth(delivery, ADDRESS, INPUT, 100, "provider", laneOf);
const opening = [VERIFIED, normalized(), recorded()];
const messages = opening.map((event, index): Message => ({ event, by: "provider", at: 101 + index }));
const opened = stepAll(delivery, { address: ADDRESS, input: INPUT, by: "provider", at: 100 }, messages, laneOf);

const effectsOf = (record: ActorRecord): readonly string[] => record.pending.map(({ id }) => id);

describe("a birth", () => {
  test("is entry 0, and its data is the input", () => {
    expect(born).toMatchObject({
      kind: "stepped",
      entries: [{ seq: 0, at: 100, event: "init", by: "provider", from: null, to: "received", data: INPUT }],
    });
  });

  test("makes a record that names its machine", () => {
    expect(born).toMatchObject({
      record: {
        address: ADDRESS,
        machine: "delivery",
        version: "1",
        sequence: 1,
        born_at: 100,
        applied: null,
        parked: null,
      },
    });
  });
});

describe("stepping through several events", () => {
  test("writes an entry a microstep, in one row", () => {
    if (opened.kind !== "stepped") throw new Error(opened.kind);
    expect(opened.entries.map(({ seq, event, guard, from, to }) => [seq, event, guard, from, to])).toEqual([
      [0, "init", null, null, "received"],
      [1, "VERIFIED", null, "received", "verified"],
      [2, "NORMALIZED", null, "verified", "normalized"],
      [3, "RECORDED", null, "normalized", "recorded"],
      [4, "always", null, "recorded", "executing.performing"],
    ]);
  });

  test("keeps an event's fields with the entry that took it", () => {
    if (opened.kind !== "stepped") throw new Error(opened.kind);
    const { type: _type, ...data } = recorded();
    expect(opened.entries.map((entry) => entry.data).slice(3)).toEqual([data, {}]);
  });

  test("gives effects an id of address, sequence and index, and a lane", () => {
    expect(opened).toMatchObject({
      record: {
        pending: [
          {
            id: `${ADDRESS}#4:0`,
            name: "writeInboxItem",
            lane: "lane of writeInboxItem",
            asked_at: 103,
            started: false,
          },
        ],
      },
    });
  });

  test("names the guard that was true", () => {
    const stepped = step(delivery, executing().record, outcomeOf(`${ADDRESS}#4:0`, failed(true)), "daemon", 9, laneOf);
    expect(stepped).toMatchObject({ entries: [{ guard: "mayRetry" }] });
  });

  test("is told apart from nothing", () => {
    expect(stepAll(delivery, executing().record, [], laneOf)).toEqual({ kind: "ignored", reason: "nothing was told" });
  });

  const walk = fc.array(
    fc.constantFrom(...opening, done(), failed(true), SEALED, duplicate, conflict, cancel, refused(true)),
    {
      maxLength: 12,
    },
  );

  test("gives what one step after the other gives", () => {
    fc.assert(
      fc.property(walk, (events) => {
        if (born.kind !== "stepped") throw new Error(born.kind);
        let { record, entries, tells } = born;
        const told: Message[] = [];
        for (const event of events) {
          const effect = effectsOf(record)[0] ?? "none";
          const message: Message = {
            event: "effect" in event ? outcomeOf(effect, event) : event,
            by: "daemon",
            at: 200,
          };
          told.push(message);
          const stepped = step(delivery, record, message.event, message.by, message.at, laneOf);
          if (stepped.kind !== "stepped") continue;
          record = stepped.record;
          entries = [...entries, ...stepped.entries];
          tells = [...tells, ...stepped.tells];
        }
        const atOnce = stepAll(delivery, { address: ADDRESS, input: INPUT, by: "provider", at: 100 }, told, laneOf);
        expect(atOnce).toMatchObject({ kind: "stepped", record, entries, tells });
      }),
    );
  });

  test("gives the same from a record that lay on a disk", () => {
    fc.assert(
      fc.property(walk, (events) => {
        const { record } = executing();
        const read: ActorRecord = JSON.parse(JSON.stringify(record));
        expect(read).toEqual(record);
        const told = events.map((event): Message => ({ event, by: "daemon", at: 200 }));
        expect(stepAll(delivery, read, told, laneOf)).toEqual(stepAll(delivery, record, told, laneOf));
      }),
    );
  });

  test("leaves the record that it was given as it was", () => {
    const record = deepFrozen(executing().record);
    expect(step(delivery, record, conflict, "provider", 9, laneOf).kind).toBe("stepped");
    expect(step(delivery, record, cancel, "operator", 9, laneOf).kind).toBe("stepped");
  });
});

describe("an outcome", () => {
  const { record } = executing();
  const effect = `${ADDRESS}#4:0`;

  test("takes its effect off the list", () => {
    const stepped = step(delivery, record, outcomeOf(effect, done()), "daemon", 9, laneOf);
    expect(stepped).toMatchObject({ record: { pending: [{ name: "sealRun" }] } });
  });

  test("is ignored when it was applied before", () => {
    const first = step(delivery, record, outcomeOf(effect, done()), "daemon", 9, laneOf);
    if (first.kind !== "stepped") throw new Error(first.kind);
    const again = step(delivery, first.record, outcomeOf(effect, done()), "daemon", 9, laneOf);
    expect(again).toEqual({ kind: "ignored", reason: "that effect is not pending" });
  });

  test("of an effect that was given up is ignored", () => {
    const cancelled = tell(executing(), cancel);
    const late = step(delivery, cancelled.record, outcomeOf(effect, failed(true)), "daemon", 9, laneOf);
    expect(late.kind).toBe("ignored");
  });

  test("that no arrow takes settles its effect all the same, in an entry of its own", () => {
    const told = { type: "ORDERS_SETTLED", effect, executed: 0, failed: 0 };
    expect(step(delivery, record, told, "daemon", 9, laneOf)).toMatchObject({
      record: { sequence: 6, pending: [] },
      entries: [
        { event: "ORDERS_SETTLED", from: "executing.performing", to: "executing.performing", observations: [] },
      ],
    });
  });
});

describe("what is not for an actor is ignored:", () => {
  test.each(["xstate.init", "xstate.stop", "xstate.after.backoff.delivery.executing.backing-off", "*"])(
    "%s",
    (type) => {
      const stepped = step(delivery, tell(executing(), failed(true)).record, { type }, "provider", 9, laneOf);
      expect(stepped).toEqual({ kind: "ignored", reason: `${type} is no event of ours` });
    },
  );

  test("an event that its state has no arrow for", () => {
    const stepped = step(delivery, executing().record, VERIFIED, "provider", 9, laneOf);
    expect(stepped).toEqual({ kind: "ignored", reason: "VERIFIED is not for the state executing.performing" });
  });
});

function deepFrozen<T>(value: T): T {
  if (typeof value === "object" && value !== null)
    for (const part of Object.values(Object.freeze(value))) deepFrozen(part);
  return value;
}
