/**
 * The language that the tests of machines are written in: `given(actor).when(event).gives(state, ...what)`. An actor here is a
 * value, and every step of it goes through the engine's own `step`.
 */
import type { AnyStateMachine } from "xstate";
import { machineOf, type Address, type EffectId } from "../../src/core/ids.ts";
import type { Json } from "../../src/core/observation.ts";
import type { ActorEvent, ActorRecord, Entry, Timer } from "../../src/engine/ports.ts";
import type { Tell } from "../../src/engine/own-words.ts";
import { birth, step, timerEvent, type Stepped } from "../../src/engine/step.ts";

export type Actor = {
  readonly machine: AnyStateMachine;
  readonly record: ActorRecord;
  /** The whole journal. */
  readonly entries: readonly Entry[];
  /** All that it told others. */
  readonly tells: readonly Tell[];
};

const laneOf = (name: string): string => name;

/** Stands in an event for the id of the effect that is pending. */
export const PENDING = "?";
/** The timer of this name fires. */
export const after = (delay: string): ActorEvent => ({ type: `after ${delay}` });

export function begin(machine: AnyStateMachine, address: Address, input: Json): Actor {
  const stepped = birth(machine, address, input, 0, "provider", laneOf);
  if (stepped.kind !== "stepped") throw new Error(`not born: ${stepped.reason}`);
  const { record, entries, tells } = stepped;
  return { machine, record, entries, tells };
}

/** Tells an actor something at a time of its own: 1 for the first thing that it is told after its birth, and so on. */
export function told(actor: Actor, event: ActorEvent): Stepped {
  const now = actor.entries.length;
  if (event.type.startsWith("after ")) {
    const name = event.type.slice("after ".length);
    const timer = actor.record.timers.find(({ id }) => id.includes(`.${name}.`));
    if (timer === undefined) throw new Error(`no timer ${name} is set`);
    return step(actor.machine, actor.record, timerEvent(timer), "timer", now, laneOf);
  }
  return step(actor.machine, actor.record, withEffect(actor.record, event), "provider", now, laneOf);
}

function withEffect(record: ActorRecord, event: ActorEvent): ActorEvent {
  if (!("effect" in event) || event.effect !== PENDING) return event;
  const effect: EffectId | undefined = record.pending[0]?.id;
  if (effect === undefined) throw new Error("no effect is pending");
  return Object.assign({}, event, { effect });
}

/** The actor after all of these. Throws where one of them is not taken. */
export function tell(actor: Actor, ...events: readonly ActorEvent[]): Actor {
  let now = actor;
  for (const event of events) {
    const stepped = told(now, event);
    if (stepped.kind !== "stepped") throw new Error(`${event.type} in ${now.record.state}: ${stepped.reason}`);
    const { record, entries, tells } = stepped;
    now = { ...now, record, entries: [...now.entries, ...entries], tells: [...now.tells, ...tells] };
  }
  return now;
}

const delayOf = (id: string): string => id.split(".")[2] ?? id;
const isIn = (timers: ActorRecord["timers"], { id, generation }: Timer): boolean =>
  timers.some((timer) => timer.id === id && timer.generation === generation);

/** What a step gave, in words: observations with their value, then what is asked for, told, woken and unwoken. */
export function wordsOf(before: ActorRecord, stepped: Stepped): readonly string[] {
  if (stepped.kind === "ignored") return ["ignored"];
  if (stepped.kind === "parked") return [`parked: ${stepped.reason}`];
  const { record, entries, tells } = stepped;
  return [
    ...entries.flatMap(({ observations }) => observations.map((seen) => `${seen.name} = ${valueOf(seen.value)}`)),
    ...entries.flatMap(({ effects }) => effects.map((effect) => `asks ${effect.name}`)),
    ...tells.map(({ to, event }) => `tells ${machineOf(to)} ${event.type}`),
    ...record.timers
      .filter((timer) => !isIn(before.timers, timer))
      .map(({ id, at }) => `wakes ${delayOf(id)} in ${at - record.changed_at}`),
    ...before.timers.filter((timer) => !isIn(record.timers, timer)).map(({ id }) => `unwakes ${delayOf(id)}`),
  ];
}

const valueOf = (value: Json): string => (typeof value === "string" ? value : JSON.stringify(value));

/** `gives` is the state, then what the step gave in words; or `ignored`. */
export function given(actor: Actor) {
  return {
    when: (event: ActorEvent): { readonly gives: readonly string[] } => {
      const stepped = told(actor, event);
      const words = wordsOf(actor.record, stepped);
      return { gives: stepped.kind === "stepped" ? [stepped.record.state, ...words] : words };
    },
  };
}

/** An arrow of the chart, as a journal entry names what it took. `to` is null where the state is not left. */
export type Arrow = {
  readonly from: string;
  readonly event: string;
  readonly guard: string | null;
  readonly to: string | null;
};

type Config = Readonly<Record<string, unknown>>;
const isConfig = (value: unknown): value is Config =>
  typeof value === "object" && value !== null && !Array.isArray(value);
const listOf = (value: unknown): readonly Config[] => (Array.isArray(value) ? value : [value]).filter(isConfig);

/** Every arrow of a machine, eventless and delayed ones too, read from its literal. */
export function arrowsOf(machine: AnyStateMachine): readonly Arrow[] {
  return below(machine.config, "");
}

function below(state: unknown, path: string): readonly Arrow[] {
  if (!isConfig(state)) return [];
  const { on = {}, after: delayed = {}, always = [], states = {} } = state;
  const named = (record: unknown, prefix: string): readonly Arrow[] =>
    Object.entries(isConfig(record) ? record : {}).flatMap(([name, arrows]) =>
      arrowsFrom(path, `${prefix}${name}`, arrows),
    );
  return [
    ...named(on, ""),
    ...named(delayed, "after "),
    ...arrowsFrom(path, "always", always),
    ...Object.entries(isConfig(states) ? states : {}).flatMap(([key, child]) =>
      below(child, path === "" ? key : `${path}.${key}`),
    ),
  ];
}

const arrowsFrom = (from: string, event: string, arrows: unknown): readonly Arrow[] =>
  listOf(arrows).map(({ guard, target }) => ({
    from,
    event,
    guard: typeof guard === "string" ? guard : null,
    to: typeof target === "string" ? target : null,
  }));

/** Which arrow an entry took: of those that fit, the one drawn deepest. */
export function arrowTaken(arrows: readonly Arrow[], entry: Entry): Arrow | undefined {
  const { from } = entry;
  if (from === null) return undefined;
  return arrows
    .filter((arrow) => arrow.event === entry.event && arrow.guard === entry.guard)
    .filter((arrow) => arrow.from === "" || arrow.from === from || from.startsWith(`${arrow.from}.`))
    .toSorted((a, b) => b.from.length - a.from.length)[0];
}

/** Arrows that none of these journals took. */
export function untaken(machine: AnyStateMachine, entries: readonly Entry[]): readonly Arrow[] {
  const arrows = arrowsOf(machine);
  const taken = new Set(entries.map((entry) => arrowTaken(arrows, entry)));
  return arrows.filter((arrow) => !taken.has(arrow));
}
