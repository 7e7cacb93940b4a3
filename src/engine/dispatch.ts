import type { Address, EffectId } from "../core/ids.ts";
import { reasonOf } from "../core/assert.ts";
import type { ActorRecord, EffectCall, EffectOutcome, Effects, OpenEffect, PendingEffect, Store } from "./ports.ts";

export type DispatchPorts = {
  readonly store: Store;
  readonly effects: Effects;
  readonly inFlightMax: number;
  /** The record as last committed. */
  readonly recordOf: (address: Address) => ActorRecord | undefined;
  /** Tells the actor an outcome; resolves when it is committed, and rejects never. */
  readonly tell: (address: Address, outcome: EffectOutcome) => Promise<void>;
  /** Commits that an effect which must not be repeated is about to begin. */
  readonly markStarted: (address: Address, effect: EffectId) => Promise<boolean>;
  /** An effect has ended: there is room for another. */
  readonly freed: () => void;
};

type Lane = {
  /** Read from the store and not begun. */
  queue: OpenEffect[];
  readonly inFlight: Set<EffectId>;
  /** Of actors that are set aside, which would only keep the outcome: they wait until those are resumed. */
  readonly aside: Set<EffectId>;
  /** The store had no more when last asked. */
  exhausted: boolean;
};

/**
 * Performs what machines asked for. The store's index of pending effects is the queue: a lane reads it in pages, so a hundred
 * thousand waiting effects cost no memory and a restart needs no code of its own. An effect leaves the index in the commit
 * of its outcome; until then it counts as in flight.
 */
export type Dispatch = {
  /** A commit may have put an effect into this lane. */
  readonly poke: (lane: string) => void;
  /** The actor was set aside and goes on. */
  readonly resumed: (pending: readonly PendingEffect[]) => void;
  /** Begins what limits allow. Returns how many were begun. */
  readonly begin: (most: number) => number;
  readonly inFlight: () => number;
  readonly stop: () => void;
};

const PAGE = 64;

const failed = (effect: EffectId, reason: string, retryable: boolean): EffectOutcome =>
  outcome({ type: "EFFECT_FAILED", effect, reason, retryable, step: null, artifacts: [] });
const interrupted = (effect: EffectId): EffectOutcome => outcome({ type: "INTERRUPTED", effect, repeatable: false });
const outcome = (event: EffectOutcome["event"] & Readonly<Record<string, unknown>>): EffectOutcome => ({
  event,
  artifacts: [],
});

export function createDispatch(ports: DispatchPorts): Dispatch {
  const lanes = new Map<string, Lane>();
  /** Begun by this process: pending and started, yet not here, means that an earlier process died over it. */
  const mine = new Set<EffectId>();
  let total = 0;
  let stopped = false;

  const laneOf = (name: string): Lane => {
    const known = lanes.get(name);
    if (known !== undefined) return known;
    const lane: Lane = { queue: [], inFlight: new Set(), aside: new Set(), exhausted: false };
    lanes.set(name, lane);
    return lane;
  };

  function refill(name: string, lane: Lane): void {
    if (lane.queue.length > 0 || lane.exhausted) return;
    const limit = lane.inFlight.size + lane.aside.size + PAGE;
    const page = ports.store.open(name, "", limit);
    lane.exhausted = page.length < limit;
    lane.queue = page.filter(({ effect }) => !lane.inFlight.has(effect) && !lane.aside.has(effect));
  }

  async function perform(address: Address, pending: PendingEffect): Promise<EffectOutcome> {
    const { id, name, params, asked_at } = pending;
    const effect = ports.effects[name];
    if (effect === undefined) return failed(id, `${name} is not available in this build`, false);
    if (!effect.repeatable) {
      if (pending.started && !mine.has(id)) return interrupted(id);
      mine.add(id);
      if (!(await ports.markStarted(address, id))) return interrupted(id);
    }
    const call: EffectCall = { id, name, address, params, asked_at };
    try {
      return await effect.perform(call);
    } catch (error) {
      return failed(id, reasonOf(error), effect.repeatable);
    }
  }

  const pendingOf = ({ address, effect }: OpenEffect): PendingEffect | undefined =>
    ports.recordOf(address)?.pending.find(({ id }) => id === effect);

  async function run(name: string, lane: Lane, open: OpenEffect): Promise<void> {
    const pending = pendingOf(open);
    const parked = ports.recordOf(open.address)?.parked ?? null;
    if (pending !== undefined && parked === null) await ports.tell(open.address, await perform(open.address, pending));
    if (pendingOf(open) !== undefined) lane.aside.add(open.effect);
    mine.delete(open.effect);
    lane.inFlight.delete(open.effect);
    total -= 1;
    if (lane.exhausted && lane.inFlight.size + lane.aside.size + lane.queue.length === 0) lanes.delete(name);
    ports.freed();
  }

  return {
    poke: (name) => {
      laneOf(name).exhausted = false;
    },
    resumed: (pending) => {
      for (const { id, lane } of pending) lanes.get(lane)?.aside.delete(id);
    },
    begin: (most) => {
      let begun = 0;
      for (const [name, lane] of lanes) {
        const concurrency = ports.effects[nameOfLane(name)]?.concurrency ?? 1;
        while (!stopped && begun < most && total < ports.inFlightMax && lane.inFlight.size < concurrency) {
          refill(name, lane);
          const open = lane.queue.shift();
          if (open === undefined) break;
          lane.inFlight.add(open.effect);
          total += 1;
          begun += 1;
          void run(name, lane, open);
        }
      }
      return begun;
    },
    inFlight: () => total,
    stop: () => {
      stopped = true;
    },
  };
}

/** A lane is an effect's name, or `<name>:<key>` where effects of one name are kept apart by a key. */
export const laneFor = (name: string, key: string | undefined): string => (key === undefined ? name : `${name}:${key}`);
const nameOfLane = (lane: string): string => lane.split(":", 1)[0] ?? lane;
