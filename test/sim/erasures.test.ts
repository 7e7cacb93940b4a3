/** The worlds of the gate hold erasures enough to mean something: of runs with amendments, of shared bytes, of edited pages. */
import { expect, test } from "vitest";
import { tombstoneIn } from "../../src/core/delivery-journal.ts";
import { erasedIn } from "../support/sim-runs.ts";
import { simulate } from "../support/sim-world.ts";

const SEEDS = Array.from({ length: 12 }, (_, nth) => nth + 1);

test("people have runs erased in these worlds, some of them amended, and deliveries come again afterwards", async () => {
  let erased = 0;
  let amended = 0;
  let again = 0;
  for (const seed of SEEDS) {
    const end = await simulate(seed);
    for (const { journal } of erasedIn(end)) {
      erased += 1;
      if ((tombstoneIn(journal)?.seals.length ?? 0) > 1) amended += 1;
      if (journal.some(({ event, data }) => event === "REDELIVERED" && JSON.stringify(data) === "{}")) again += 1;
    }
  }
  expect([erased > 15, amended > 0, again > 1]).toEqual([true, true, true]);
}, 120_000);
