import { describe, expect, test } from "vitest";
import { runDetail } from "../../../src/http/views.ts";
import { span, whyOf } from "../../../src/http/why.ts";
import { inputWith } from "../../support/delivery-words.ts";
import { AT, type RunGiven, aRun, runNumber } from "./desk-with-runs.ts";

function why(given: RunGiven) {
  const { record, journal } = aRun(given);
  const detail = runDetail(record, journal);
  if (detail === undefined) throw new Error("the run is a delivery");
  return whyOf(detail, AT + 60_000);
}
const ID = runNumber(1);

describe("why a run is where it is", () => {
  test("a stuck run: where it was, since when, that it is unknown whether it acted, and the two ways on", () => {
    const said = why({
      state: "stuck",
      rows: [
        { event: "RECORDED", to: "executing.performing" },
        { event: "INTERRUPTED", to: "stuck", at: AT + 5000 },
      ],
    });
    expect(said.paragraph).toBe(
      "stuck in executing since 2026-07-05 13:45:06Z: the daemon stopped while the work was under way; " +
        "whether it acted is unknown; it is not repeated on its own.",
    );
    expect(said.commands).toEqual([`qoc runs resume ${ID} --reason TEXT`, `qoc runs cancel ${ID} --reason TEXT`]);
  });

  test("a held run: what is missing, and when it goes on without it", () => {
    const said = why({
      state: "held.for-context",
      timers: [AT + 3_660_000],
      rows: [{ event: "", to: "held.for-context" }],
    });
    expect(said.paragraph).toContain("no full commit hash is known for it");
    expect(said.paragraph).toContain("It goes on without it at 2026-07-05 14:46:01Z, in 1 h.");
    expect(said.commands[0]).toBe(`qoc runs release ${ID} --reason TEXT`);
  });

  test("a run that backs off: after how many failures, of what kind, and when it tries again", () => {
    const said = why({
      state: "executing.backing-off",
      timers: [AT + 62_000],
      rows: [
        { event: "EFFECT_FAILED", to: "executing.backing-off", observed: [["effect_failed", "the disk is full"]] },
      ],
    });
    expect(said.paragraph).toContain(
      "after 1 failed attempt (the disk is full). It tries again at 2026-07-05 13:46:03Z, in 2 s.",
    );
  });

  test("a run that failed: with which reason, and how to check its evidence", () => {
    const said = why({
      context: { outcome: "failed" },
      rows: [
        {
          event: "EFFECT_FAILED",
          to: "sealing",
          observed: [["effect_failed", "running an agent is not available in this build"]],
        },
        { event: "SEALED", to: "sealed" },
      ],
    });
    expect(said.paragraph).toBe(
      "sealed at 2026-07-05 13:45:01Z, failed (running an agent is not available in this build). Nothing moves it any more.",
    );
    expect(said.commands).toEqual([`qoc envelope verify ${ID} --explain`]);
  });

  test("a run that was set aside: for which reason, and that nothing told to it is lost", () => {
    const said = why({ state: "recorded", parked: { reason: "machine version 9 is not in this build", at: AT } });
    expect(said.paragraph).toMatch(
      /^set aside since .*: machine version 9 is not in this build\. What it was told since is kept/,
    );
  });

  test("repeats, conflicts and suspected replays are told beside it", () => {
    const said = why({
      context: { duplicates: 2, outcome: "completed" },
      rows: [
        { event: "REDELIVERED", to: "sealed", observed: [["conflict_received", "d-1"]] },
        { event: "REDELIVERED", to: "sealed", observed: [["replay_suspected", "d-2"]] },
      ],
    });
    expect(said.paragraph).toContain("It was delivered again 2 times; the work was done once.");
    expect(said.paragraph).toContain("1 delivery came under its id with other bytes");
    expect(said.paragraph).toContain(`qoc runs release ${ID} --as-new`);
  });

  const ofTask = { birth: { policy: inputWith({ action: "run", task: "risk-review" }, ID).policy } };

  test("an agent run under way: on which task, and that it may be waiting its turn", () => {
    const said = why({ ...ofTask, state: "executing.performing", rows: [{ event: "", to: "executing.performing" }] });
    expect(said.paragraph).toContain("its agent works on issues/risk-review.md, or waits until another agent");
  });

  test("a run that awaits approval: until when, and what becomes of it then", () => {
    const state = "awaiting-approval.asked";
    const said = why({ ...ofTask, state, timers: [AT + 3_660_000], rows: [{ event: "", to: state }] });
    expect(said.paragraph).toContain("What is undecided expires, which denies it, at 2026-07-05 14:46:01Z, in 1 h.");
    expect(said.commands[0]).toBe(`qoc approve ${ID}`);
  });

  test("a run whose order failed: why, where its summary is, and how the task is run again", () => {
    const said = why({
      ...ofTask,
      context: { outcome: "failed" },
      rows: [
        {
          event: "ORDER_SETTLED",
          to: "reporting.writing",
          observed: [["order_dispatched", { draft: 1, outcome: "failed", reason: "there is no quote of MSFT." }]],
        },
        { event: "REPORTED", to: "sealing.signing", data: { file: "snapshots/a.md" } },
        { event: "SEALED", to: "sealed", data: { file: ".qoc/evidence/e.json" } },
      ],
    });
    expect(said.paragraph).toContain(
      "failed (there is no quote of MSFT). Nothing moves it any more. Its summary is snapshots/a.md.",
    );
    expect(said.commands[1]).toContain("qoc run risk-review --reason TEXT");
  });

  test.each([
    "received",
    "verified",
    "normalized",
    "recorded",
    "held.for-predecessor",
    "executing.performing",
    "awaiting-approval",
    "dispatching",
    "sealing",
    "refused",
  ])("%s is told in a whole sentence", (state) => {
    expect(why({ state, rows: [{ event: "", to: state }] }).paragraph).toMatch(/^[a-z].*\.$/s);
  });
});

test.each([
  [0, "0 s"],
  [999, "1 s"],
  [61_000, "1 min 1 s"],
  [7_200_000, "2 h"],
  [90_061_000, "1 d 1 h"],
  [-5, "0 s"],
])("%i ms are %s", (ms, text) => {
  expect(span(ms)).toBe(text);
});
