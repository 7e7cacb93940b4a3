/**
 * What the engine needs of the world, and what it offers. Each port has one contract suite under test/contract that every adapter passes.
 * Reads are synchronous because every embedded store can answer them so; the `Engine` port, which a distributed host would
 * implement, is asynchronous throughout.
 */
import type { Address, EffectId, Instant, Sha256 } from "../core/ids.ts";
import type { ArtifactRef, Json, Observation } from "../core/observation.ts";

/** What an actor is told. Names beginning with `xstate.` are refused from outside. */
export type ActorEvent = { readonly type: string };
export type By = "provider" | "operator" | "agent" | "timer" | "daemon";

/** Where a piece of mail stands in the durable mail log: batch, then place in the batch. Orders all mail of a desk. */
export type Position = readonly [batch: number, place: number];

/** Rows that find an actor again: `[name, key]`, sorted by time within. Written with the actor's first commit. */
export type IndexRow = { readonly name: "webhook" | "subject" | "body" | "dedupe"; readonly key: string };

/** Bytes to be kept under their hash, in the same commit as what names them. */
export type Artifact = { readonly ref: ArtifactRef; readonly bytes: Uint8Array };

/**
 * An actor that is told of a piece of mail before its addressee, in the same commit: what it tells the addressee in answer completes
 * the event of that type among the mail's own, field over field. It is born with nothing when it does not exist, and told once.
 */
export type Through = { readonly to: Address; readonly event: ActorEvent };

/** Events for one actor, durable once appended. `birth` is the input of an actor that does not exist yet. */
export type Mail = {
  readonly to: Address;
  readonly through: Through | null;
  readonly at: Instant;
  readonly by: By;
  readonly birth: Json | null;
  readonly events: readonly ActorEvent[];
  readonly artifacts: readonly Artifact[];
  readonly index: readonly IndexRow[];
};
export type PlacedMail = { readonly position: Position; readonly mail: Mail };

/** One transition as written to the journal: a macrostep has one entry a microstep. `data` is the event's own fields. */
export type Entry = {
  readonly seq: number;
  readonly at: Instant;
  readonly event: string;
  readonly by: By;
  readonly from: string | null;
  readonly to: string;
  readonly guard: string | null;
  readonly observations: readonly Observation[];
  readonly effects: readonly { readonly id: EffectId; readonly name: string }[];
  readonly data: Json;
};

/** Work that a machine asked for and whose outcome has not been told yet. `started` is committed before an effect that must not be repeated. */
export type PendingEffect = {
  readonly id: EffectId;
  readonly name: string;
  readonly lane: string;
  readonly params: Json;
  readonly asked_at: Instant;
  readonly started: boolean;
};

/** A wake-up that outlives the process. A fired timer whose generation is not the record's is stale and ignored. */
export type Timer = { readonly id: string; readonly at: Instant; readonly generation: number; readonly event: Json };

/** An actor at rest. `sequence` is the number of its entries; `applied` the last mail that it took in. */
export type ActorRecord = {
  readonly address: Address;
  readonly machine: string;
  readonly version: string;
  readonly definition: string;
  readonly sequence: number;
  readonly applied: Position | null;
  readonly born_at: Instant;
  readonly changed_at: Instant;
  /** The state as a path, `executing.performing`. */
  readonly state: string;
  /** Nothing is awaited of it: not in the index of unfinished actors. */
  readonly resting: boolean;
  readonly snapshot: Json;
  readonly pending: readonly PendingEffect[];
  readonly timers: readonly Timer[];
  readonly parked: Parked | null;
};

/** Why an actor was set aside, and what it was told when that happened: kept, to be told again. */
export type Parked = {
  readonly reason: string;
  readonly at: Instant;
  /** Set when the actor could not even be born: what it would have been born with. */
  readonly birth: { readonly input: Json; readonly by: By; readonly at: Instant } | null;
  readonly events: readonly { readonly by: By; readonly at: Instant; readonly event: ActorEvent }[];
};

/** All that one step of one actor changes. Committed whole or not at all. */
export type Change = {
  readonly record: ActorRecord;
  /** The record as it was read; null for an actor that is born. */
  readonly before: ActorRecord | null;
  readonly entries: readonly Entry[];
  readonly artifacts: readonly Artifact[];
  readonly index: readonly IndexRow[];
  /** The journal before `entries` is dropped: the actor keeps its record and them. */
  readonly forgetsPast?: true;
};

/** Thrown by `commit` when a record is not at the sequence the change was made from. Nothing of the commit is kept. */
export class StaleSequence extends Error {
  readonly address: Address;
  constructor(address: Address) {
    super(`${address} has moved on since it was read`);
    this.name = "StaleSequence";
    this.address = address;
  }
}

export type OpenEffect = { readonly key: string; readonly address: Address; readonly effect: EffectId };
export type DueTimer = {
  readonly at: Instant;
  readonly address: Address;
  readonly id: string;
  readonly generation: number;
};
export type IndexHit = { readonly at: Instant; readonly address: Address };

/** A state of the desk's evidence log: which log it is, how many leaves, and their root in lower-case hex. */
export type LogTip = { readonly epoch: number; readonly size: number; readonly root: string };

/** Durable state of one desk. One writer; a promise that resolved has been flushed to the disk. */
export interface Store {
  /**
   * Appends a batch of mail whole or not at all, behind all mail there is. Resolves with its batch number when flushed. What was
   * rejected may be there all the same until the next append, which takes its place. Calls do not overlap.
   */
  readonly append: (batch: readonly Mail[]) => Promise<number>;
  /** Mail that no `forget` has covered, in order, batch by batch. */
  readonly mail: () => Iterable<PlacedMail>;
  /** Drops mail up to and with this batch: every actor it was for has taken it in. Need not be flushed. */
  readonly forget: (batch: number) => void;
  /**
   * Commits every change or none, with indexes of effects, timers and unfinished actors kept in step. Many calls share one flush.
   * @throws StaleSequence
   */
  readonly commit: (changes: readonly Change[]) => Promise<void>;
  readonly read: (address: Address) => ActorRecord | undefined;
  readonly journal: (address: Address) => readonly Entry[];
  /** The bytes under this hash, or their first `bytesMax`. */
  readonly artifact: (sha256: Sha256, bytesMax?: number) => Uint8Array | undefined;
  /**
   * Resolves when these bytes are durable under their hash, ahead of what will name them: for bytes too large to ride in mail. A
   * crash before anything names them leaves them there, unread.
   */
  readonly keep: (artifact: Artifact) => Promise<void>;
  /**
   * Removes for good what an actor keeps beside its record and journal: these bytes, but for those that another actor or waiting mail names
   * too; its rows in the index, but for those under `stays`; and mail that `forget` has covered. Resolves, when flushed, with the hashes
   * that stay. What the actors in `parts` name does not count either: they go with it. It reads all journals. Calls do not overlap; a crash
   * leaves a part of it done, and it may be called again.
   */
  readonly expunge: (
    address: Address,
    artifacts: readonly Sha256[],
    stays: readonly IndexRow[],
    parts?: readonly Address[],
  ) => Promise<readonly Sha256[]>;
  /** Lanes that have pending effects. */
  readonly lanes: () => readonly string[];
  /** Pending effects of a lane in the order they were asked for, behind `after` (a key of an earlier answer; "" for all). */
  readonly open: (lane: string, after: string, limit: number) => readonly OpenEffect[];
  /** Timers due at or before `until`, earliest first. */
  readonly due: (until: Instant, limit: number) => readonly DueTimer[];
  /** When the next timer is due. */
  readonly nextDue: () => Instant | undefined;
  /** Addresses of actors that are not at rest, from `after` on. */
  readonly unfinished: (after: string, limit: number) => readonly Address[];
  /** Addresses of all actors in the order of their births, from `after` on. */
  readonly addresses: (after: string, limit: number) => readonly Address[];
  /** Newest first; `before` is an exclusive bound, for the next page. */
  readonly find: (
    row: IndexRow,
    page: { readonly limit: number; readonly before?: IndexHit; readonly since?: Instant },
  ) => readonly IndexHit[];
  /** The state of the log that was noted last; undefined when none ever was. */
  readonly tip: () => LogTip | undefined;
  /**
   * Notes how far the log is. It costs no flush: the next commit takes it along, in one transaction, or `close` does. So what
   * a commit tells of the log is never ahead of the tip beside it, and a crash leaves the tip of the last commit.
   */
  readonly noteTip: (tip: LogTip) => void;
  readonly stats: () => StoreStats;
  readonly close: () => Promise<void>;
}

export type StoreStats = {
  readonly schema: number;
  readonly actors: number;
  readonly unfinished: number;
  readonly mail_batches: number;
  readonly artifacts: number;
  /** May be counted as it is read, file by file: not for whoever asks again and again. */
  readonly bytes: number;
};

export interface Clock {
  readonly now: () => Instant;
  /** Calls back once at or after `at`; any distance works. Returns how to call it off. */
  readonly wake: (at: Instant, call: () => void) => () => void;
  /** Calls back once when so many milliseconds have passed, however the clock is set meanwhile. Returns how to call it off. */
  readonly after: (ms: number, call: () => void) => () => void;
}

export interface Entropy {
  readonly bytes: (count: number) => Uint8Array;
}

export type EffectCall = {
  readonly id: EffectId;
  readonly name: string;
  readonly address: Address;
  readonly params: Json;
  readonly asked_at: Instant;
};

/** How one kind of effect is performed. It may run again under the same id unless `repeatable` is false. */
export type Effect = {
  readonly repeatable: boolean;
  /** Calls of one lane that may be in flight together. */
  readonly concurrency: number;
  /** Effects with one lane wait for each other; by default the effect's name. */
  readonly lane?: (params: Json) => string;
  /** Performs it and says what to tell the actor. A rejection is told as `EFFECT_FAILED`, retryable if the effect is repeatable. */
  readonly perform: (call: EffectCall) => Promise<EffectOutcome>;
};
/** What came of an effect: the event for the actor, and bytes that are kept in the commit that takes it in. */
export type EffectOutcome = { readonly event: ActorEvent; readonly artifacts: readonly Artifact[] };
export type Effects = Readonly<Record<string, Effect>>;

/** What tells others how it goes: log, metrics, live events. Called after the commit, in commit order per actor. Must not throw. */
export type Listener = (change: Change) => void;

/** The host of actors. An embedded one is `engine/engine.ts`. */
export interface Engine {
  /** Resolves when the mail is durable: after that no crash loses it. Rejects with `Overloaded` or with the store's error, and then nothing is kept. */
  readonly post: (mail: Mail) => Promise<void>;
  /** Makes bytes durable that the next mail names and does not carry. Rejects with the store's error. */
  readonly keep: (artifact: Artifact) => Promise<void>;
  /** Resolves when all mail posted before the call has been taken in, or after `withinMs`. */
  readonly caughtUp: (withinMs: number) => Promise<boolean>;
  readonly read: (address: Address) => Promise<ActorRecord | undefined>;
  /** True when an actor exists or mail for it is waiting. */
  readonly knows: (address: Address) => boolean;
  readonly listen: (listener: Listener) => () => void;
  /** Stops taking mail, lets what is in flight finish for at most `withinMs`, and resolves. */
  readonly stop: (withinMs: number) => Promise<void>;
}

/** The engine holds as much waiting mail as it may. */
export class Overloaded extends Error {
  constructor() {
    super("too much mail is waiting");
    this.name = "Overloaded";
  }
}
