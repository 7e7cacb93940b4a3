/** Kills the daemon at random moments, also while it starts and recovers, while senders go on. */
import { expect, test } from "vitest";
import { createCrashSite, type Moment } from "../support/crash-site.ts";
import { CRASH_TEST_MS, crashRounds, crashSeed } from "../support/crash-settings.ts";
import { launch } from "../support/daemon.ts";
import { seededRandom } from "../support/seeded-random.ts";

const random = seededRandom(crashSeed());
const rounds = crashRounds(8);

/** Most daemons live long enough to do something; some never get through their start. */
const anyMoment = (): Moment =>
  random.next() < 0.25
    ? { after: "launch", ms: random.between(50, 600) }
    : { after: "ready", ms: random.between(0, 600) };

test(
  `a daemon killed ${rounds} times at random moments loses, doubles and halves nothing`,
  { timeout: CRASH_TEST_MS },
  async () => {
    const site = createCrashSite(random);
    for (let round = 0; round < rounds; round += 1) {
      const { signal } = await site.killed(launch([site.dir]), anyMoment());
      expect(signal).toBe("SIGKILL");
    }
    expect(await site.findings()).toEqual([]);
  },
);
