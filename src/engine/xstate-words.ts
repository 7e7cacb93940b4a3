/**
 * The only file that knows XState's private words: what its built-in actions are called, what a scope must hold, and the
 * inspection event that names each microstep. XState is pinned exactly; `test/contract/xstate.test.ts` names what is relied on.
 */
import { createHash } from "node:crypto";
import type { AnyActorScope, AnyMachineSnapshot, AnyStateMachine } from "xstate";
import { assert } from "../core/assert.ts";
import { canonical } from "../core/canonical.ts";
import type { Json, Observation } from "../core/observation.ts";
import type { ActorEvent } from "./ports.ts";

/** What a microstep wishes for. Nothing of it has been done. */
export type Wish =
  | { readonly kind: "observe"; readonly observation: Observation }
  | { readonly kind: "ask"; readonly name: string; readonly params: Json }
  | { readonly kind: "wake"; readonly timer: string; readonly delayMs: number; readonly event: ActorEvent }
  | { readonly kind: "unwake"; readonly timer: string };

export type Microstep = {
  /** As the journal names it: the event's type, `always` or `after <delay>`. */
  readonly event: string;
  readonly guard: string | null;
  /** False when no transition took the event. */
  readonly taken: boolean;
  /** The state it ends in, as a path. */
  readonly state: string;
  readonly wishes: readonly Wish[];
};

/** A machine brought to life for the length of one step. Throws what a guard or an action throws, and has not moved then. */
export type Live = {
  readonly tell: (event: ActorEvent) => readonly Microstep[];
  readonly state: () => string;
  readonly active: () => boolean;
  readonly resting: () => boolean;
  /** Plain JSON that `restore` takes. */
  readonly snapshot: () => Json;
};

/** States with this tag await nothing of their own accord. */
const RESTING = "resting";
const AFTER = "xstate.after.";

export const isPrivateEvent = (type: string): boolean => type.startsWith("xstate.") || type === "*";

/** Enters the initial state, which must wait there: a machine is born in exactly one microstep. */
export function begin(
  machine: AnyStateMachine,
  input: Json,
): { readonly live: Live; readonly wishes: readonly Wish[] } {
  const recorder = createRecorder();
  const snapshot: AnyMachineSnapshot = machine.getInitialSnapshot(recorder.scope, input);
  if (snapshot.status === "error") throw snapshot.error;
  assert(recorder.microsteps().length === 0, "no eventless transition leaves an initial state");
  return { live: liveFrom(machine, snapshot, recorder), wishes: recorder.wishes() };
}

/** @throws when the snapshot is not one of this machine. */
export function restore(machine: AnyStateMachine, stored: Json): Live {
  assert(isObject(stored), "a snapshot is an object");
  const recorder = createRecorder();
  const status = stored["status"] === "active" ? ({ status: "active" } as const) : ({ status: "done" } as const);
  const whole = { historyValue: {}, ...stored, ...NO_CHILDREN, ...status };
  return liveFrom(machine, machine.restoreSnapshot(whole, recorder.scope), recorder);
}
const NO_CHILDREN = { children: {}, output: undefined, error: undefined } as const;

function liveFrom(machine: AnyStateMachine, first: AnyMachineSnapshot, recorder: Recorder): Live {
  let snapshot = first;
  return {
    tell: (event) => {
      recorder.forget();
      snapshot = machine.transition(snapshot, event, recorder.scope);
      return recorder.microsteps();
    },
    state: () => pathOf(snapshot.value),
    active: () => snapshot.status === "active",
    resting: () => snapshot.hasTag(RESTING),
    snapshot: () => {
      const { status, value, context, historyValue } = snapshot;
      const kept = { status, value, context };
      return Object.keys(historyValue).length === 0 ? kept : { ...kept, historyValue: historyIds(historyValue) };
    },
  };
}

const historyIds = (history: AnyMachineSnapshot["historyValue"]): Json =>
  Object.fromEntries(Object.entries(history).map(([id, nodes]) => [id, nodes.map((node) => ({ id: node.id }))]));

type Recorder = {
  readonly scope: AnyActorScope;
  readonly forget: () => void;
  readonly microsteps: () => readonly Microstep[];
  /** What no microstep has claimed yet: the wishes of the birth. */
  readonly wishes: () => readonly Wish[];
};

const nothing = (): void => undefined;

/** A scope that does nothing and writes down everything. */
function createRecorder(): Recorder {
  let wishes: Wish[] = [];
  let microsteps: Microstep[] = [];
  const inert = {
    id: "",
    sessionId: "",
    self: undefined,
    logger: nothing,
    defer: nothing,
    emit: nothing,
    stopChild: nothing,
    actionExecutor: (action: { readonly type: string; readonly params?: unknown }) => {
      const wish = wishOf(action.type, action.params);
      if (wish !== undefined) wishes.push(wish);
    },
    system: {
      _sendInspectionEvent: (inspected: MicrostepInspected) => {
        if (inspected.type !== "@xstate.microstep") return;
        microsteps.push(microstepOf(inspected, wishes));
        wishes = [];
      },
    },
  };
  return {
    // What the type asks for beyond this (an actor, its system) only `createActor` can make, and a step does not touch it.
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion
    scope: inert as unknown as AnyActorScope,
    forget: () => {
      wishes = [];
      microsteps = [];
    },
    microsteps: () => microsteps,
    wishes: () => wishes,
  };
}

type MicrostepInspected = {
  readonly type: string;
  readonly event: ActorEvent;
  readonly snapshot: Pick<AnyMachineSnapshot, "value">;
  readonly _transitions: readonly {
    readonly eventType: string;
    readonly guard?: unknown;
    readonly source: { readonly id: string };
  }[];
};

function microstepOf({ event, snapshot, ...inspected }: MicrostepInspected, wishes: readonly Wish[]): Microstep {
  const [taken] = inspected["_transitions"];
  const state = pathOf(snapshot.value);
  if (taken === undefined) return { event: event.type, guard: null, taken: false, state, wishes };
  return {
    event: journalName(taken.eventType, taken.source.id),
    guard: guardName(taken.guard),
    taken: true,
    state,
    wishes,
  };
}

function journalName(eventType: string, source: string): string {
  if (eventType === "") return "always";
  if (eventType.startsWith(AFTER)) return `after ${eventType.slice(AFTER.length, -(source.length + 1))}`;
  return eventType;
}

function guardName(guard: unknown): string | null {
  if (guard === undefined) return null;
  if (typeof guard === "string") return guard;
  const named = typeof guard === "object" && guard !== null && "type" in guard ? guard.type : undefined;
  assert(typeof named === "string", "guards have names");
  return named;
}

function wishOf(type: string, params: unknown): Wish | undefined {
  switch (type) {
    case "xstate.emit":
      return { kind: "observe", observation: observationOf(field(params, "event")) };
    case "xstate.raise":
      return wakeOf(params);
    case "xstate.cancel":
      return { kind: "unwake", timer: textOf(params, "sendId") };
    default:
      assert(!type.startsWith("xstate."), `${type} has no place in a pure step`);
      return { kind: "ask", name: type, params: params === undefined ? null : plainJson(params) };
  }
}

/** A raise without a delay is already applied: XState has it in its own queue. */
function wakeOf(params: unknown): Wish | undefined {
  const delayMs = field(params, "delay");
  if (delayMs === undefined) return undefined;
  assert(typeof delayMs === "number", "a delay is a number");
  return {
    kind: "wake",
    timer: textOf(params, "id"),
    delayMs,
    event: { type: textOf(field(params, "event"), "type") },
  };
}

function observationOf(emitted: unknown): Observation {
  assert(field(emitted, "type") === "observation", "machines emit observations and nothing else");
  const basis = field(emitted, "basis");
  assert(Array.isArray(basis), "an observation has a list of what it rests on");
  return { name: textOf(emitted, "name"), value: plainJson(field(emitted, "value")), basis };
}

function field(of: unknown, name: string): unknown {
  return typeof of === "object" && of !== null ? Reflect.get(of, name) : undefined;
}

/** What leaves a machine is written down: anything that JSON would lose is a bug of ours. */
function plainJson(value: unknown): Json {
  assert(isJson(value), "observations and parameters are plain JSON");
  return value;
}

function isJson(value: unknown): value is Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return true;
  if (typeof value === "number") return Number.isFinite(value);
  return typeof value === "object" && Object.values(value).every(isJson);
}

const isObject = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function textOf(of: unknown, name: string): string {
  const text = field(of, name);
  assert(typeof text === "string", `${name} is a text`);
  return text;
}

/** `{ executing: "performing" }` is `executing.performing`. The machines have no parallel states. */
function pathOf(value: AnyMachineSnapshot["value"]): string {
  if (typeof value === "string") return value;
  const [entry] = Object.entries(value);
  if (entry === undefined) return "";
  const [key, below] = entry;
  return below === undefined ? key : `${key}.${pathOf(below)}`;
}

const definitions = new WeakMap<AnyStateMachine, string>();

/** SHA-256 of the machine's literal as canonical JSON: states, arrows, guards, delays and actions by name, not the code behind the names. */
export function definitionOf(machine: AnyStateMachine): string {
  const known = definitions.get(machine);
  if (known !== undefined) return known;
  const plain: Json = JSON.parse(JSON.stringify(machine.config));
  const definition = createHash("sha256").update(canonical(plain)).digest("hex");
  definitions.set(machine, definition);
  return definition;
}
