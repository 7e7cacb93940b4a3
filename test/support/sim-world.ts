/**
 * One simulated world: what happens is drawn from a seed, and nothing else decides. First everything goes wrong that can; then the
 * faults end, and everything must come to rest.
 */
import type { MemoryState } from "../../src/adapters/store-memory-state.ts";
import type { MemoryStore } from "../../src/adapters/store-memory.ts";
import type { Store } from "../../src/engine/ports.ts";
import { NOW } from "./ingress-desk.ts";
import { manualClock } from "./manual-clock.ts";
import { seededEntropy } from "./seeded-entropy.ts";
import { seededRandom, type Random } from "./seeded-random.ts";
import { createSimDisk, type SimDisk } from "./sim-disk.ts";
import { beginLife, type Begun, type Life, type LifeWorld } from "./sim-life.ts";
import { haveErased, meddle, tellStaleTimer } from "./sim-operators.ts";
import { comeToRest, turns } from "./sim-rest.ts";
import { createSenders, type Attempt } from "./sim-senders.ts";
import { seededFaults } from "./faulty-store.ts";
import type { Ending } from "./sim-tasks.ts";

/** What is left of a world that has come to rest. */
export type SimEnd = {
  readonly store: MemoryStore;
  readonly state: MemoryState;
  readonly disk: SimDisk;
  readonly attempts: readonly Attempt[];
  readonly begun: readonly Begun[];
  readonly isAtRest: boolean;
};

const ACTS = 250;
const FAULT_SHARES = [0, 0.05, 0.15, 0.3];

export async function simulate(seed: number, sabotage: (store: Store) => Store = (store) => store): Promise<SimEnd> {
  const random = seededRandom(seed);
  const entropy = seededEntropy(seed);
  const clock = manualClock(NOW);
  const disk = createSimDisk(entropy.bytes(32));
  const begun: Begun[] = [];
  const world: LifeWorld = { clock, disk, entropy, begun, sabotage };
  const senders = createSenders(random);
  const planned = seededFaults(seed, FAULT_SHARES[random.between(0, FAULT_SHARES.length - 1)] ?? 0);
  let writes = 0;
  let isCalm = false;
  const faults = (): ReturnType<typeof planned> => (isCalm ? undefined : planned((writes += 1)));

  let knowsMachines = true;
  let life = beginLife(world, { faults, knowsMachines });
  const begin = (from: MemoryState, build: boolean): void => {
    knowsMachines = build;
    life.end();
    life = beginLife(world, { faults, from, knowsMachines });
  };

  /** The power fails: of what is under way, some has reached the disk. */
  function crash(build: boolean): void {
    for (const task of life.tasks.splice(0)) if (random.next() < 0.5) task("dies after");
    begin(life.store.crash(random.between(0, 3)), build);
  }

  /** Something else is said instead of what was refused, and the power fails behind the acknowledgement. */
  async function correctAndCrash(): Promise<void> {
    if (!senders.sayCorrected(life, clock.now())) return;
    await turns(2);
    life.flush();
    await turns(1);
    if (random.next() < 0.5) crash(true);
  }

  async function stop(): Promise<void> {
    let isOver = false;
    void life.engine.stop(5_000).then(() => (isOver = true));
    for (let turn = 0; turn < 12 && !isOver; turn += 1) {
      life.flush();
      endTask(life, random, 0);
      await turns(2);
    }
    if (!isOver) clock.advance(5_000);
    await turns(2);
    await life.store.close();
    begin(life.store.snapshot(), true);
  }

  const acts: readonly (readonly [weight: number, act: () => void | Promise<void>])[] = [
    [12, () => senders.sayNew(life, clock.now())],
    [8, () => senders.sayAgain(life, clock.now())],
    [8, () => senders.sayOther(life, clock.now())],
    [6, correctAndCrash],
    [30, () => void life.flush()],
    [25, () => endTask(life, random, 0.3)],
    [10, () => clock.advance([0, 10, 300, 2_000, 60_000, 200_000][random.between(0, 5)] ?? 0)],
    [1, () => clock.jump(clock.now() + random.between(0, 3_600_000))],
    [1, () => clock.jump(clock.now() - random.between(0, 3_600_000))],
    [6, () => meddle(life, random, clock.now())],
    [3, () => haveErased(life, random, clock.now())],
    [4, () => tellStaleTimer(life, random, clock.now())],
    [2, () => editItem(disk, random)],
    [3, () => crash(random.next() < 0.8)],
    [1, stop],
  ];

  for (let act = 0; act < ACTS; act += 1) {
    await drawn(acts, random)();
    await turns(random.between(0, 3));
  }

  isCalm = true;
  if (!knowsMachines || random.next() < 0.3) crash(true);
  const isAtRest = await comeToRest(life, clock, senders);
  return { store: life.store, state: life.store.snapshot(), disk, attempts: senders.attempts, begun, isAtRest };
}

function endTask({ tasks }: Life, random: Random, failing: number): void {
  const [task] = tasks.splice(random.between(0, tasks.length - 1), 1);
  const ending: Ending = random.next() >= failing ? "done" : random.next() < 0.5 ? "fails before" : "fails after";
  task?.(ending);
}

/** A person writes into an inbox item. It must stay the one item of its run. */
function editItem({ inbox }: SimDisk, random: Random): void {
  const name = [...inbox.keys()][random.between(0, inbox.size - 1)];
  const bytes = name === undefined ? undefined : inbox.get(name);
  if (name !== undefined && bytes !== undefined) inbox.set(name, Buffer.concat([bytes, Buffer.from("\nSeen.\n")]));
}

function drawn<T>(weighted: readonly (readonly [number, T])[], random: Random): T {
  let left = random.next() * weighted.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, one] of weighted) {
    left -= weight;
    if (left < 0) return one;
  }
  throw new Error("nothing was drawn");
}
