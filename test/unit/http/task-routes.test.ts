/** A run that a person asks for, by the API: what is answered is what was queued. */
import { expect, test } from "vitest";
import { refuse } from "../../../src/core/refusals.ts";
import { buildApiApp } from "../../../src/http/api-app.ts";
import type { DeskTarget } from "../../../src/http/control-target.ts";
import { AT, aTarget, runNumber } from "./desk-with-runs.ts";
import { holdAnswers } from "../../support/api-answers.ts";

async function ask(runTask: DeskTarget["runTask"], body: object, task = "risk-review") {
  const target = aTarget([]);
  const desks = target.desks().map((desk) => (runTask === undefined ? desk : { ...desk, runTask }));
  const app = buildApiApp({
    target: { ...target, desks: () => desks },
    clock: { now: () => AT },
    entropy: { bytes: (count) => new Uint8Array(count).fill(7) },
    complain: (_says, reason) => {
      throw reason;
    },
  });
  holdAnswers(app);
  const answer = await app.inject({ method: "POST", url: `/api/tasks/${task}/runs`, payload: body });
  return { status: answer.statusCode, body: answer.json() };
}

test("a run that was queued is answered with its id", async () => {
  const asked: unknown[] = [];
  const answer = await ask(
    (task, reason) => {
      asked.push([task, reason]);
      return Promise.resolve(runNumber(1));
    },
    { reason: "once more", workspace: "equity-desk" },
  );
  expect(answer).toEqual({
    status: 200,
    body: { schema: "qoc.tasks.run/1", run: runNumber(1), task: "risk-review" },
  });
  expect(asked).toEqual([["risk-review", "once more"]]);
});

test("one that was refused is answered as that", async () => {
  const answer = await ask(() => Promise.resolve(refuse("NOT_NOW", "desk.toml names no [agent] command")), {
    reason: "once more",
  });
  expect(answer).toMatchObject({
    status: 409,
    body: { code: "NOT_NOW", detail: "desk.toml names no [agent] command" },
  });
});

test.each([
  ["without a reason", {}, "risk-review", 400],
  ["of what is no task", { reason: "x" }, "..%2Fdesk", 400],
  ["of a desk that is not served", { reason: "x", workspace: "other" }, "risk-review", 409],
])("one %s begins nothing", async (_name, body, task, status) => {
  const answer = await ask(() => Promise.reject(new Error("it was begun")), body, task);
  expect(answer.status).toBe(status);
});
