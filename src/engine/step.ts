/**
 * One actor's events in; its next record, and the journal entries that led there, out. Pure: it runs nothing, and the same
 * record and events give the same answer on any machine, so that what is durable is the mail and the rest can be made again.
 */
import type { AnyStateMachine } from "xstate";
import { assert, reasonOf } from "../core/assert.ts";
import { effectIdOf, type Address, type EffectId, type Instant } from "../core/ids.ts";
import type { Json, Observation } from "../core/observation.ts";
import type { ActorEvent, ActorRecord, By, Entry, Parked, PendingEffect, Timer } from "./ports.ts";
import { FORGET_TOLD, obeys, type Tell } from "./own-words.ts";
import { begin, definitionOf, isPrivateEvent, restore, type Live, type Microstep, type Wish } from "./xstate-words.ts";

/** Something an actor is told, by whom and when. */
export type Message = Parked["events"][number];
/** What an actor that does not exist yet is born with. */
export type Birth = { readonly address: Address; readonly input: Json; readonly by: By; readonly at: Instant };
/** Which lane an effect waits in. */
export type LaneOf = (name: string, params: Json) => string;

export type Stepped =
  | {
      readonly kind: "stepped";
      readonly record: ActorRecord;
      readonly entries: readonly Entry[];
      readonly tells: readonly Tell[];
      readonly forgets: Forgets;
    }
  /** Nothing changes: the event is stale, already applied, or not for this state. */
  | { readonly kind: "ignored"; readonly reason: string }
  /**
   * `record`, `entries` and `tells` hold what came before the fault (null and none if that is nothing); `rest` begins with the message
   * that it lies in.
   */
  | {
      readonly kind: "parked";
      readonly reason: string;
      readonly record: ActorRecord | null;
      readonly entries: readonly Entry[];
      readonly tells: readonly Tell[];
      readonly forgets: Forgets;
      readonly rest: readonly Message[];
    };

/**
 * `past`: the journal before these entries is dropped. `told`: what came with the messages (artifacts, rows of an index) is not kept; a
 * machine that says so of one message keeps nothing of any other that is told with it.
 */
export type Forgets = { readonly past: boolean; readonly told: boolean };

/** How a timer is told. The step knows by the generation whether it is still meant. */
export const timerEvent = (timer: Pick<Timer, "id" | "generation">): ActorEvent & Pick<Timer, "id" | "generation"> => ({
  type: TIMER,
  id: timer.id,
  generation: timer.generation,
});

const TIMER = "TIMER";
export function birth(
  machine: AnyStateMachine | undefined,
  address: Address,
  input: Json,
  now: Instant,
  by: By,
  laneOf: LaneOf,
): Stepped {
  return stepAll(machine, { address, input, by, at: now }, [], laneOf);
}

export function step(
  machine: AnyStateMachine | undefined,
  record: ActorRecord,
  event: ActorEvent,
  by: By,
  now: Instant,
  laneOf: LaneOf,
): Stepped {
  return stepAll(machine, record, [{ event, by, at: now }], laneOf);
}

/** Steps through several messages with one restoring of the snapshot. The same as one `step` after the other. */
export function stepAll(
  machine: AnyStateMachine | undefined,
  from: ActorRecord | Birth,
  messages: readonly Message[],
  laneOf: LaneOf,
): Stepped {
  const record = "machine" in from ? from : null;
  const misfit = misfitOf(machine, record);
  if (machine === undefined || misfit !== null) return parked(misfit ?? "", record, undefined, messages);
  const draft: Draft = {
    address: from.address,
    laneOf,
    entries: [],
    sequence: record?.sequence ?? 0,
    pending: [...(record?.pending ?? [])],
    timers: [...(record?.timers ?? [])],
    tells: [],
    forgetsPast: false,
    forgetsTold: false,
  };
  let live: Live | undefined;
  let ignored = "nothing was told";
  let told = 0;
  try {
    live = "machine" in from ? restore(machine, from.snapshot) : born(machine, from, draft);
    for (const message of messages) {
      ignored = tell(draft, live, message) ?? ignored;
      told += 1;
    }
  } catch (error) {
    const reached = live === undefined ? record : recordOf(machine, from, draft, live);
    return parked(reasonOf(error), reached, draft, messages.slice(told));
  }
  if (draft.entries.length === 0) return { kind: "ignored", reason: ignored };
  const { entries, tells } = draft;
  return { kind: "stepped", record: recordOf(machine, from, draft, live), entries, tells, forgets: forgetsOf(draft) };
}

const parked = (
  reason: string,
  record: ActorRecord | null,
  draft: Draft | undefined,
  rest: readonly Message[],
): Stepped => ({
  kind: "parked",
  reason,
  record,
  entries: draft?.entries ?? [],
  tells: draft?.tells ?? [],
  forgets: forgetsOf(draft),
  rest,
});

const forgetsOf = (draft: Draft | undefined): Forgets => ({
  past: draft?.forgetsPast ?? false,
  told: draft?.forgetsTold ?? false,
});

function misfitOf(machine: AnyStateMachine | undefined, record: ActorRecord | null): string | null {
  if (machine === undefined) return `no machine ${record === null ? "of this name" : nameOf(record)} in this build`;
  if (record === null || (record.machine === machine.id && record.version === machine.version)) return null;
  return `the record is of machine ${nameOf(record)}, not of ${machine.id} ${machine.version ?? ""}`;
}
const nameOf = (record: ActorRecord): string => `${record.machine} ${record.version}`;

/** A step under way. */
type Draft = {
  readonly address: Address;
  readonly laneOf: LaneOf;
  readonly entries: Entry[];
  sequence: number;
  pending: PendingEffect[];
  timers: Timer[];
  readonly tells: Tell[];
  forgetsPast: boolean;
  forgetsTold: boolean;
};

function born(machine: AnyStateMachine, { input, by, at }: Birth, draft: Draft): Live {
  const { live, wishes } = begin(machine, input);
  const first: Microstep = { event: "init", guard: null, taken: true, state: live.state(), wishes };
  write(draft, first, null, { event: { type: "init" }, by, at }, input);
  return live;
}

/** Tells the machine one message. Answers why it was ignored, or null. Throws before it changes the draft. */
function tell(draft: Draft, live: Live, { event, by, at }: Message): string | null {
  if (!live.active()) return "the machine has ended";
  if (isPrivateEvent(event.type)) return `${event.type} is no event of ours`;
  const effect = "effect" in event ? event.effect : undefined;
  if (effect !== undefined && !draft.pending.some(({ id }) => id === effect)) return "that effect is not pending";
  const timer = event.type === TIMER ? timerOf(draft, event) : undefined;
  if (event.type === TIMER && timer === undefined) return "that timer is stale";
  const { type: _type, ...data } = event;

  let from = live.state();
  const microsteps = live.tell(timer === undefined ? event : asEvent(timer.event));
  const settles = effect !== undefined || timer !== undefined;
  if (effect !== undefined) draft.pending = draft.pending.filter(({ id }) => id !== effect);
  if (timer !== undefined) draft.timers = draft.timers.filter((other) => other !== timer);
  let wrote = false;
  for (const microstep of microsteps) {
    if (!microstep.taken && !settles) continue;
    write(draft, microstep, from, { event, by, at }, wrote || timer !== undefined ? {} : data);
    from = microstep.state;
    wrote = true;
  }
  return wrote ? null : `${event.type} is not for the state ${from}`;
}

function timerOf(draft: Draft, event: ActorEvent): Timer | undefined {
  const { id, generation } = { id: undefined, generation: undefined, ...event };
  return draft.timers.find((timer) => timer.id === id && timer.generation === generation);
}

function asEvent(stored: Json): ActorEvent {
  assert(typeof stored === "object" && stored !== null && "type" in stored, "a timer holds an event");
  assert(typeof stored["type"] === "string", "an event has a type");
  return { type: stored["type"] };
}

function write(draft: Draft, microstep: Microstep, from: string | null, { by, at }: Message, data: Json): void {
  const seq = draft.sequence;
  const observations: Observation[] = [];
  const effects: { readonly id: EffectId; readonly name: string }[] = [];
  for (const wish of microstep.wishes) {
    switch (wish.kind) {
      case "observe":
        observations.push(wish.observation);
        break;
      case "ask":
        if (!obeys(draft, wish)) effects.push(ask(draft, wish, effectIdOf(draft.address, seq, effects.length), at));
        break;
      case "wake":
        draft.timers.push({ id: wish.timer, at: at + wish.delayMs, generation: seq, event: { type: wish.event.type } });
        break;
      case "unwake":
        draft.timers = draft.timers.filter(({ id }) => id !== wish.timer);
    }
  }
  const { event, guard, state: to } = microstep;
  const isForgotten = microstep.wishes.some((wish) => wish.kind === "ask" && wish.name === FORGET_TOLD);
  draft.entries.push({ seq, at, event, by, from, to, guard, observations, effects, data: isForgotten ? {} : data });
  draft.sequence = seq + 1;
}

function ask(draft: Draft, { name, params }: Wish & { readonly kind: "ask" }, id: EffectId, at: Instant) {
  draft.pending.push({ id, name, lane: draft.laneOf(name, params), params, asked_at: at, started: false });
  return { id, name };
}

const rests = (live: Live, { pending, timers }: Pick<ActorRecord, "pending" | "timers">): boolean =>
  live.resting() && pending.length === 0 && timers.length === 0;

/** Whether nothing is awaited of this actor. @throws when the snapshot is not one of this machine */
export const isAtRest = (machine: AnyStateMachine, record: ActorRecord): boolean =>
  rests(restore(machine, record.snapshot), record);

function recordOf(machine: AnyStateMachine, from: ActorRecord | Birth, draft: Draft, live: Live): ActorRecord {
  const { address, sequence, pending, timers, entries } = draft;
  const resting = rests(live, draft);
  const moved = { sequence, state: live.state(), resting, snapshot: live.snapshot(), pending, timers };
  if ("machine" in from) return { ...from, ...moved, changed_at: entries.at(-1)?.at ?? from.changed_at };
  return {
    address,
    machine: machine.id,
    version: machine.version ?? "",
    definition: definitionOf(machine),
    applied: null,
    born_at: from.at,
    changed_at: entries.at(-1)?.at ?? from.at,
    parked: null,
    ...moved,
  };
}
