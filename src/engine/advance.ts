/** What a batch of things told to one actor changes: mail, outcomes, timers and starts become one change, or none. Pure. */
import type { AnyStateMachine } from "xstate";
import { machineOf, type Address, type EffectId, type Instant } from "../core/ids.ts";
import type { Tell } from "./own-words.ts";
import { isAtRest, stepAll, timerEvent, type Birth, type Forgets, type LaneOf, type Message } from "./step.ts";
import type {
  ActorEvent,
  ActorRecord,
  Artifact,
  Change,
  DueTimer,
  EffectOutcome,
  Entry,
  IndexRow,
  PlacedMail,
  Position,
} from "./ports.ts";

export type Told =
  | { readonly kind: "mail"; readonly placed: PlacedMail }
  | { readonly kind: "outcome"; readonly outcome: EffectOutcome; readonly done: () => void }
  | { readonly kind: "timer"; readonly timer: DueTimer; readonly done: () => void }
  /** Another actor says it, in the commit under way. `bears`: an actor that is not there is born with nothing, and told. */
  | { readonly kind: "tell"; readonly event: ActorEvent; readonly at: Instant; readonly bears: boolean }
  /** An effect that must not be repeated is about to begin. */
  | { readonly kind: "start"; readonly effect: EffectId; readonly done: (started: boolean) => void };

export type Advanced = {
  /** Undefined when nothing changes: everything told was stale or applied before. */
  readonly change: Change | undefined;
  readonly parkedBecause: string | undefined;
  /** Effects that may begin once the change is committed. */
  readonly mayStart: ReadonlySet<EffectId>;
  /** What other actors are to be told in the same commit. */
  readonly tells: readonly Tell[];
};

export type AdvanceWorld = {
  readonly now: Instant;
  readonly laneOf: LaneOf;
  /** The machine of this name, in this version or (for a birth) the current one. */
  readonly machine: (name: string, version: string | undefined) => AnyStateMachine | undefined;
};

export const isBehind = (position: Position, applied: Position | null): boolean =>
  applied !== null && (position[0] < applied[0] || (position[0] === applied[0] && position[1] <= applied[1]));

/** What was told, sorted by what it does to the actor. */
type Gathered = {
  readonly birth: Birth | undefined;
  readonly messages: readonly Message[];
  readonly artifacts: readonly Artifact[];
  readonly index: readonly IndexRow[];
  readonly applied: Position | null;
};

export function advance(
  address: Address,
  record: ActorRecord | undefined,
  batch: readonly Told[],
  world: AdvanceWorld,
): Advanced {
  const gathered = gather(address, record, batch, world.now);
  const moved = record?.parked ? unpark(record, gathered, world) : move(address, record, gathered, world);
  const wanted = batch.flatMap((told) => (told.kind === "start" ? [told.effect] : []));
  const mayStart = new Set(wanted.filter((effect) => moved.record?.pending.some(({ id }) => id === effect)));
  const started = mayStart.size === 0 ? moved.record : markStarted(moved.record, mayStart);
  // Mail that changes nothing is noted all the same: offered again after a crash it would meet another state.
  const noted = gathered.applied === (record?.applied ?? null);
  if (started === undefined || (started === record && noted))
    return { change: undefined, parkedBecause: undefined, mayStart, tells: [] };
  const change: Change = {
    record: { ...started, applied: gathered.applied },
    before: record ?? null,
    entries: moved.entries,
    artifacts: moved.forgets.told || namesNothing(moved) ? [] : gathered.artifacts,
    index: moved.forgets.told ? [] : gathered.index,
    ...(moved.forgets.past ? { forgetsPast: true } : {}),
  };
  return { change, parkedBecause: moved.parkedBecause, mayStart, tells: moved.tells };
}

/** Nothing was taken in, and nothing is kept to be told again: bytes that came with it would be named by nobody. */
const namesNothing = ({ entries, record }: Moved): boolean => entries.length === 0 && !record?.parked;

function gather(address: Address, record: ActorRecord | undefined, batch: readonly Told[], now: Instant): Gathered {
  let birth: Birth | undefined;
  let applied = record?.applied ?? null;
  const messages: Message[] = [];
  const artifacts: Artifact[] = [];
  const index: IndexRow[] = [];
  for (const told of batch) {
    switch (told.kind) {
      case "mail": {
        const { position, mail } = told.placed;
        if (isBehind(position, applied)) break;
        applied = position;
        // Born already: the batch that bore it was reported as failed and kept all the same, and the sender came again.
        if (mail.birth !== null && (record !== undefined || birth !== undefined)) break;
        if (mail.birth !== null) birth = { address, input: mail.birth, by: mail.by, at: mail.at };
        messages.push(...mail.events.map((event) => ({ by: mail.by, at: mail.at, event })));
        artifacts.push(...mail.artifacts);
        index.push(...mail.index);
        break;
      }
      case "outcome":
        messages.push({ by: "daemon", at: now, event: told.outcome.event });
        artifacts.push(...told.outcome.artifacts);
        break;
      case "timer":
        messages.push({ by: "timer", at: now, event: timerEvent(told.timer) });
        break;
      case "tell":
        if (told.bears && record === undefined) birth ??= { address, input: null, by: "daemon", at: told.at };
        messages.push({ by: "daemon", at: told.at, event: told.event });
        break;
      case "start":
    }
  }
  return { birth, messages, artifacts, index, applied };
}

type Moved = {
  readonly record: ActorRecord | undefined;
  readonly entries: readonly Entry[];
  readonly parkedBecause: string | undefined;
  readonly tells: readonly Tell[];
  readonly forgets: Forgets;
};

const NOTHING_FORGOTTEN: Forgets = { past: false, told: false };
const unmoved = (record: ActorRecord | undefined): Moved => ({
  record,
  entries: [],
  parkedBecause: undefined,
  tells: [],
  forgets: NOTHING_FORGOTTEN,
});

function move(address: Address, record: ActorRecord | undefined, gathered: Gathered, world: AdvanceWorld): Moved {
  const from = record ?? gathered.birth;
  const idle = record !== undefined && gathered.messages.length === 0;
  if (from === undefined || idle) return unmoved(record);
  const machine = world.machine(record?.machine ?? machineOf(address), record?.version);
  const stepped = stepAll(machine, from, gathered.messages, world.laneOf);
  switch (stepped.kind) {
    case "stepped": {
      const { entries, tells, forgets } = stepped;
      return { record: stepped.record, entries, parkedBecause: undefined, tells, forgets };
    }
    case "ignored":
      return unmoved(record);
    case "parked": {
      const { reason, entries, tells, forgets, rest } = stepped;
      const birth = stepped.record === null && gathered.birth !== undefined ? gathered.birth : null;
      const base = stepped.record ?? record ?? unborn(address, birth?.at ?? world.now);
      const kept = birth === null ? null : { input: birth.input, by: birth.by, at: birth.at };
      const parked = { reason, at: world.now, birth: kept, events: rest };
      return { record: { ...base, resting: false, parked }, entries, parkedBecause: reason, tells, forgets };
    }
  }
}

/** An actor that was set aside keeps what it is told, until an operator resumes it: then all of it is told again. */
function unpark(record: ActorRecord, gathered: Gathered, world: AdvanceWorld): Moved {
  const { parked } = record;
  const told = gathered.messages.filter(({ by }) => by !== "timer");
  const isResume = ({ by, event }: Message): boolean => by === "operator" && event.type === "RESUME";
  if (parked === null || !told.some(isResume)) {
    if (told.length === 0 || parked === null) return unmoved(record);
    const kept = { ...record, parked: { ...parked, events: [...parked.events, ...told] } };
    return unmoved(kept);
  }
  const messages = [...parked.events, ...told.filter((message) => !isResume(message))];
  const { address } = record;
  if (parked.birth !== null)
    return move(address, undefined, { ...gathered, birth: { address, ...parked.birth }, messages }, world);
  const moved = move(address, { ...record, parked: null }, { ...gathered, messages }, world);
  return moved.entries.length === 0 ? { ...moved, record: settled(moved.record, world) } : moved;
}

/** A parked actor counts as unfinished; one that goes on without a step is what its state says. */
function settled(record: ActorRecord | undefined, world: AdvanceWorld): ActorRecord | undefined {
  const machine = record && world.machine(record.machine, record.version);
  if (record === undefined || record.parked !== null || machine === undefined) return record;
  return { ...record, resting: isAtRest(machine, record) };
}

/** The place of an actor whose machine would not begin. */
const unborn = (address: Address, at: Instant): ActorRecord => ({
  address,
  machine: machineOf(address),
  version: "",
  definition: "",
  sequence: 0,
  applied: null,
  born_at: at,
  changed_at: at,
  state: "unborn",
  resting: false,
  snapshot: null,
  pending: [],
  timers: [],
  parked: null,
});

const markStarted = (record: ActorRecord | undefined, effects: ReadonlySet<EffectId>): ActorRecord | undefined =>
  record && {
    ...record,
    pending: record.pending.map((pending) => (effects.has(pending.id) ? { ...pending, started: true } : pending)),
  };
