/** A short day at the desk, played again with each of its writes failing: lost, or kept and reported as failed; with and without a crash then. */
import { expect, test } from "vitest";
import type { Fault } from "../support/faulty-store.ts";
import { NOW } from "../support/ingress-desk.ts";
import { manualClock } from "../support/manual-clock.ts";
import { seededEntropy } from "../support/seeded-entropy.ts";
import { seededRandom } from "../support/seeded-random.ts";
import { createSimDisk } from "../support/sim-disk.ts";
import { brokenIn } from "../support/sim-invariants.ts";
import { beginLife, type LifeWorld } from "../support/sim-life.ts";
import { comeToRest, turns } from "../support/sim-rest.ts";
import { createSenders } from "../support/sim-senders.ts";
import { conflictOf, messageOf, replayOf } from "../support/sim-webhooks.ts";
import type { SimEnd } from "../support/sim-world.ts";

type Fails = { readonly write: number; readonly fault: Fault; readonly crashes: boolean };
type Day = { readonly end: SimEnd; readonly writes: number };

async function dayWith(fails: Fails | undefined): Promise<Day> {
  const entropy = seededEntropy(1);
  const clock = manualClock(NOW);
  const disk = createSimDisk(entropy.bytes(32));
  const senders = createSenders(seededRandom(1));
  const world: LifeWorld = { clock, disk, entropy, begun: [], sabotage: (store) => store };
  let writes = 0;
  const faults = (): Fault | undefined => ((writes += 1) === fails?.write ? fails.fault : undefined);
  let life = beginLife(world, { faults, knowsMachines: true });
  const first = messageOf("orders", 1);
  const script = [
    first,
    messageOf("agents", 2),
    first,
    conflictOf(first, 3),
    replayOf(first, 4),
    messageOf("alerts", 5),
    first,
  ];
  for (const message of script) {
    if (message !== undefined) senders.say(life, clock.now(), message);
    for (let turn = 0; turn < 4; turn += 1) {
      await turns(3);
      life.flush();
      await turns(3);
      if (fails?.crashes === true && writes === fails.write) {
        life.end();
        life = beginLife(world, { faults, from: life.store.crash(1), knowsMachines: true });
      }
      for (const task of life.tasks.splice(0)) task("done");
      clock.advance(100);
    }
  }
  const isAtRest = await comeToRest(life, clock, senders);
  const { store } = life;
  return {
    end: { store, state: store.snapshot(), disk, attempts: senders.attempts, begun: world.begun, isAtRest },
    writes,
  };
}

test("whichever write of a day fails, and however, every promise is kept", async () => {
  const { writes } = await dayWith(undefined);
  expect(writes).toBeGreaterThan(15);
  for (let write = 1; write <= writes; write += 1) {
    for (const fault of ["lost", "kept"] as const) {
      for (const crashes of [false, true]) {
        const { end } = await dayWith({ write, fault, crashes });
        expect({ write, fault, crashes, broken: brokenIn(end) }).toEqual({ write, fault, crashes, broken: [] });
      }
    }
  }
});
