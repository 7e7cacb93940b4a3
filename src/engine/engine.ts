/**
 * The embedded host of actors. Mail becomes durable in the mail log (then it is acknowledged), is stepped actor by actor, each
 * step is committed, and only after the commit are its effects performed, whose outcomes are events again.
 * Start-up takes the same road: waiting mail, pending effects and due timers are read from the store and nothing else is known.
 */
import { isDeepStrictEqual } from "node:util";
import { reasonOf } from "../core/assert.ts";
import { EFFECTS_IN_FLIGHT_MAX, MAILBOX_BATCH_MAX, MAIL_BATCH_MAX, THROUGH_BATCH_MAX } from "../core/limits.ts";
import type { Address } from "../core/ids.ts";
import { createDispatch, laneFor } from "./dispatch.ts";
import { createMailLog } from "./mail-log.ts";
import type { AdvanceWorld, Told } from "./advance.ts";
import { advanceJointly, type Joint } from "./joint.ts";
import { createMailboxes, type Batch } from "./mailboxes.ts";
import { createListeners } from "./listeners.ts";
import { createPauses } from "./pauses.ts";
import { createPressure } from "./pressure.ts";
import type { LaneOf } from "./step.ts";
import { createTimers } from "./timers.ts";
import { Overloaded, StaleSequence } from "./ports.ts";
import type { ActorRecord, Change, Clock, DueTimer, Effects, Engine, IndexRow, Mail, Store } from "./ports.ts";

export type EngineLimits = {
  readonly mailWaitingMax: number;
  readonly mailWaitingBytesMax: number;
  /** Milliseconds that one slice of work that can wait may hold the event loop. */
  readonly sliceMs: number;
  readonly quietMs: number;
  readonly shareMin: number;
};

export type EngineWorld = {
  readonly store: Store;
  readonly clock: Clock;
  readonly effects: Effects;
  readonly machine: AdvanceWorld["machine"];
  readonly limits: EngineLimits;
  /** Told of what a person should see in the log: a failed commit, a parked actor. */
  readonly complain: (says: string, about: { readonly address?: Address; readonly reason: string }) => void;
};

export type EmbeddedEngine = Engine & {
  readonly waitingFor: (address: Address) => readonly Mail[];
  readonly waitingUnder: (row: IndexRow) => Address | undefined;
  readonly mailWaiting: () => number;
  /** Takes up what earlier processes left. Mail may be posted before, during and after. */
  readonly start: () => void;
};

const COMMIT_RETRY_MS = [50, 200, 1000, 5000] as const;
const RECENT_MAX = 4096;
/** With so much under way (commits and effects) what has begun is finished first: its records are still at hand, and less lies half done. */
const FINISH_FIRST = EFFECTS_IN_FLIGHT_MAX / 2;

export function createEngine(world: EngineWorld): EmbeddedEngine {
  const { store, clock, effects, limits, complain } = world;
  const log = createMailLog(store, {
    batchMax: MAIL_BATCH_MAX,
    waitingMax: limits.mailWaitingMax,
    waitingBytesMax: limits.mailWaitingBytesMax,
  });
  // Before the first post: what waits already is known, and stands before what comes.
  log.recover();
  const pressure = createPressure(log.posted, clock, { ...limits, effectsMax: EFFECTS_IN_FLIGHT_MAX });
  const mailboxes = createMailboxes(MAILBOX_BATCH_MAX, THROUGH_BATCH_MAX);
  /** Records as last committed, so that the next event of a busy actor reads no disk. Oldest out first. */
  const recent = new Map<Address, ActorRecord>();
  const listeners = createListeners(({ record: { address } }, error) => {
    complain("listener failed", { address, reason: reasonOf(error) });
  });
  const { pause, endAll } = createPauses(clock);
  const commits = new Set<Promise<void>>();
  let started = false;
  /** No effect is begun any more and no mail taken, but of agents at work; what is under way is brought to its commit. */
  let closing = false;
  let stopped = false;
  let whenQuiet: (() => void) | undefined;
  let pumping = false;

  const laneOf: LaneOf = (name, params) => laneFor(name, effects[name]?.lane?.(params));
  const recordOf = (address: Address): ActorRecord | undefined => recent.get(address) ?? store.read(address);

  const dispatch = createDispatch({
    store,
    effects,
    inFlightMax: EFFECTS_IN_FLIGHT_MAX,
    recordOf,
    tell: (address, outcome) =>
      new Promise((done) => {
        // What was said while the work was under way is heard before its outcome, however much mail waits.
        for (const placed of log.takeFor(address)) deliver(address, { kind: "mail", placed });
        deliver(address, { kind: "outcome", outcome, done });
      }),
    markStarted: (address, effect) => new Promise((done) => deliver(address, { kind: "start", effect, done })),
    freed: () => {
      quiet();
      wake();
    },
  });
  const timers = createTimers(store, clock, (timer: DueTimer) => {
    deliver(timer.address, { kind: "timer", timer, done: () => timers.settled(timer) });
  });

  function deliver(address: Address, told: Told): void {
    mailboxes.put(address, told);
    wake();
  }

  const fill = (): number => log.waiting() / limits.mailWaitingMax;

  function wake(): void {
    if (pumping || !started || stopped) return;
    pumping = true;
    void pump();
  }

  /** Runs slices of work as long as there is any, and leaves the event loop to the ingress between them. */
  async function pump(): Promise<void> {
    while (!stopped) {
      const begun = performance.now();
      let worked = 0;
      do {
        const before = worked;
        for (const placed of closing || commits.size + dispatch.inFlight() >= FINISH_FIRST ? [] : log.take(8)) {
          worked += 1;
          deliver(placed.mail.to, { kind: "mail", placed });
        }
        for (const batch of mailboxes.next(8)) {
          worked += 1;
          work(batch);
        }
        worked += dispatch.begin(Math.min(8, pressure.effectsMax(fill()) - dispatch.inFlight()));
        if (worked === before) break;
      } while (performance.now() - begun < limits.sliceMs);
      if (worked === 0) break;
      await pressure.rest(performance.now() - begun, fill());
    }
    pumping = false;
  }

  function quiet(): void {
    if (dispatch.inFlight() === 0 && commits.size === 0 && mailboxes.isEmpty()) whenQuiet?.();
  }

  function work(batch: Batch): void {
    const job = settle(batch).then((others) => {
      commits.delete(job);
      mailboxes.free(batch, others);
      quiet();
      wake();
    });
    commits.add(job);
  }

  /** Steps and commits a batch again and again until the store takes it: mail is never dropped. Returns the other actors it took. */
  async function settle({ address, told }: Batch): Promise<readonly Address[]> {
    const others: Address[] = [];
    for (let failures = 0; !stopped;) {
      const joint = advanceJointly(address, told, recordOf, { now: clock.now(), laneOf, machine: world.machine });
      const touched = joint.changes.map(({ record }) => record.address);
      const wanted = touched.filter((other) => other !== address && !others.includes(other));
      const taken = mailboxes.take(wanted);
      if (taken !== undefined) {
        await mailboxes.freed(taken);
        continue;
      }
      others.push(...wanted);
      const failure = await failureOf(joint.changes);
      if (stopped) break;
      const isThere = failure === undefined || isKept(joint.changes);
      if (isThere) committed(joint);
      // What must not be done twice begins behind a commit that was reported as flushed.
      if (failure === undefined || (isThere && joint.mayStart.size === 0)) {
        answer(told, joint.mayStart);
        break;
      }
      for (const one of touched) recent.delete(one);
      complain("commit failed", { address, reason: reasonOf(failure.error) });
      if (!(failure.error instanceof StaleSequence)) await pause(COMMIT_RETRY_MS[failures] ?? 5000);
      failures += 1;
    }
    return others;
  }

  async function failureOf(changes: Joint["changes"]): Promise<{ readonly error: unknown } | undefined> {
    try {
      if (changes.length > 0) await store.commit(changes);
      return undefined;
    } catch (error) {
      return { error };
    }
  }

  /** A commit that was reported as failed can be there all the same: stepped again, nothing of it would be told. */
  const isKept = (changes: Joint["changes"]): boolean =>
    changes.length > 0 && changes.every(({ record }) => isDeepStrictEqual(store.read(record.address), record));

  function committed({ changes, troubles }: Joint): void {
    changes.forEach(noted);
    for (const { says, address, reason } of troubles) complain(says, { address, reason });
  }

  function noted(change: Change): void {
    const { record, before } = change;
    remember(record);
    listeners.tell(change);
    if (before?.parked && record.parked === null) {
      dispatch.resumed(record.pending);
      timers.resumed(record.address);
    }
    for (const { lane } of record.pending) dispatch.poke(lane);
    if (record.timers.length > 0 || (before?.timers.length ?? 0) > 0) timers.changed();
  }

  function answer(batch: readonly Told[], mayStart: Joint["mayStart"]): void {
    for (const told of batch) {
      switch (told.kind) {
        case "mail":
          log.absorbed(told.placed);
          break;
        case "timer":
          // One that the actor does not take now (it is set aside) stays in the index, and would be told without end.
          if (!holds(recordOf(told.timer.address), told.timer)) told.done();
          break;
        case "outcome":
          told.done();
          break;
        case "start":
          told.done(mayStart.has(told.effect));
          break;
        case "tell":
      }
    }
  }

  function remember(record: ActorRecord): void {
    recent.delete(record.address);
    recent.set(record.address, record);
    if (recent.size > RECENT_MAX) for (const oldest of firstOf(recent.keys(), 1)) recent.delete(oldest);
  }

  return {
    post: async (mail) => {
      if (stopped || (closing && mail.by !== "agent")) throw new Overloaded();
      await log.post(mail);
      wake();
    },
    keep: store.keep,
    caughtUp: (withinMs) =>
      new Promise((resolve) => {
        const unwake = clock.after(withinMs, () => resolve(false));
        void log.drained().then(() => {
          unwake();
          resolve(true);
        });
      }),
    read: (address) => Promise.resolve(recordOf(address)),
    knows: (address) => log.holds(address) || recordOf(address) !== undefined,
    waitingFor: log.waitingFor,
    waitingUnder: log.waitingUnder,
    mailWaiting: log.waiting,
    listen: listeners.add,
    start: () => {
      for (const lane of store.lanes()) dispatch.poke(lane);
      started = true;
      timers.changed();
      wake();
    },
    stop: async (withinMs) => {
      closing = true;
      dispatch.stop();
      timers.stop();
      await new Promise<void>((resolve) => {
        const unwake = clock.after(withinMs, resolve);
        void log.settled().then(() => {
          whenQuiet = () => {
            unwake();
            resolve();
          };
          quiet();
        });
      });
      stopped = true;
      endAll();
    },
  };
}

const holds = (record: ActorRecord | undefined, { id, generation }: DueTimer): boolean =>
  record?.timers.some((timer) => timer.id === id && timer.generation === generation) ?? false;

function firstOf<T>(all: Iterable<T>, most: number): readonly T[] {
  const first: T[] = [];
  for (const one of all) {
    if (first.length === most) break;
    first.push(one);
  }
  return first;
}
