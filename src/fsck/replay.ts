/** Whether a record is what its journal leads to: every entry is told to the machine again, as it was told then. */
import type { AnyStateMachine } from "xstate";
import { isSame } from "./same-json.ts";
import type { ActorEvent, ActorRecord, Entry, PendingEffect } from "../engine/ports.ts";
import { stepAll, timerEvent, type LaneOf, type Message } from "../engine/step.ts";

export type Replayed =
  | { readonly kind: "same" }
  /** The journal does not lead from its own beginning to its own end: `seq` is the first entry that is told otherwise. */
  | { readonly kind: "journal"; readonly seq: number; readonly says: string }
  /** It leads to a record with other values under these names. */
  | { readonly kind: "record"; readonly names: readonly string[] };

/** What a step does not write down: how far mail was taken in, and why an actor was set aside. */
type Told = Omit<ActorRecord, "applied" | "parked">;

/**
 * A journal begins with the birth of its actor, at entry 0. One message may have several entries; those that XState took of its own accord
 * (`always`) follow from the one before.
 */
export function replay(machine: AnyStateMachine, record: ActorRecord, journal: readonly Entry[]): Replayed {
  const [first] = journal;
  if (first === undefined) return { kind: "journal", seq: 0, says: "there is no entry" };
  const { address } = record;
  const laneOf: LaneOf = (name) => name;
  let told: ActorRecord | undefined;
  let at = 0;
  while (at < journal.length) {
    const end = endOfRun(journal, at);
    const messages = messagesIn(journal.slice(told === undefined ? 1 : at, end), told);
    if (messages === undefined) return { kind: "journal", seq: journal[at]?.seq ?? at, says: "no such timer was set" };
    const birth = { address, input: first.data, by: first.by, at: first.at };
    const stepped = stepAll(machine, told ?? birth, messages, laneOf);
    if (stepped.kind !== "stepped")
      return { kind: "journal", seq: journal[at]?.seq ?? at, says: `the machine says: ${stepped.reason}` };
    const seq = firstDifference(stepped.entries, journal.slice(at, end));
    if (seq !== undefined) return { kind: "journal", seq: at + seq, says: "the machine tells it otherwise" };
    told = stepped.record;
    at = end;
  }
  return told === undefined ? { kind: "same" } : compared(told, record);
}

/** As far as messages can be told in one go: up to the next timer, which is known by what was set until then. */
function endOfRun(journal: readonly Entry[], from: number): number {
  const next = journal.findIndex((entry, at) => at > from && entry.by === "timer");
  return next === -1 ? journal.length : next;
}

/** Undefined for a timer that was not set. */
function messagesIn(entries: readonly Entry[], before: ActorRecord | undefined): readonly Message[] | undefined {
  const messages: Message[] = [];
  for (const entry of entries) {
    const { event, by, at, data } = entry;
    if (event === "always") continue;
    if (by !== "timer") {
      messages.push({ by, at, event: asEvent(event, data) });
      continue;
    }
    const rang = before?.timers.find(({ id }) => id === event || id.startsWith(`xstate.${event.replace(" ", ".")}.`));
    if (rang === undefined) return undefined;
    messages.push({ by, at, event: timerEvent(rang) });
  }
  return messages;
}

const asEvent = (type: string, data: Entry["data"]): ActorEvent => Object.assign({}, data, { type });

/** The place of the first entry that differs; undefined when none does. */
function firstDifference(told: readonly Entry[], written: readonly Entry[]): number | undefined {
  const count = Math.max(told.length, written.length);
  for (let at = 0; at < count; at += 1) if (!isSameEntry(told[at], written[at])) return at;
  return undefined;
}

/** Member by member: this is asked for every entry of a desk. */
function isSameEntry(a: Entry | undefined, b: Entry | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  return (
    a.seq === b.seq &&
    a.at === b.at &&
    a.event === b.event &&
    a.by === b.by &&
    a.from === b.from &&
    a.to === b.to &&
    a.guard === b.guard &&
    isSame(a.effects, b.effects) &&
    isSame(a.observations, b.observations) &&
    isSame(a.data, b.data)
  );
}

/** Lanes are the daemon's matter and `started` comes between two entries: neither follows from the journal. */
const asked = ({ id, name, params, asked_at }: PendingEffect): Omit<PendingEffect, "lane" | "started"> => ({
  id,
  name,
  params,
  asked_at,
});

/** A record that was set aside is not at rest, whatever its state. */
function compared(told: ActorRecord, written: ActorRecord): Replayed {
  const expected = {
    ...plain(told),
    pending: told.pending.map(asked),
    resting: written.parked === null ? told.resting : false,
  };
  const found = { ...plain(written), pending: written.pending.map(asked) };
  const names = Object.keys(expected).filter((name) => !isSame(Reflect.get(expected, name), Reflect.get(found, name)));
  return names.length === 0 ? { kind: "same" } : { kind: "record", names };
}

function plain({ applied: _applied, parked: _parked, ...told }: ActorRecord): Told {
  return told;
}
