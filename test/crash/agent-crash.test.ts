/**
 * Kills the daemon at named points of an agent run (of which the gate takes every second one), one run after the other on one desk. The next daemon
 * is each one's recovery: what was approved is sent once, what may have happened is stuck until a person looks, and everything is sealed in the end.
 */
import { setTimeout as pause } from "node:timers/promises";
import { beforeAll, describe, expect, test } from "vitest";
import {
  attended,
  begin,
  crashDesk,
  findingsIn,
  leftOf,
  type Left,
  resume,
  stateOf,
  untilDead,
  why,
} from "../support/agent-crash-site.ts";
import type { AgentPoint } from "../support/agent-points.ts";
import { quiet } from "../support/control.ts";
import { lastWords } from "../support/crash-points.ts";
import { CRASH_TEST_MS, crashRounds, crashSeed, pointsOf } from "../support/crash-settings.ts";
import { type Child, kill, launch, launchFaulty, ready, stop } from "../support/daemon.ts";
import { seededRandom } from "../support/seeded-random.ts";

const random = seededRandom(crashSeed());
const rounds = crashRounds(3);
/** Most runs are over by then. */
const RUN_MS_MAX = 900;

/** What the next daemon makes of it: the run goes on by itself, or it is stuck and a person says how it goes on. */
type Then = "goes on" | "stuck over its agent" | "stuck over an order";
/** How often the agent was launched in all, and how many drafts it made before it was started again. */
type Story = readonly [at: AgentPoint, nth: number, then: Then, launches: number, withdrawn: number];

const stories = pointsOf<Story>([
  ["run-born-committed", 1, "goes on", 1, 0],
  ["launch-noted-committed", 1, "stuck over its agent", 1, 0],
  ["agent-file-named", 1, "stuck over its agent", 2, 0],
  ["tool-called-before-commit", 2, "stuck over its agent", 2, 1],
  ["agent-ended-before-commit", 1, "stuck over its agent", 2, 2],
  ["agent-ended-committed", 1, "goes on", 1, 0],
  ["question-named", 1, "goes on", 1, 0],
  ["question-told-before-commit", 1, "goes on", 1, 0],
  ["decided-committed", 1, "goes on", 1, 0],
  ["decided-before-commit", 2, "goes on", 1, 0],
  ["decided-committed", 2, "goes on", 1, 0],
  ["sending-noted-committed", 1, "stuck over an order", 1, 0],
  ["ledger-half-written", 1, "stuck over an order", 1, 0],
  ["ledger-written-before-sync", 1, "stuck over an order", 1, 0],
  ["order-settled-before-commit", 1, "stuck over an order", 1, 0],
  ["order-settled-committed", 1, "goes on", 1, 0],
  ["order-settled-before-commit", 2, "stuck over an order", 1, 0],
  ["order-file-named", 2, "goes on", 1, 0],
  ["order-file-moved", 2, "goes on", 1, 0],
  ["order-file-removed", 2, "goes on", 1, 0],
  ["order-filed-before-commit", 2, "goes on", 1, 0],
  ["report-named", 1, "goes on", 1, 0],
  ["report-told-before-commit", 1, "goes on", 1, 0],
  ["envelope-named", 1, "goes on", 1, 0],
  ["seal-told-before-commit", 1, "goes on", 1, 0],
]);

let dir: string;
/** The next to die. It is the recovery of the one before, and has to be done with that first. */
let daemon: Child;

function launchAt(story: Story | undefined): Child {
  if (story === undefined) return launch([dir]);
  const [at, nth] = story;
  return launchFaulty(dir, { kind: "die", at, nth });
}

beforeAll(() => {
  dir = crashDesk();
  daemon = launchAt(stories[0]);
});

/** A person looks at a run that is stuck, and lets it go on. */
async function lookAt(run: string, then: Then): Promise<void> {
  const isOverOrder = then === "stuck over an order";
  expect(await why(dir, run)).toContain(isOverOrder ? "may have been sent" : "whether it acted is unknown");
  expect(await resume(dir, run, { dry_run: true })).toContain(
    isOverOrder ? "only if the connector says that it never saw it" : "the interrupted agent is started again",
  );
  expect(await stateOf(dir, run)).toBe("stuck");
  await resume(dir, run);
  await attended(dir, run, ["sealed"]);
}

/** What is left of a run that may be stuck more than once: over its agent, and then over an order. */
async function wholeOf(run: string): Promise<Left> {
  while ((await attended(dir, run, ["stuck", "sealed"])) === "stuck") await resume(dir, run);
  await quiet(dir);
  return leftOf(dir, run);
}

describe("a daemon killed over an agent run", () => {
  test.each([...stories.entries()])("%i: %j", { timeout: 60_000 }, async (number, story) => {
    const [at, , then, launches, withdrawn] = story;
    const said = await untilDead(dir, daemon, `run ${number}`);
    expect(said).toMatchObject({ signal: "SIGKILL", stderr: expect.stringContaining(lastWords(at)) });

    daemon = launchAt(stories[number + 1]);
    const { ingress } = await ready(daemon, dir);
    const run = await begin(ingress, `run ${number}`);
    const state = await attended(dir, run, ["stuck", "sealed"]);
    expect(state).toBe(then === "goes on" ? "sealed" : "stuck");
    if (state === "stuck") await lookAt(run, then);
    await quiet(dir);
    const drafts = [...Array.from({ length: withdrawn }, () => "withdrawn"), "executed", "executed"];
    expect(await leftOf(dir, run)).toEqual({
      drafts,
      fills: [withdrawn + 1, withdrawn + 2],
      executed: 2,
      rejected: withdrawn,
      fill_pages: 2,
      questions: 2,
      reports: 1,
      launches,
      alive: [],
    } satisfies Left);
  });

  test(`and ${rounds} times at random moments`, { timeout: CRASH_TEST_MS }, async () => {
    for (let round = 0; round < rounds; round += 1) {
      const name = `random ${round}`;
      const { ingress } = await ready(daemon, dir);
      const begun = begin(ingress, name);
      begun.then((run) => attended(dir, run, ["sealed"])).catch(() => undefined);
      await pause(random.between(0, RUN_MS_MAX));
      expect(await kill(daemon)).toMatchObject({ signal: "SIGKILL" });
      daemon = launch([dir]);
      const run = await begin((await ready(daemon, dir)).ingress, name);
      const left = await wholeOf(run);
      expect(left.drafts.filter((state) => state !== "withdrawn")).toEqual(["executed", "executed"]);
      const sent = left.drafts.flatMap((state, at) => (state === "executed" ? [at + 1] : []));
      expect(left).toMatchObject({ fills: sent, executed: 2, fill_pages: 2, reports: 1, alive: [] });
    }
  });

  test("leaves a desk in which nothing is lost, doubled or half-done", async () => {
    expect((await stop(daemon)).code).toBe(0);
    expect(await findingsIn(dir, stories.length + rounds)).toEqual([]);
  });
});
