/** Notices are actors that are no runs: the API counts them and shows them nowhere else. */
import { expect, test } from "vitest";
import { noticeAddress } from "../../../src/core/ids.ts";
import { listRuns, unfinishedActors } from "../../../src/http/run-index.ts";
import { buildApiApp } from "../../../src/http/api-app.ts";
import { aRun, aTarget, AT, runNumber, type Kept } from "./desk-with-runs.ts";
import { holdAnswers } from "../../support/api-answers.ts";

const run = aRun({ run: runNumber(1), state: "executing.performing" });
const unwritten = aRun({ run: runNumber(2), state: "writing", parked: { reason: "no machine", at: AT } });
const notice: Kept = {
  ...unwritten,
  webhook: "",
  record: { ...unwritten.record, address: noticeAddress(runNumber(1), 1), machine: "notice" },
};
const target = aTarget([run, notice]);

test("an unwritten notice is no unfinished run, and nothing that a list of runs shows", async () => {
  const query = { stuck: true, needs_me: false, limit: 10 };
  expect((await listRuns(target.desks(), query)).items).toEqual([]);
  expect((await listRuns(target.desks(), { ...query, stuck: false })).items.map((item) => item.run)).toEqual([
    runNumber(1),
  ]);
});

test("unfinished actors are found by their machine", async () => {
  const found: string[] = [];
  for (const desk of target.desks()) for await (const address of unfinishedActors(desk, "notice")) found.push(address);
  expect(found).toEqual([notice.record.address]);
});

test("status counts the notices that are not written yet apart from the runs", async () => {
  const app = buildApiApp({
    target,
    clock: { now: () => AT },
    entropy: { bytes: (count) => new Uint8Array(count) },
    complain: () => undefined,
  });
  holdAnswers(app);
  const { workspaces } = (await app.inject({ url: "/api/status" })).json();
  expect(workspaces).toMatchObject([{ runs: { unfinished: 1, parked: 0 }, notices: { unwritten: 1 } }]);
});
