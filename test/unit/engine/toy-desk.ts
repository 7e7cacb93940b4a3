/** A machine that does what a test tells it, and an engine over a memory store that hosts it. */
import { emit, setup } from "xstate";
import { createMemoryStore, type MemoryOptions, type MemoryStore } from "../../../src/adapters/store-memory.ts";
import { addressOf, type Address } from "../../../src/core/ids.ts";
import type { AdvanceWorld } from "../../../src/engine/advance.ts";
import { createEngine, type EmbeddedEngine, type EngineLimits } from "../../../src/engine/engine.ts";
import type { Observation } from "../../../src/core/observation.ts";
import type { ActorEvent, EffectOutcome, Effects, Mail } from "../../../src/engine/ports.ts";
import { manualClock, type ManualClock } from "../../support/manual-clock.ts";

type ToyEvent = ActorEvent & { readonly effect?: string; readonly name?: string };
type Told = Observation & { readonly type: "observation" };
const types: { events?: ToyEvent; emitted?: Told; input?: unknown; tags?: "resting" } = {};

/** Broken machines are mended between the tries of a test. */
export const faults = { guard: false, birth: false };

/** What each version has in common is all but the version. */
const toyOf = (version: string) =>
  setup({
    types,
    guards: {
      soundly: () => {
        if (faults.guard) throw new Error("the guard is broken");
        return true;
      },
    },
    actions: {
      observe: emit(({ event }): Told => ({ type: "observation", name: "told", value: event.type, basis: [] })),
      work: () => undefined,
      once: () => undefined,
      unheard: () => undefined,
    },
  }).createMachine({
    id: "toy",
    version,
    options: { maxIterations: 64 },
    context: () => {
      if (faults.birth) throw new Error("it cannot be born");
      return {};
    },
    initial: "idle",
    on: {
      TOLD: { actions: "observe" },
      GUARDED: { guard: "soundly", actions: "observe" },
      WORK: { actions: ["observe", { type: "work", params: { number: 1 } }] },
      WORK_TWICE: {
        actions: [
          { type: "work", params: { number: 1 } },
          { type: "work", params: { number: 2 } },
        ],
      },
      ONCE: { actions: "once" },
      UNHEARD: { actions: "unheard" },
      EFFECT_DONE: { actions: "observe" },
      EFFECT_FAILED: { actions: "observe" },
      INTERRUPTED: { actions: "observe" },
    },
    states: {
      idle: { tags: "resting", on: { WAIT: "waiting" } },
      waiting: { on: { STAY: "idle" }, after: { 1000: { target: "idle", actions: "observe" } } },
    },
  });

const toys = { "1": toyOf("1"), "2": toyOf("2") };

/** The build that a test runs under: the versions that it knows, the current one first. */
export const buildWith =
  (...versions: readonly (keyof typeof toys)[]): AdvanceWorld["machine"] =>
  (name, version) => {
    const known = versions.find((each) => version === undefined || each === version);
    return name === "toy" && known !== undefined ? toys[known] : undefined;
  };

export const toy = (name: string): Address => addressOf(`toy/${name}`);
export const [a, b, c] = [toy("a"), toy("b"), toy("c")];

export const mailFor = (to: Address, told: readonly string[], over: Partial<Mail> = {}): Mail => ({
  to,
  through: null,
  at: 1,
  by: "provider",
  birth: null,
  events: told.map((type) => ({ type })),
  artifacts: [],
  index: [],
  ...over,
});

/** Mail that bears its actor. */
export const birthOf = (to: Address, ...events: readonly string[]): Mail => mailFor(to, events, { birth: {} });
export const operator = (to: Address, ...events: readonly string[]): Mail => mailFor(to, events, { by: "operator" });

export type ToyDesk = {
  readonly engine: EmbeddedEngine;
  readonly store: MemoryStore;
  readonly clock: ManualClock;
  readonly complaints: readonly string[];
  /** The events of an actor's journal, in order. */
  readonly journal: (of: Address) => readonly string[];
  /** Cuts the power, and opens a desk like it on what is left. */
  readonly crash: (over?: Partial<ToyDeskOptions>) => ToyDesk;
};

export type ToyDeskOptions = {
  readonly effects: Effects;
  readonly store: MemoryOptions;
  readonly clock: ManualClock;
  readonly machine: AdvanceWorld["machine"];
  readonly limits: Partial<EngineLimits>;
};

const LIMITS: EngineLimits = {
  mailWaitingMax: 100,
  mailWaitingBytesMax: 1_000_000,
  sliceMs: Number.POSITIVE_INFINITY,
  quietMs: 0,
  shareMin: 1,
};

export function toyDesk(options: Partial<ToyDeskOptions> = {}): ToyDesk {
  const { effects = {}, clock = manualClock(1000), machine = buildWith("1"), limits = {} } = options;
  const store = createMemoryStore(options.store);
  const complaints: string[] = [];
  const engine = createEngine({
    store,
    clock,
    effects,
    machine,
    limits: { ...LIMITS, ...limits },
    complain: (says, { reason }) => complaints.push(`${says}: ${reason}`),
  });
  engine.start();
  return {
    engine,
    store,
    clock,
    complaints,
    journal: (of) => store.journal(of).map(({ event }) => event),
    crash: (over) => toyDesk({ ...options, clock, ...over, store: { ...over?.store, from: store.crash() } }),
  };
}

/** Gives everything that needs no clock the time to come to rest. */
export async function rest(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

export function outcomeOf(type: string, effect: string): EffectOutcome {
  const event: ToyEvent = { type, effect };
  return { event, artifacts: [] };
}

/** Effects that end when the test says so. */
export type Bench = {
  readonly effects: Effects;
  /** Ids in the order that their work began. */
  readonly begun: readonly string[];
  readonly finish: (nth: number, type?: string) => void;
  readonly fail: (nth: number, error: Error) => void;
};

export function bench(concurrency = 4): Bench {
  const begun: string[] = [];
  const ends: { readonly resolve: (type: string) => void; readonly reject: (error: Error) => void }[] = [];
  const effect = (repeatable: boolean): Effects[string] => ({
    repeatable,
    concurrency,
    perform: (call) =>
      new Promise((resolve, reject) => {
        begun.push(call.id);
        ends.push({
          resolve: (type) => resolve(outcomeOf(type, call.id)),
          reject,
        });
      }),
  });
  return {
    effects: { work: effect(true), once: effect(false) },
    begun,
    finish: (nth, type = "EFFECT_DONE") => ends[nth]?.resolve(type),
    fail: (nth, error) => ends[nth]?.reject(error),
  };
}
