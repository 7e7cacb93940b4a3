import { describe, expect, test } from "vitest";
import { addressOf } from "../../../src/core/ids.ts";
import { isStuck, needsPerson, runDetail, runView } from "../../../src/http/views.ts";
import { inputWith } from "../../support/delivery-words.ts";
import { AT, aRun, runNumber } from "./desk-with-runs.ts";

const FACTS = { delivery_id: "d-7", event_type: "price_alert", subject_key: "MSFT", ref: null, commit_sha: null };
const sealed = aRun({
  context: { duplicates: 2, outcome: "completed" },
  rows: [
    { event: "NORMALIZED", to: "normalized", data: { facts: FACTS }, observed: [["payload_parsed", true]] },
    { event: "EFFECT_DONE", to: "sealing", data: { result: { file: "inbox/a.md" } } },
    { event: "SEALED", to: "sealed", at: AT + 900, data: { file: ".qoc/evidence/e.json" } },
  ],
});

test("one run shows its task, what its agent drafted and what became of that, and its summary", () => {
  const kept = { digest: "d".repeat(64), content: "c".repeat(64), approvals: [], decided: null, outcome: null };
  const { record, journal } = aRun({
    birth: { policy: inputWith({ action: "run", task: "risk-review" }, runNumber(1)).policy },
    rows: [{ event: "REPORTED", to: "sealing.signing", data: { file: "snapshots/a.md" } }],
  });
  const drafts = [
    { ...kept, draft: 1, file: "orders/proposed/a.toml" },
    { ...kept, draft: 2, file: "orders/proposed/b.toml", decided: "rejected" },
    { ...kept, draft: 3, file: "orders/proposed/c.toml", decided: "approved", outcome: "executed" },
  ];
  const detail = runDetail({ ...record, snapshot: { context: { drafts, outcome: null } } }, journal);
  expect(detail).toMatchObject({ task: "risk-review", snapshot: "snapshots/a.md" });
  expect(detail?.drafts.map(({ draft, became }) => [draft, became])).toEqual([
    [1, "undecided"],
    [2, "rejected"],
    [3, "executed"],
  ]);
});

describe("a run as a list shows it", () => {
  test("has exactly the fixed keys, in their order", () => {
    const view = runView(sealed.record, sealed.journal);
    expect(Object.keys(view ?? {})).toEqual([
      "run",
      "workspace",
      "webhook",
      "delivery_id",
      "state",
      "outcome",
      "waiting_for",
      "duplicates",
      "evidence_id",
      "received_at",
      "sealed_at",
    ]);
  });

  test("says when it came and when it was sealed in UTC", () => {
    expect(runView(sealed.record, sealed.journal)).toMatchObject({
      received_at: "2026-07-05T13:45:01.124Z",
      sealed_at: "2026-07-05T13:45:02.024Z",
      duplicates: 2,
      outcome: "completed",
      delivery_id: "d-7",
    });
  });

  test("has nulls for what is not known yet", () => {
    const fresh = aRun({ state: "received" });
    expect(runView(fresh.record, fresh.journal)).toMatchObject({ delivery_id: null, outcome: null, sealed_at: null });
  });

  test("is nothing for an actor that is no delivery", () => {
    const record = { ...sealed.record, machine: "subject", address: addressOf("subject/equity-desk/MSFT") };
    expect(runView(record, sealed.journal)).toBeUndefined();
  });

  test("is there for a run that was set aside before it had a journal", () => {
    const { record, journal } = aRun({ state: "received" });
    const input = journal[0]?.data ?? null;
    const parked = { reason: "no such machine", at: AT, events: [], birth: { input, by: "provider", at: AT } } as const;
    expect(runView({ ...record, parked }, [])).toMatchObject({ run: runNumber(1), waiting_for: "operator" });
  });

  test.each([
    ["held.for-predecessor", "predecessor"],
    ["held.for-context", "context"],
    ["executing.performing", "effect"],
    ["executing.backing-off", "retry"],
    ["awaiting-approval", "approval"],
    ["dispatching", "effect"],
    ["stuck", "operator"],
    ["sealing", "effect"],
    ["sealed", null],
    ["refused", null],
  ])("in %s it waits for %s", (state, waiting) => {
    const { record, journal } = aRun({ state });
    expect(runView(record, journal)?.waiting_for).toBe(waiting);
  });
});

describe("a run in full", () => {
  test("names the files that were written for it", () => {
    expect(runDetail(sealed.record, sealed.journal)).toMatchObject({
      inbox_item: "inbox/a.md",
      envelope: ".qoc/evidence/e.json",
    });
  });

  test("has its journal with exactly the fixed keys", () => {
    const rows = runDetail(sealed.record, sealed.journal)?.journal ?? [];
    expect(rows).toHaveLength(4);
    expect(Object.keys(rows[1] ?? {})).toEqual(["seq", "at", "event", "from", "to", "by", "observations"]);
    expect(rows[1]).toMatchObject({ seq: 1, event: "NORMALIZED", from: "received", to: "normalized" });
  });

  test("waits until the first of its timers", () => {
    const { record, journal } = aRun({ state: "held.for-context", timers: [AT + 5000, AT + 1000] });
    expect(runDetail(record, journal)?.waiting_until).toBe("2026-07-05T13:45:02.124Z");
  });

  test("holds nothing of the payload: the data of entries stays behind", () => {
    expect(JSON.stringify(runDetail(sealed.record, sealed.journal))).not.toContain("disclosure_key");
  });
});

test("a run that was set aside counts as stuck and needs a person", () => {
  const { record } = aRun({ state: "executing.performing", parked: { reason: "a guard failed", at: AT } });
  expect([isStuck(record), needsPerson(record)]).toEqual([true, true]);
});

test("a run that awaits approval needs a person and is not stuck", () => {
  const { record } = aRun({ state: "awaiting-approval" });
  expect([isStuck(record), needsPerson(record)]).toEqual([false, true]);
});
