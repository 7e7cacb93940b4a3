/** Runs that a person or an agent asks for: what place they take among those that wait. */
import { expect, test } from "vitest";
import { refuse, type Refusal } from "../../src/core/refusals.ts";
import { createTaskRuns } from "../../src/main-task-runs.ts";
import { inputWith } from "../support/delivery-words.ts";
import { fakeEngine } from "../support/fake-engine.ts";
import { desk } from "../support/ingress-desk.ts";
import { deskOf } from "./config/load-text.ts";

function world(placesMax = 10, closed?: Refusal) {
  const host = fakeEngine();
  const places: string[] = [];
  const queue = {
    join: (run: string) => places.length < placesMax && places.push(run) > 0,
    leave: (run: string) => void places.splice(places.indexOf(run), 1),
  };
  const runs = createTaskRuns(
    () => ({ ...desk([], host), queue }),
    () => deskOf('name = "desk"\n[agent]\ncommand = "codex"\n'),
    () => closed,
  );
  return { host, places, runs };
}

test("the agent of a run that asks again for a task is given the run that is there, which has its place once", async () => {
  const { host, places, runs } = world();
  const first = await runs.requeue(inputWith(), "review", "once");
  places.length = 0;
  expect(await runs.requeue(inputWith(), "review", "again")).toBe(first);
  expect(places).toEqual([]);
  expect(host.posted).toHaveLength(1);
});

test("an agent, too, is refused a run that there is no place for", async () => {
  const { host, runs } = world(0);
  expect(await runs.requeue(inputWith(), "review", "once")).toMatchObject({ code: "OVERLOADED" });
  expect(host.posted).toEqual([]);
});

test("a run that could not be begun gives its place back", async () => {
  const { host, places, runs } = world();
  host.fail(new Error("no"));
  await expect(runs.ask("review", "once")).rejects.toThrow("no");
  expect(places).toEqual([]);
});

test("a daemon that takes no deliveries begins no run either", async () => {
  const { host, places, runs } = world(10, refuse("DRAINING", "stopping", 5));
  expect(await runs.ask("review", "once")).toMatchObject({ code: "DRAINING" });
  expect([host.posted, places]).toEqual([[], []]);
});
