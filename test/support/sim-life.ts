/** One process of the simulated daemon: from its start to the crash or stop that ends it. */
import { createHash } from "node:crypto";
import { z } from "zod";
import { machineFor } from "../../machines/index.ts";
import { createMemoryStore, type MemoryOptions, type MemoryStore } from "../../src/adapters/store-memory.ts";
import type { DeliveryEvent } from "../../src/core/delivery.ts";
import { sha256Of, type Instant } from "../../src/core/ids.ts";
import type { ArtifactRef } from "../../src/core/observation.ts";
import { deskEffects, type DeskEffectsWorld } from "../../src/desk/effects.ts";
import { createRecentRuns } from "../../src/desk/recent-runs.ts";
import { createEngine, type EmbeddedEngine } from "../../src/engine/engine.ts";
import type {
  ActorEvent,
  Clock,
  DueTimer,
  Effect,
  EffectCall,
  Effects,
  Entropy,
  Mail,
  Store,
} from "../../src/engine/ports.ts";
import type { DeskIngress } from "../../src/ingress/desk-ingress.ts";
import { knownDeliveries } from "../../src/main-desk.ts";
import { desk } from "./ingress-desk.ts";
import { beginTask, type Task } from "./sim-tasks.ts";
import { webhooks } from "./sim-webhooks.ts";
import type { SimDisk } from "./sim-disk.ts";

export type Begun = { readonly life: MemoryStore; readonly call: EffectCall };

export type LifeWorld = {
  readonly clock: Clock;
  readonly disk: SimDisk;
  readonly entropy: Entropy;
  /** Every effect that was begun, over all lives. */
  readonly begun: Begun[];
  /** Stands between the engine and its store: a test of the simulation itself puts a bug here. */
  readonly sabotage: (store: Store) => Store;
};

export type Life = {
  readonly store: MemoryStore;
  readonly engine: EmbeddedEngine;
  readonly ingress: DeskIngress;
  readonly tasks: Task[];
  /** Timers that were set in this life. Most of them are stale by now. */
  readonly timers: DueTimer[];
  /** Lets the writes under way reach the disk. */
  readonly flush: () => boolean;
  /** Nothing of this process acts any more: its clock is dead and its tasks are nobody's. */
  readonly end: () => void;
};

export type LifeOptions = MemoryOptions & {
  /** Which build this is: an older one knows no machine of today. */
  readonly knowsMachines: boolean;
};

/** Deterministic: nothing of it depends on how long anything takes. */
const LIMITS = {
  mailWaitingMax: 8,
  mailWaitingBytesMax: 1_000_000,
  sliceMs: Number.POSITIVE_INFINITY,
  quietMs: 0,
  shareMin: 1,
};

export function beginLife(world: LifeWorld, { knowsMachines, ...options }: LifeOptions): Life {
  let lives = true;
  const flushes: (() => void)[] = [];
  const tasks: Task[] = [];
  const timers: DueTimer[] = [];
  const store = createMemoryStore({ ...options, flushLater: (flush) => flushes.push(flush) });
  const seen = world.sabotage(store);
  const clock = mortal(world.clock, () => lives);
  const recent = createRecentRuns(seen);
  const engine: EmbeddedEngine = createEngine({
    store: seen,
    clock,
    effects: noted(
      effectsOf(world, { ...seen, read: recent.read, journal: recent.journal }, clock, tasks, (mail) =>
        engine.post(mail),
      ),
      (call) => world.begun.push({ life: store, call }),
    ),
    machine: knowsMachines ? machineFor : () => undefined,
    limits: LIMITS,
    complain: () => undefined,
  });
  engine.listen(recent.note);
  engine.listen(({ record: { address, timers: set } }) => {
    timers.push(...set.map(({ at, id, generation }) => ({ at, address, id, generation })));
  });
  const ingress = { ...desk(webhooks), engine, known: knownDeliveries(engine, seen), entropy: world.entropy };
  engine.start();
  return {
    store,
    engine,
    ingress,
    tasks,
    timers,
    flush: () => flushes.splice(0).map((flush) => flush()).length > 0,
    end: () => {
      lives = false;
    },
  };
}

/** The log has simulations of its own: here every leaf is taken, and erasures are noted. */
const logOn = ({ erasures }: SimDisk, tasks: Task[]): DeskEffectsWorld["log"] => ({
  append: (leaves) => {
    const erased = leaves.flatMap((leaf) => (leaf.kind === "erasure" ? [leaf.of_seal] : []));
    const note = (): void => erased.forEach((seal) => erasures.add(seal));
    const numbers = leaves.map((_, at) => at);
    return erased.length === 0 ? Promise.resolve(numbers) : beginTask(tasks, note).then(() => numbers);
  },
  markOf: () => "0".repeat(64),
  saveReceipt: () => undefined,
  receiptOf: () => undefined,
});

/** A dead process is not woken. */
const mortal = (clock: Clock, lives: () => boolean): Clock => ({
  now: clock.now,
  wake: (at: Instant, call) => clock.wake(at, () => (lives() ? call() : undefined)),
  after: (ms, call) => clock.after(ms, () => (lives() ? call() : undefined)),
});

function effectsOf(
  { disk }: LifeWorld,
  store: DeskEffectsWorld["store"],
  clock: Clock,
  tasks: Task[],
  post: (mail: Mail) => Promise<void>,
): Effects {
  const clerk = { perform: (job: Parameters<SimDisk["perform"]>[0]) => beginTask(tasks, () => disk.perform(job)) };
  const files: DeskEffectsWorld["files"] = {
    read: disk.read,
    remove: (file) => beginTask(tasks, () => disk.remove(file)),
  };
  const fake = (repeatable: boolean, eventOf: (call: EffectCall) => ActorEvent): Effect => ({
    repeatable,
    concurrency: 4,
    perform: (call) => beginTask(tasks, () => ({ event: eventOf(call), artifacts: [] })),
  });
  return {
    ...deskEffects({ dir: "desk", store, clerk, files, log: logOn(disk, tasks), now: clock.now }),
    runAgent: {
      repeatable: false,
      concurrency: 4,
      perform: async (call) => {
        // An agent whose call was not kept goes on, or not: this one does.
        for (const mail of proposals(call, clock.now())) await post(mail).catch(() => undefined);
        return beginTask(tasks, () => ({ event: doneWith(call), artifacts: [] }));
      },
    },
    askApproval: fake(true, doneWith),
    dispatchOrder: fake(false, (call) => sentOrNot(call)),
    writeReport: fake(true, ({ id }) =>
      Object.assign({ type: "REPORTED" }, { effect: id, file: "snapshots/s.md", step: null, artifacts: [] }),
    ),
    settleOrder: fake(true, ({ id }) => Object.assign({ type: "EFFECT_DONE" }, { effect: id, file: null })),
  };
}

type Done = ActorEvent & { readonly effect: string };
const doneWith = ({ id }: EffectCall): Done & object =>
  Object.assign({ type: "EFFECT_DONE", effect: id }, { step: null, artifacts: [], result: null });

/** Of some orders nobody can say whether they were sent, until a person asks again. */
function sentOrNot({ id, params }: EffectCall): ActorEvent & object {
  const { draft, run, resumed } = z.object({ draft: z.number(), run: z.string(), resumed: z.boolean() }).parse(params);
  const told = { effect: id, draft, step: null, artifacts: [] };
  if (!resumed && numberIn(run) % 4 === 0)
    return Object.assign({ type: "ORDER_UNCLEAR" }, told, { reason: "no answer" });
  return Object.assign({ type: "ORDER_SETTLED" }, told, { outcome: "executed", reason: null });
}

const numberIn = (run: string): number => Number.parseInt(run.slice(-2), 16);

/** An agent proposes no, one or two orders; the same one the same, however often it is asked. */
const proposals = ({ address }: EffectCall, at: Instant): readonly Mail[] =>
  Array.from({ length: numberIn(address) % 3 }, (_, i) => {
    const bytes = Buffer.from(`order ${i} of ${address}`);
    const content = sha256Of(createHash("sha256").update(bytes).digest("hex"));
    const ref: ArtifactRef = {
      sha256: content,
      kind: "draft",
      media_type: "application/toml",
      bytes: bytes.byteLength,
      class: "internal",
    };
    const event: DeliveryEvent = {
      type: "TOOL_CALLED",
      tool: "orders_propose",
      ok: true,
      refusal: null,
      proposed: { file: `orders/proposed/${i}.toml`, digest: content, content },
      artifacts: [ref],
    };
    const artifacts = [{ ref, bytes }];
    return { to: address, through: null, at, by: "agent", birth: null, events: [event], artifacts, index: [] };
  });

/** The effects, with a note of each call before it begins. */
function noted(effects: Effects, note: (call: EffectCall) => void): Effects {
  const one = (effect: Effect): Effect => ({
    ...effect,
    perform: (call) => {
      note(call);
      return effect.perform(call);
    },
  });
  return Object.fromEntries(Object.entries(effects).map(([name, effect]) => [name, one(effect)]));
}
