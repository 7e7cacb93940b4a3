/**
 * A journal told to its machine again, as it was told then. Pure: whoever has a journal of thousands of entries tells it in parts, and
 * does something else between two of them.
 */
import type { AnyStateMachine } from "xstate";
import type { Address } from "../core/ids.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ActorEvent, ActorRecord, Entry } from "./ports.ts";
import { type LaneOf, type Message, stepAll, timerEvent } from "./step.ts";

/** How far a journal has been told: `record` is what its first `end` entries lead to. */
export type Told = { readonly end: number; readonly record: ActorRecord };

export type Retold =
  /** `entries` are what the machine tells in the place of those from `at` to `end`. */
  | (Told & { readonly kind: "told"; readonly at: number; readonly entries: readonly Entry[] })
  /** The last: the machine does not take the entry of this `seq`, nor what comes behind it. */
  | { readonly kind: "mistold"; readonly seq: number; readonly says: string };

/** What an actor's lanes are is the daemon's matter: nothing of it follows from a journal. */
const laneOf: LaneOf = (name) => name;

/**
 * Tells the journal of one actor from its birth at entry 0, or from where it was told to before. One message may have several entries: those
 * that XState took of its own accord (`always`) follow from the one before and are not told. Each part ends with a message's last entry,
 * before the next timer (which is known by what was set until then), and has at most `messagesMax` messages.
 */
export function* retell(
  machine: AnyStateMachine,
  address: Address,
  journal: readonly Entry[],
  { from, messagesMax = Infinity }: { readonly from?: Told | undefined; readonly messagesMax?: number } = {},
): Generator<Retold> {
  const [first] = journal;
  let told = from;
  for (let at = from?.end ?? 0; first !== undefined && at < journal.length; at = told.end) {
    const seq = journal[at]?.seq ?? at;
    const end = endOfPart(journal, at, messagesMax);
    const messages = messagesIn(journal.slice(told === undefined ? 1 : at, end), told?.record);
    if (messages === undefined) return yield { kind: "mistold", seq, says: "no such timer was set" };
    const birth = { address, input: first.data, by: first.by, at: first.at };
    const stepped = stepAll(machine, told?.record ?? birth, messages, laneOf);
    if (stepped.kind !== "stepped") return yield { kind: "mistold", seq, says: `the machine says: ${stepped.reason}` };
    told = { end, record: stepped.record };
    yield { kind: "told", at, entries: stepped.entries, ...told };
  }
}

/** Where the entries end that the message of the entry at this place caused: behind all that follow from it. */
function endOfMessage(journal: readonly Entry[], at: number): number {
  const next = journal.findIndex(({ event }, place) => place > at && event !== "always");
  return next === -1 ? journal.length : next;
}

function endOfPart(journal: readonly Entry[], from: number, messagesMax: number): number {
  let messages = 0;
  for (let at = from; at < journal.length; at += 1) {
    const entry = journal[at];
    if (entry === undefined || entry.event === "always") continue;
    if (at > from && (entry.by === "timer" || messages >= messagesMax)) return at;
    messages += 1;
  }
  return journal.length;
}

/** Undefined for a timer that was not set. */
function messagesIn(entries: readonly Entry[], before: ActorRecord | undefined): readonly Message[] | undefined {
  const messages: Message[] = [];
  for (const { event, by, at, data } of entries) {
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

/**
 * The journal up to the entry of this `seq`, with what follows from it of its own accord: what has to be told to show the actor as it was
 * then. A refusal for a run that was set aside at its birth, one that was erased, and a row that there is not.
 */
export function journalUntil(journal: readonly Entry[], seq: number): readonly Entry[] | Refusal {
  const [first] = journal;
  if (first === undefined)
    return refuse("NOT_NOW", "the run was set aside at its birth: there is nothing to tell again");
  if (first.seq !== 0 || first.event === "ERASED")
    return refuse("NOT_NOW", "the run was erased: what led up to that is gone");
  if (journal[seq]?.seq !== seq) return refuse("NOT_FOUND", `there are the rows 0 to ${journal.length - 1}`);
  return journal.slice(0, endOfMessage(journal, seq));
}

/** Whether what the machine tells is what was written, as far as a person sees it. Undefined when it is. */
export function departure(retold: Retold, journal: readonly Entry[]): Refusal | undefined {
  const said = (seq: number, says: string): Refusal =>
    refuse("NOT_NOW", `the machine of this version tells the journal otherwise from row ${seq} on: ${says}`);
  if (retold.kind === "mistold") return said(retold.seq, retold.says);
  for (let at = retold.at; at < Math.max(retold.end, retold.at + retold.entries.length); at += 1) {
    const entry = retold.entries[at - retold.at];
    const written = journal[at];
    if (entry === undefined || entry.event !== written?.event || entry.to !== written.to)
      return said(at, "qoc fsck says what it is");
  }
  return undefined;
}

/**
 * The record as of a row. In the middle of a chain that XState took of its own accord it has that row's state with what the whole step
 * left pending and set: a step is one commit, and nobody could have met the actor between two of its rows. Of what the record says, only
 * what follows from a journal is here: nothing of mail, of lanes, and of which effects were started.
 */
export function recordAt(
  machine: AnyStateMachine,
  address: Address,
  journal: readonly Entry[],
  seq: number,
): ActorRecord | Refusal {
  const until = journalUntil(journal, seq);
  if ("kind" in until) return until;
  let last: ActorRecord | undefined;
  for (const retold of retell(machine, address, until)) {
    const departed = departure(retold, until);
    if (departed !== undefined) return departed;
    if (retold.kind === "told") last = retold.record;
  }
  return last === undefined ? refuse("NOT_NOW", "there is nothing to tell again") : asOfRow(last, until, seq);
}

export function asOfRow(record: ActorRecord, journal: readonly Entry[], seq: number): ActorRecord {
  const row = journal[seq];
  return row === undefined || seq === record.sequence - 1
    ? record
    : { ...record, sequence: seq + 1, state: row.to, changed_at: row.at };
}
