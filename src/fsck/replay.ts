/** Whether a record is what its journal leads to: every entry is told to the machine again, as it was told then. */
import type { AnyStateMachine } from "xstate";
import { isSame } from "./same-json.ts";
import type { ActorRecord, Entry, PendingEffect } from "../engine/ports.ts";
import { retell } from "../engine/replay.ts";

export type Replayed =
  | { readonly kind: "same" }
  /** The journal does not lead from its own beginning to its own end: `seq` is the first entry that is told otherwise. */
  | { readonly kind: "journal"; readonly seq: number; readonly says: string }
  /** It leads to a record with other values under these names. */
  | { readonly kind: "record"; readonly names: readonly string[] };

/** What a step does not write down: how far mail was taken in, and why an actor was set aside. */
type Told = Omit<ActorRecord, "applied" | "parked">;

/** Of a journal that begins with the birth of its actor, at entry 0. */
export function replay(machine: AnyStateMachine, record: ActorRecord, journal: readonly Entry[]): Replayed {
  if (journal.length === 0) return { kind: "journal", seq: 0, says: "there is no entry" };
  let told: ActorRecord | undefined;
  for (const retold of retell(machine, record.address, journal)) {
    if (retold.kind === "mistold") return { kind: "journal", seq: retold.seq, says: retold.says };
    const seq = firstDifference(retold.entries, journal.slice(retold.at, retold.end));
    if (seq !== undefined) return { kind: "journal", seq: retold.at + seq, says: "the machine tells it otherwise" };
    told = retold.record;
  }
  return told === undefined ? { kind: "same" } : compared(told, record);
}

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
