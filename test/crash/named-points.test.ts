/**
 * Kills the daemon at named points of the commit path, one after the other on one desk, while senders go on. Then nothing may be lost, doubled
 * or half-written. The next daemon is each one's recovery. The gate takes every second point; CRASH_ROUNDS takes all, and each more than once.
 */
import { describe, expect, test } from "vitest";
import { crashPoints, lastWords } from "../support/crash-points.ts";
import { createCrashSite } from "../support/crash-site.ts";
import { launchFaulty } from "../support/daemon.ts";
import { CRASH_TEST_MS, crashRounds, crashSeed, pointsOf } from "../support/crash-settings.ts";
import { seededRandom } from "../support/seeded-random.ts";

const random = seededRandom(crashSeed());
const points = pointsOf(crashPoints);
const timesAtEach = Math.max(1, Math.ceil(crashRounds(0) / points.length));
/** The more often a point was passed, the busier the daemon is when it dies there. */
const NTH_MAX = 4;

describe("a daemon killed at named points", () => {
  const site = createCrashSite(random);

  test.each(points)("dies at %s, and its senders go on", async (point) => {
    for (let time = 0; time < timesAtEach; time += 1) {
      const nth = random.between(1, NTH_MAX);
      const said = await site.untilDead(launchFaulty(site.dir, { kind: "die", at: point, nth }));
      expect(said).toMatchObject({ signal: "SIGKILL", stderr: lastWords(point) });
    }
  });

  test("loses, doubles and halves nothing", { timeout: CRASH_TEST_MS }, async () => {
    expect(await site.findings()).toEqual([]);
    expect(new Set(site.sent().map(({ relation }) => relation))).toEqual(new Set(["original", "conflict", "replay"]));
  });
});
