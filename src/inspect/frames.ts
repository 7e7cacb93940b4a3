/**
 * Journals as frames of the inspection protocol of `@statelyai/inspect`. By allow-list, field by field: what a frame may hold are ids, the
 * words of our machines, numbers, flags and times. What a sender, an agent or a person wrote (payload, headers, facts, reasons, file
 * names) has no way in, with `context` neither.
 */
import type { Address } from "../core/ids.ts";
import type { ActorRecord, By, Entry } from "../engine/ports.ts";
import { type Allowed, allowedContext, allowedData } from "./allowed.ts";
import { sessionOf } from "./sessions.ts";

/** Of the protocol's package, as its own frames carry it. */
export const PROTOCOL = "0.7.2";

/** XState's own form: `"executing"`, or `{ executing: "performing" }`. */
export type StateValue = string | { readonly [state: string]: StateValue };

export type Snapshot = {
  readonly status: "active" | "done" | "error" | "stopped";
  readonly value: StateValue;
  readonly context: Allowed;
};

/** But for `type` its fields are ours: what the journal's row has, by name, and what is allowed of its data. */
export type FrameEvent = {
  readonly type: string;
  readonly seq: number;
  readonly by: By;
  readonly guard: string | null;
  readonly observed: readonly string[];
  readonly effects: readonly string[];
  readonly data: Allowed;
};

type Base = {
  readonly _version: string;
  /** Milliseconds since 1970, in decimal, as the protocol has it: when it was committed. */
  readonly createdAt: string;
  /** The session, and for what is of one row its number: the same row has the same id in every stream. */
  readonly id: string;
  readonly rootId: string;
  readonly sessionId: string;
};
export type ActorFrame = Base & {
  readonly type: "@xstate.actor";
  readonly name: string;
  /** The machine's literal as JSON text. */
  readonly definition: string;
  readonly snapshot: Snapshot;
};
export type EventFrame = Base & { readonly type: "@xstate.event"; readonly event: FrameEvent };
export type SnapshotFrame = Base & {
  readonly type: "@xstate.snapshot";
  readonly event: FrameEvent;
  readonly snapshot: Snapshot;
};
export type Frame = ActorFrame | EventFrame | SnapshotFrame;

/** The machine's literal as JSON text; undefined when this build has no such machine. */
export type Definition = (machine: string, version: string) => string | undefined;

/** What a frame is of, for whoever must not show it twice. `seq` is null for the registration of the actor. */
export type Told = { readonly actor: string; readonly seq: number | null; readonly frames: readonly Frame[] };

export type FrameOptions = {
  readonly definition: Definition;
  /** Whether snapshots have what is allowed of the context: counters, flags, outcomes. Else it is empty. */
  readonly context: boolean;
};

/** An actor as it is now. A viewer needs this before any frame of the actor. */
export function registration(record: ActorRecord, options: FrameOptions): Told {
  const { machine, version } = record;
  const name = nameOr(machine, NAME, "unknown");
  const definition = options.definition(machine, version) ?? JSON.stringify({ id: name });
  const frame: ActorFrame = {
    type: "@xstate.actor",
    ...baseOf(record.address, record.changed_at, "actor"),
    name,
    definition,
    snapshot: snapshotOf(record.state, options.context ? allowedContext(record) : {}),
  };
  return { actor: frame.sessionId, seq: null, frames: [frame] };
}

/**
 * One row of an actor's journal: what it was told, and where that led. Steps that a machine takes of its own accord (`always`) were told
 * nothing. `record` is the actor as it is behind the last of its rows, which alone can have a context. Rows whose event bears a private name
 * of XState's give nothing.
 */
export function rowFrames(record: ActorRecord, entry: Entry, options: FrameOptions): Told {
  const base = baseOf(record.address, entry.at, String(entry.seq));
  const told = { actor: base.sessionId, seq: entry.seq };
  if (entry.event.startsWith("xstate.")) return { ...told, frames: [] };
  const event: FrameEvent = {
    type: nameOr(entry.event, EVENT, entry.from === null ? "init" : "unnamed"),
    seq: entry.seq,
    by: entry.by,
    guard: entry.guard === null ? null : nameOr(entry.guard, NAME, "unnamed"),
    observed: entry.observations.map(({ name }) => nameOr(name, NAME, "unnamed")),
    effects: entry.effects.map(({ name }) => nameOr(name, NAME, "unnamed")),
    data: allowedData(entry.data),
  };
  const isLast = entry.seq === record.sequence - 1;
  const snapshot = snapshotOf(entry.to, options.context && isLast ? allowedContext(record) : {});
  const led: SnapshotFrame = { type: "@xstate.snapshot", ...base, event, snapshot };
  return { ...told, frames: event.type === "always" ? [led] : [{ type: "@xstate.event", ...base, event }, led] };
}

/** `executing.performing` is `{ executing: "performing" }`. */
export function stateValueOf(state: string): StateValue {
  const names = nameOr(state, STATE, "unknown").split(".");
  const [last = ""] = names.splice(-1);
  return names.reduceRight<StateValue>((below, name) => ({ [name]: below }), last);
}

const EVENT = /^(?:after )?[A-Za-z][A-Za-z0-9_]{0,63}$/;
const NAME = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const STATE = /^[A-Za-z][A-Za-z0-9-]{0,63}(?:\.[A-Za-z][A-Za-z0-9-]{0,63}){0,7}$/;

/** Names are the machines' own, and short words. Anything else in their place would be a text from elsewhere. */
const nameOr = (text: string, form: RegExp, other: string): string => (form.test(text) ? text : other);

const snapshotOf = (state: string, context: Allowed): Snapshot => ({
  status: "active",
  value: stateValueOf(state),
  context,
});

function baseOf(address: Address, at: number, of: string): Base {
  const session = sessionOf(address);
  return { _version: PROTOCOL, createdAt: String(at), id: `${session}#${of}`, rootId: session, sessionId: session };
}
