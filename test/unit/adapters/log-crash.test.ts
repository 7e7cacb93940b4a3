/** Whatever fails and whenever the process or the power goes: no fork, no acknowledged leaf lost, no second root for a size. */
import * as fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { verifyConsistency } from "../../../src/evidence/log/tree.ts";
import { type Fate, type LogMemoryDisk, logMemoryDisk, type PowerCut } from "./log-memory-disk.ts";
import {
  checkpointOf,
  expectReceipt,
  expectWholeLog,
  openOn,
  PUBLISHED,
  sealOf,
  seals,
  watchedSigner,
} from "./log-support.ts";

fc.configureGlobal({ seed: 1, numRuns: 60 });

/** The step that fails, and whether the process goes on or is ended by it. */
type Fault = { readonly at: number; readonly fate: "lost" | "kept"; readonly dies: boolean };
type End = PowerCut | "kill";

const fateOf =
  ({ at, fate, dies }: Fault) =>
  (_: unknown, now: number): Fate =>
    now === at ? fate : dies && now > at ? "dead" : "done";

/** What went before, which a life may add to. */
type History = {
  readonly acknowledged: Map<string, number>;
  readonly watched: ReturnType<typeof watchedSigner>;
  next: number;
};

/** Opens the log and appends batches of so many; what fails is tried once more, and fails again only when the process has ended. */
async function live(disk: LogMemoryDisk, batches: readonly number[], dies: boolean, history: History): Promise<void> {
  const { acknowledged, watched } = history;
  const twice = <T>(act: () => Promise<T>): Promise<T> => act().catch(act);
  try {
    const log = await twice(() => openOn(disk, { signer: watched.signer }));
    for (const count of batches) {
      const leaves = seals(history.next, count);
      history.next += count;
      const indexes = await twice(() => log.append(leaves));
      for (const [i] of leaves.entries()) acknowledged.set(sealOf(history.next - count + i), indexes[i] ?? -1);
    }
    // Nothing that matters is left to be done: a file that cannot be closed is a file that is closed.
    await log.close().catch(() => {});
  } catch (thrown) {
    if (!dies || !String(thrown).includes("EIO")) throw thrown;
  }
}

/** The next start finds all that was acknowledged, in a log that continues the one published before. */
async function expectRestart(disk: LogMemoryDisk, before: LogMemoryDisk, history: History): Promise<LogMemoryDisk> {
  const { acknowledged, watched } = history;
  expectWholeLog(disk.files(), acknowledged);
  const log = await openOn(disk, { signer: watched.signer });
  expect([...acknowledged].filter(([seal, index]) => log.indexOf(seal) !== index)).toEqual([]);
  const old = before.files().get(PUBLISHED);
  const now = checkpointOf(log.checkpoint());
  const { size, root } = old === undefined ? now : checkpointOf(old);
  expect(verifyConsistency(size, root, now.size, now.root, log.consistency(size))).toBe(true);
  const [seal] = [...acknowledged.keys()].slice(-1);
  if (seal !== undefined) expectReceipt(log, leafBytes({ kind: "seal", seal }), seal);
  const [again] = await log.append(seals(0, 1));
  expect(again).toBe(acknowledged.get(sealOf(0)) ?? again);
  acknowledged.set(sealOf(0), again ?? -1);
  await log.close();
  expectWholeLog(disk.files(), acknowledged);
  expect(watched.forks).toEqual([]);
  expect([...disk.files().keys()].filter((path) => path.includes(".tmp-"))).toEqual([]);
  return disk;
}

const ends: readonly End[] = [
  "kill",
  { names: "lost", bytes: 0 },
  { names: "kept", bytes: 0.4 },
  { names: "lost", bytes: 1 },
];

const history = (): History => ({ acknowledged: new Map(), watched: watchedSigner(), next: 0 });

describe("a batch that fills a tile", () => {
  let before: LogMemoryDisk;
  let stepsOfOpening = 0;
  let steps = 0;
  beforeAll(async () => {
    before = logMemoryDisk();
    await live(before, [254], false, history());
    const opening = before.after("kill");
    await live(opening, [], false, { ...history(), next: 254 });
    // Closing takes one step of its own.
    stepsOfOpening = opening.steps() - 1;
    const whole = before.after("kill");
    await live(whole, [4], false, { ...history(), next: 254 });
    steps = whole.steps();
  });
  /** A history in which the first 254 were acknowledged. */
  const since = (): History => ({
    acknowledged: new Map(Array.from({ length: 254 }, (_, n) => [sealOf(n), n])),
    watched: watchedSigner(),
    next: 254,
  });

  test("takes the steps that are made to fail below", () => {
    expect(steps - stepsOfOpening).toBeGreaterThan(40);
  });

  test.each(["lost", "kept"] as const)("goes on from any step that fails once, %s", async (fate) => {
    for (let at = stepsOfOpening; at < steps; at += 1) {
      const past = since();
      const disk = before.after("kill", fateOf({ at, fate, dies: false }));
      await live(disk, [4], false, past);
      expect(past.acknowledged.get(sealOf(257))).toBe(257);
      await expectRestart(disk.after("kill"), before, past);
    }
  });

  test.each(ends)("loses nothing when it ends at any step with %j", async (end) => {
    for (let at = stepsOfOpening; at < steps; at += 1) {
      const past = since();
      const disk = before.after("kill", fateOf({ at, fate: "lost", dies: true }));
      await live(disk, [4], true, past);
      await expectRestart(disk.after(end), before, past);
      expect(past.acknowledged.size).toBeGreaterThanOrEqual(254);
    }
  });
});

const lives = fc.array(
  fc.record({
    batches: fc.array(fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(130)), { maxLength: 4 }),
    at: fc.nat({ max: 160 }),
    fate: fc.constantFrom("lost" as const, "kept" as const),
    dies: fc.boolean(),
    end: fc.constantFrom(...ends),
  }),
  { minLength: 1, maxLength: 5 },
);

test("many lives, each with a step that fails and an end of its own, are one log", async () => {
  await fc.assert(
    fc.asyncProperty(lives, async (all) => {
      const past = history();
      let disk = logMemoryDisk();
      for (const { batches, end, ...fault } of all) {
        const life = disk.after("kill", fateOf(fault));
        await live(life, batches, fault.dies, past);
        disk = await expectRestart(life.after(end), disk, past);
      }
      expect(past.watched.forks).toEqual([]);
    }),
  );
});
