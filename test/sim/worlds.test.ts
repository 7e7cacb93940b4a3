/**
 * Worlds in which everything goes wrong that can: see `test/support/sim-world.ts`. `SIM_SEED=17 npm run test:sim` plays one world
 * again, `SIM_SEEDS=500 npm run test:sim` plays so many new ones.
 */
import { describe, expect, test } from "vitest";
import { brokenIn } from "../support/sim-invariants.ts";
import { simulate, type SimEnd } from "../support/sim-world.ts";

const GATE = Array.from({ length: 32 }, (_, nth) => nth + 1);

function seeds(): readonly number[] {
  const { SIM_SEED: one, SIM_SEEDS: many } = process.env;
  if (one !== undefined) return [Number(one)];
  if (many === undefined) return GATE;
  return Array.from({ length: Number(many) }, () => Math.floor(Math.random() * 2 ** 31));
}

/** All that a world leaves, as text, by actor and by file. */
function traceOf({ state, disk, attempts }: SimEnd): ReadonlyMap<string, string> {
  return new Map([
    ...[...state.journals].map(([address, journal]) => [address, JSON.stringify(journal)] as const),
    ...[...state.actors].map(([address, record]) => [`${address} at rest`, JSON.stringify(record)] as const),
    ...[...disk.inbox, ...disk.evidence].map(([name, bytes]) => [name, Buffer.from(bytes).toString()] as const),
    ["attempts", JSON.stringify(attempts)] as const,
  ]);
}

describe("a world of faults, crashes, duplicates and a clock that jumps", () => {
  test.each(seeds())(
    "keeps every promise, and comes out the same when it is played again: SIM_SEED=%i",
    async (seed) => {
      const end = await simulate(seed);
      expect(brokenIn(end)).toEqual([]);
      expect(traceOf(await simulate(seed))).toEqual(traceOf(end));
    },
  );
});
