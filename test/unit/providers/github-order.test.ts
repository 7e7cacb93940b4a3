/** How deliveries of one object of GitHub's sort. */
import { describe, expect, test } from "vitest";
import type { Facts } from "../../../src/core/delivery.ts";
import { sha256Of } from "../../../src/core/ids.ts";
import { github } from "../../../src/providers/github.ts";
import { readPayload } from "../../../src/providers/payload.ts";

const SHA = sha256Of("ab".repeat(32));
const repository = { full_name: "octo-org/octo-repo" };

function facts(event: string, body: object): Facts {
  const payload = readPayload(Buffer.from(JSON.stringify({ repository, ...body })));
  return github.normalize(
    { headers: new Map([["x-github-event", [event]]]), sha256: SHA, payload },
    { event: "/event" },
  );
}

/** By mark and then by rank, as a subject sorts; what is not behind the one before it, or about another subject, is listed. */
function disorderIn(series: readonly Facts[]): readonly Facts[] {
  return series.filter((found, index) => {
    const [before, now] = [series[index - 1] ?? found, found];
    if (before.order?.kind !== "mark" || now.order?.kind !== "mark") return true;
    if (now.subject_key === null || now.subject_key !== before.subject_key) return true;
    if (index === 0) return false;
    return before.order.mark === now.order.mark
      ? before.order.rank >= now.order.rank
      : before.order.mark > now.order.mark;
  });
}

describe("deliveries of one object come in the order", () => {
  const at = (second: number): string => `2026-01-01T00:00:0${second}Z`;

  test("of a workflow run's attempts, and only within one of time and status", () => {
    const run = (run_attempt: number, status: string, second: number) =>
      facts("workflow_run", { workflow_run: { id: 1, run_attempt, status, updated_at: at(second) } });
    expect(
      disorderIn([
        run(1, "queued", 1),
        run(1, "in_progress", 1),
        run(1, "completed", 9),
        run(2, "queued", 2),
        run(2, "in_progress", 3),
        run(2, "completed", 3),
        run(10, "requested", 1),
      ]),
    ).toEqual([]);
  });

  test("of a check run's start, end and status, also where it is run again", () => {
    const check = (status: string, started: number, completed: number | null) =>
      facts("check_run", {
        check_run: { id: 1, status, started_at: at(started), completed_at: completed === null ? null : at(completed) },
      });
    expect(
      disorderIn([
        check("queued", 1, null),
        check("in_progress", 1, null),
        check("completed", 1, 1),
        check("completed", 1, 2),
        check("queued", 3, null),
        check("completed", 3, 4),
      ]),
    ).toEqual([]);
  });

  test("of a workflow job's start and status", () => {
    const job = (status: string, started: number, completed: number | null) =>
      facts("workflow_job", {
        workflow_job: {
          id: 1,
          status,
          started_at: at(started),
          completed_at: completed === null ? null : at(completed),
        },
      });
    expect(disorderIn([job("queued", 1, null), job("in_progress", 1, null), job("completed", 1, 1)])).toEqual([]);
  });

  test("of a deployment before its statuses, which end in being inactive", () => {
    const status = (state: string) =>
      facts("deployment_status", { deployment: { id: 1 }, deployment_status: { id: 2, state, updated_at: at(1) } });
    expect(
      disorderIn([
        facts("deployment", { action: "created", deployment: { id: 1, updated_at: at(1) } }),
        status("queued"),
        status("in_progress"),
        status("success"),
        status("inactive"),
      ]),
    ).toEqual([]);
  });

  test("of a commit's status, from pending to its result", () => {
    const status = (state: string) => facts("status", { sha: "b".repeat(40), context: "ci", state, updated_at: at(1) });
    expect(disorderIn([status("pending"), status("failure")])).toEqual([]);
  });

  test("of an issue's opening, its changes and its deletion, all within one second", () => {
    const issue = (action: string) => facts("issues", { action, issue: { number: 1, updated_at: at(1) } });
    expect(disorderIn([issue("opened"), issue("labeled"), issue("deleted")])).toEqual([]);
  });

  test("of a pull request's opening and the first comment on it, which is itself created", () => {
    const pull_request = { number: 1, updated_at: at(1) };
    expect(
      disorderIn([
        facts("pull_request", { action: "opened", pull_request }),
        facts("pull_request_review_comment", { action: "created", pull_request, comment: { id: 2 } }),
      ]),
    ).toEqual([]);
  });

  test("of an installation's times, in seconds here and written out there", () => {
    const changed = (action: string, updated_at: number | string) =>
      facts("installation", { action, installation: { id: 1, updated_at } });
    expect(
      disorderIn([
        changed("suspend", 1_767_225_600),
        changed("unsuspend", "2026-01-01T00:00:01.000+00:00"),
        changed("suspend", 1_767_225_602),
      ]),
    ).toEqual([]);
  });

  test("of a status that is not known between one that waits and one that is done", () => {
    const run = (status: string) =>
      facts("workflow_run", { workflow_run: { id: 1, run_attempt: 1, status, updated_at: at(1) } });
    expect(disorderIn([run("queued"), run("reticulating"), run("completed")])).toEqual([]);
    expect(disorderIn([run("queued"), run("constructor"), run("completed")])).toEqual([]);
  });

  test("that is not known, where all that differs is the way of waiting", () => {
    const run = (status: string) =>
      facts("workflow_run", { workflow_run: { id: 1, run_attempt: 1, status, updated_at: at(1) } });
    expect(run("waiting").order).toEqual(run("queued").order);
  });
});

test("a series that is out of order, undecided, or of two objects is seen as one", () => {
  const run = (id: number, run_attempt: number) =>
    facts("workflow_run", { workflow_run: { id, run_attempt, status: "queued", updated_at: "2026-01-01T00:00:01Z" } });
  expect(disorderIn([run(1, 1), run(1, 2)])).toHaveLength(0);
  expect(disorderIn([run(1, 2), run(1, 1)])).toHaveLength(1);
  expect(disorderIn([run(1, 1), run(1, 1)])).toHaveLength(1);
  expect(disorderIn([run(1, 1), run(2, 2)])).toHaveLength(1);
});
