import { afterEach, describe, expect, test } from "vitest";
import { effectIdOf } from "../../../src/core/ids.ts";
import { advance, type Advanced, type AdvanceWorld, type Told } from "../../../src/engine/advance.ts";
import type { ActorRecord, DueTimer, Mail, Position } from "../../../src/engine/ports.ts";
import { artifactOf } from "../../support/store-changes.ts";
import { a, birthOf, buildWith, faults, mailFor, operator, outcomeOf } from "./toy-desk.ts";

afterEach(() => Object.assign(faults, { guard: false, birth: false }));

const world: AdvanceWorld = { now: 50, laneOf: (name) => name, machine: buildWith("1") };
const mail = (position: Position, placed: Mail): Told => ({ kind: "mail", placed: { position, mail: placed } });
const outcome = (type: string, effect: string): Told => ({
  kind: "outcome",
  outcome: outcomeOf(type, effect),
  done: () => undefined,
});
const timer = (due: Omit<DueTimer, "address">): Told => ({
  kind: "timer",
  timer: { ...due, address: a },
  done: () => undefined,
});
const start = (index: number, sequence = 1): Told => ({
  kind: "start",
  effect: effectIdOf(a, sequence, index),
  done: () => undefined,
});

/** The record that each batch leads to, one commit after the other. */
function told(...batches: readonly (readonly Told[])[]): ActorRecord {
  let record: ActorRecord | undefined;
  for (const batch of batches) record = advance(a, record, batch, world).change?.record ?? record;
  if (record === undefined) throw new Error("nobody was born");
  return record;
}

const events = ({ change }: Advanced): readonly string[] | undefined => change?.entries.map(({ event }) => event);

describe("mail", () => {
  test("bears an actor and tells it what came with the birth, in one change", () => {
    const body = artifactOf("body");
    const row = { name: "body", key: "k" } as const;
    const born = { ...birthOf(a, "TOLD"), at: 7, artifacts: [body], index: [row] };
    const advanced = advance(a, undefined, [mail([1, 0], born)], world);
    expect(events(advanced)).toEqual(["init", "TOLD"]);
    expect(advanced.change).toMatchObject({ before: null, artifacts: [body], index: [row] });
    expect(advanced.change?.record).toMatchObject({ born_at: 7, applied: [1, 0], machine: "toy", version: "1" });
  });

  test("of several batches becomes one change", () => {
    const advanced = advance(
      a,
      undefined,
      [mail([1, 0], birthOf(a)), mail([1, 3], mailFor(a, ["TOLD"])), mail([2, 0], mailFor(a, ["WORK"]))],
      world,
    );
    expect(events(advanced)).toEqual(["init", "TOLD", "WORK"]);
    expect(advanced.change?.record.applied).toEqual([2, 0]);
  });

  test.each<readonly [string, Position]>([
    ["taken in last", [2, 1]],
    ["taken in before, of the same batch", [2, 0]],
    ["taken in before, of an older batch", [1, 7]],
  ])("that was %s is skipped", (_says, position) => {
    const record = told([mail([1, 0], birthOf(a))], [mail([2, 1], mailFor(a, ["TOLD"]))]);
    expect(advance(a, record, [mail(position, mailFor(a, ["TOLD"]))], world).change).toBeUndefined();
  });

  test("that offers the birth again is skipped, with all that came with it", () => {
    const record = told([mail([1, 0], birthOf(a, "TOLD"))]);
    const advanced = advance(a, record, [mail([2, 0], birthOf(a, "TOLD"))], world);
    expect(events(advanced)).toEqual([]);
    expect(advanced.change?.record.applied).toEqual([2, 0]);
  });

  test("that offers the birth twice in one batch bears one actor", () => {
    const twice = [mail([1, 0], birthOf(a, "TOLD")), mail([2, 0], birthOf(a, "TOLD"))];
    expect(events(advance(a, undefined, twice, world))).toEqual(["init", "TOLD"]);
  });

  test("to an actor that was never born changes nothing", () => {
    expect(advance(a, undefined, [mail([1, 0], mailFor(a, ["TOLD"]))], world).change).toBeUndefined();
  });

  test("that the state does not take is noted as taken in, so that it is never told again in another state", () => {
    const record = told([mail([1, 0], birthOf(a))]);
    const { change } = advance(a, record, [mail([2, 0], mailFor(a, ["STAY"]))], world);
    expect(change?.entries).toEqual([]);
    expect(change?.record).toEqual({ ...record, applied: [2, 0] });
  });

  test("with a name that is private to XState is not told", () => {
    const record = told([mail([1, 0], birthOf(a, "WAIT"))]);
    const sent = mail([2, 0], mailFor(a, ["xstate.after.1000.toy.waiting", "xstate.stop", "*"]));
    const advanced = advance(a, record, [sent], world);
    expect(events(advanced)).toEqual([]);
    expect(advanced.change?.record.state).toBe("waiting");
  });
});

describe("an outcome", () => {
  const asked = (): ActorRecord => told([mail([1, 0], birthOf(a, "WORK"))]);

  test("settles its effect", () => {
    const advanced = advance(a, asked(), [outcome("EFFECT_DONE", `${a}#1:0`)], world);
    expect(events(advanced)).toEqual(["EFFECT_DONE"]);
    expect(advanced.change?.record.pending).toEqual([]);
  });

  test("that is told twice is taken in once", () => {
    const twice = [outcome("EFFECT_DONE", `${a}#1:0`), outcome("EFFECT_DONE", `${a}#1:0`)];
    const advanced = advance(a, asked(), twice, world);
    expect(events(advanced)).toEqual(["EFFECT_DONE"]);
    const later = advance(a, advanced.change?.record, [outcome("EFFECT_FAILED", `${a}#1:0`)], world);
    expect(later.change).toBeUndefined();
  });

  test("of an effect that nobody asked for is ignored", () => {
    expect(advance(a, asked(), [outcome("EFFECT_DONE", `${a}#9:0`)], world).change).toBeUndefined();
  });
});

describe("a timer", () => {
  const waiting = (): ActorRecord => told([mail([1, 0], birthOf(a, "WAIT"))]);
  const set = { at: 1001, id: "xstate.after.1000.toy.waiting", generation: 1 };

  test("is told when its generation is the record's", () => {
    const advanced = advance(a, waiting(), [timer(set)], world);
    expect(events(advanced)).toEqual(["after 1000"]);
    expect(advanced.change?.record).toMatchObject({ state: "idle", timers: [] });
  });

  test("of another generation is stale and changes nothing", () => {
    expect(advance(a, waiting(), [timer({ ...set, generation: 0 })], world).change).toBeUndefined();
  });

  test("whose state was left before is stale and changes nothing", () => {
    const left = told([mail([1, 0], birthOf(a, "WAIT", "STAY"))]);
    expect(advance(a, left, [timer(set)], world).change).toBeUndefined();
  });
});

describe("a start", () => {
  test("marks its effect, and no other, as started", () => {
    const record = told([mail([1, 0], birthOf(a, "ONCE", "ONCE"))]);
    const { change, mayStart } = advance(a, record, [start(0)], world);
    expect(change?.record.pending.map(({ started }) => started)).toEqual([true, false]);
    expect([...mayStart]).toEqual([`${a}#1:0`]);
  });

  test("of an effect that is not pending any more may not begin", () => {
    const record = told([mail([1, 0], birthOf(a, "ONCE"))], [outcome("EFFECT_DONE", `${a}#1:0`)]);
    const { change, mayStart } = advance(a, record, [start(0)], world);
    expect({ change, mayStart: [...mayStart] }).toEqual({ change: undefined, mayStart: [] });
  });

  test("does not step the machine: an actor of a version unknown here is not parked by it", () => {
    const record = told([mail([1, 0], birthOf(a, "ONCE"))]);
    const { change } = advance(a, record, [start(0)], { ...world, machine: buildWith("2") });
    expect(change?.record.parked).toBeNull();
  });
});

describe("an actor is parked", () => {
  test("when its guard throws, with what came before kept and the message that it lies in", () => {
    const record = told([mail([1, 0], birthOf(a))]);
    faults.guard = true;
    const advanced = advance(a, record, [mail([2, 0], mailFor(a, ["TOLD", "GUARDED", "WORK"]))], world);
    expect(events(advanced)).toEqual(["TOLD"]);
    expect(advanced.parkedBecause).toMatch(/the guard is broken/);
    expect(advanced.change?.record).toMatchObject({ resting: false, applied: [2, 0] });
    expect(advanced.change?.record.parked?.events.map(({ event }) => event.type)).toEqual(["GUARDED", "WORK"]);
  });

  test("when this build has not the version that it was born with", () => {
    const record = told([mail([1, 0], birthOf(a))]);
    const elsewhere = { ...world, machine: buildWith("2") };
    const advanced = advance(a, record, [mail([2, 0], mailFor(a, ["TOLD"]))], elsewhere);
    expect(advanced.parkedBecause).toBe("no machine toy 1 in this build");
    expect(advanced.change?.entries).toEqual([]);
  });

  test("when it cannot be born, with its birth and what it was told then", () => {
    faults.birth = true;
    const { change } = advance(a, undefined, [mail([1, 0], { ...birthOf(a, "TOLD"), at: 7 })], world);
    expect(change?.record).toMatchObject({ state: "unborn", sequence: 0, born_at: 7, applied: [1, 0], resting: false });
    expect(change?.record.parked).toMatchObject({ at: 50, birth: { input: {}, by: "provider", at: 7 } });
    expect(change?.record.parked?.events.map(({ event }) => event.type)).toEqual(["TOLD"]);
  });
});

describe("a parked actor", () => {
  function parked(): ActorRecord {
    faults.guard = true;
    return told([mail([1, 0], birthOf(a))], [mail([2, 0], mailFor(a, ["GUARDED"]))]);
  }
  const kept = ({ change }: Advanced): readonly string[] | undefined =>
    change?.record.parked?.events.map(({ event }) => event.type);

  test("keeps what it is told, in order, and steps nothing", () => {
    const advanced = advance(
      a,
      parked(),
      [mail([3, 0], mailFor(a, ["TOLD"])), mail([3, 1], mailFor(a, ["WORK"]))],
      world,
    );
    expect(events(advanced)).toEqual([]);
    expect(kept(advanced)).toEqual(["GUARDED", "TOLD", "WORK"]);
    expect(advanced.change?.record.applied).toEqual([3, 1]);
  });

  test("skips mail that it keeps already", () => {
    expect(advance(a, parked(), [mail([2, 0], mailFor(a, ["GUARDED"]))], world).change).toBeUndefined();
  });

  test("does not keep timers: the index has them", () => {
    expect(advance(a, parked(), [timer({ at: 1, id: "x", generation: 1 })], world).change).toBeUndefined();
  });

  test("keeps an outcome", () => {
    expect(kept(advance(a, parked(), [outcome("EFFECT_DONE", `${a}#1:0`)], world))).toEqual(["GUARDED", "EFFECT_DONE"]);
  });

  test("that an operator resumes is told all again", () => {
    const record = parked();
    faults.guard = false;
    const advanced = advance(
      a,
      record,
      [mail([3, 0], mailFor(a, ["TOLD"])), mail([3, 1], operator(a, "RESUME"))],
      world,
    );
    expect(events(advanced)).toEqual(["GUARDED", "TOLD"]);
    expect(advanced.change?.record.parked).toBeNull();
    expect(advanced.change?.record.resting).toBe(true);
  });

  test("that is resumed and takes nothing of what it was told is at rest again, if its state is", () => {
    const record = told([mail([1, 0], birthOf(a))]);
    const elsewhere = { ...world, machine: buildWith("2") };
    const set = advance(a, record, [mail([2, 0], mailFor(a, ["STAY"]))], elsewhere).change?.record;
    expect(set).toMatchObject({ resting: false });
    const { change } = advance(a, set, [mail([3, 0], operator(a, "RESUME"))], world);
    expect(change).toMatchObject({ entries: [], record: { resting: true, parked: null, applied: [3, 0] } });
  });

  test("that is resumed before its fault is mended is parked again, with all that it was told", () => {
    const advanced = advance(
      a,
      parked(),
      [mail([3, 0], operator(a, "RESUME")), mail([3, 1], mailFor(a, ["TOLD"]))],
      world,
    );
    expect(advanced.parkedBecause).toMatch(/the guard is broken/);
    expect(kept(advanced)).toEqual(["GUARDED", "TOLD"]);
  });

  test("is resumed by an operator alone", () => {
    const record = parked();
    faults.guard = false;
    expect(kept(advance(a, record, [mail([3, 0], mailFor(a, ["RESUME"]))], world))).toEqual(["GUARDED", "RESUME"]);
  });
});

describe("an actor that was parked before its birth", () => {
  function unborn(): ActorRecord {
    faults.birth = true;
    const record = told([mail([1, 0], { ...birthOf(a, "TOLD"), at: 7 })]);
    faults.birth = false;
    return record;
  }

  test("keeps what is sent to it, and skips its birth when that is offered again", () => {
    const advanced = advance(
      a,
      unborn(),
      [mail([2, 0], birthOf(a, "TOLD")), mail([3, 0], mailFor(a, ["WORK"]))],
      world,
    );
    expect(advanced.change?.record.parked?.events.map(({ event }) => event.type)).toEqual(["TOLD", "WORK"]);
  });

  test("is born when an operator resumes it, at the time it was to be born, and told all since", () => {
    const kept = advance(a, unborn(), [mail([2, 0], mailFor(a, ["WORK"]))], world).change?.record;
    const { change } = advance(a, kept, [mail([3, 0], operator(a, "RESUME"))], world);
    expect(change?.entries.map(({ seq, event, at }) => [seq, event, at])).toEqual([
      [0, "init", 7],
      [1, "TOLD", 7],
      [2, "WORK", 1],
    ]);
    expect(change?.record).toMatchObject({ born_at: 7, applied: [3, 0], parked: null, version: "1" });
    expect(change?.before?.born_at).toBe(7);
  });
});
