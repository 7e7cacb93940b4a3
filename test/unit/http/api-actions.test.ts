import { describe, expect, test } from "vitest";
import { buildApiApp } from "../../../src/http/api-app.ts";
import type { Json } from "../../../src/core/observation.ts";
import { type EntryGiven, type RunGiven, AT, aRun, aTarget, runNumber } from "./desk-with-runs.ts";
import { holdAnswers } from "../../support/api-answers.ts";

/** @param came how the run is found to be once it was told */
async function act(given: RunGiven, action: string, body: object, came?: RunGiven) {
  const before = aTarget([aRun(given)]);
  const [desk] = before.desks();
  const engine = desk?.engine ?? null;
  const target =
    came === undefined || desk === undefined || engine === null
      ? before
      : {
          ...before,
          desks: () => [{ ...desk, engine: { ...engine, read: () => Promise.resolve(aRun(came).record) } }],
        };
  const app = buildApiApp({
    target,
    clock: { now: () => AT + 60_000 },
    entropy: { bytes: (count) => new Uint8Array(count).fill(7) },
    complain: (_says, reason) => {
      throw reason;
    },
  });
  holdAnswers(app);
  const answer = await app.inject({ method: "POST", url: `/api/runs/${runNumber(1)}/${action}`, payload: body });
  return { status: answer.statusCode, body: answer.json(), posted: target.posted };
}

describe("what an operator may tell a run", () => {
  test.each([
    ["resume", "stuck", "RESUME"],
    ["cancel", "stuck", "CANCEL"],
    ["cancel", "held.for-context", "CANCEL"],
    ["cancel", "executing.performing", "CANCEL"],
    ["cancel", "awaiting-approval", "CANCEL"],
    ["release", "held.for-predecessor", "RELEASE"],
  ])("%s of a run that is %s posts %s as the operator's word", async (action, state, type) => {
    const { status, body, posted } = await act({ state }, action, { reason: "looked at it" });
    expect([status, body.schema, body.from]).toEqual([200, "qoc.runs.act/1", state]);
    expect(posted).toMatchObject([{ by: "operator", birth: null, events: [{ type, reason: "looked at it" }] }]);
  });

  test.each([
    ["resume", "executing.performing"],
    ["resume", "sealed"],
    ["cancel", "sealed"],
    ["cancel", "dispatching"],
    ["release", "stuck"],
  ])("%s of a run that is %s is refused and posts nothing", async (action, state) => {
    const { status, body, posted } = await act({ state }, action, { reason: "x" });
    expect([status, body.code, posted]).toEqual([409, "NOT_NOW", []]);
    expect(body.detail).toContain(state);
  });

  test.each(["cancel", "release"] as const)("a run that was set aside takes no %s", async (action) => {
    const { body } = await act({ state: "stuck", parked: { reason: "a guard failed", at: AT } }, action, {
      reason: "x",
    });
    expect(body).toMatchObject({
      code: "NOT_NOW",
      detail: "the run is set aside, only resume moves it: a guard failed",
    });
  });

  test("a run that was set aside is resumed, whatever state it is in", async () => {
    const { status, posted } = await act(
      { state: "executing", parked: { reason: "a guard failed", at: AT } },
      "resume",
      {
        reason: "mended",
      },
    );
    expect(status).toBeLessThan(300);
    expect(posted.flatMap(({ events }) => events)).toEqual([{ type: "RESUME", reason: "mended" }]);
  });

  test("a word on an order names the draft, and whoever comes too late with it is told so", async () => {
    const word = { reason: "seen at the broker", settles: "failed" };
    const stuckOver = (sending: number): RunGiven => ({ state: "stuck", context: { sending } });
    const { posted } = await act(stuckOver(1), "resume", word);
    expect(posted.flatMap(({ events }) => events)).toMatchObject([{ settles: { draft: 1, outcome: "failed" } }]);
    const late = await act(stuckOver(1), "resume", word, stuckOver(2));
    expect([late.status, late.body.detail]).toEqual([
      409,
      "something else came first; by now, draft 2 counts as failed, on your word; it is not sent",
    ]);
  });

  test("a dry run says what would come of it and posts nothing", async () => {
    const { body, posted } = await act({ state: "stuck" }, "resume", { reason: "x", dry_run: true });
    expect(body).toMatchObject({ dry_run: true, says: expect.stringContaining("again from its start") });
    expect(posted).toEqual([]);
  });

  test.each([
    {},
    { reason: "" },
    { reason: "  " },
    { reason: "x", force: true },
    { reason: 7 },
    { reason: "x", as_new: true },
  ])("the body %j is refused", async (body) => {
    const { status, posted } = await act({ state: "stuck" }, "resume", body);
    expect([status, posted]).toEqual([400, []]);
  });
});

const SHA = "a".repeat(64);
const redelivery = (
  delivery_id: string,
  same_id: boolean,
  same_bytes = true,
  more: Readonly<Record<string, Json>> = {},
): EntryGiven => ({
  event: "REDELIVERED",
  to: "sealed",
  data: {
    delivery_id,
    same_id,
    same_bytes,
    received_at: AT + 5000,
    facts: null,
    artifacts: [{ sha256: SHA, kind: "webhook_headers" }],
    ...more,
  },
});
const told: readonly EntryGiven[] = [
  { event: "VERIFIED", to: "verified", data: { scheme: "qoc", secret_index: 0, basis: [] } },
  { event: "NORMALIZED", to: "normalized", data: { facts: { delivery_id: "d-1", subject_key: "MSFT" }, basis: [] } },
  {
    event: "RECORDED",
    to: "recorded",
    data: { order: "unknown", anchored: false, statement: "Write an inbox item", basis: ["x"] },
  },
];

const release = (rows: readonly EntryGiven[]) =>
  act({ rows: [...told, ...rows] }, "release", { reason: "two alerts", as_new: true });

describe("releasing a redelivery as a run of its own", () => {
  test("begins the new run with the bytes, the redelivery's id, time and headers, and then notes it on the first", async () => {
    const { body, posted } = await release([redelivery("d-2", false)]);
    const [begun, noted] = posted;
    expect(begun).toMatchObject({
      to: `delivery/${body.new_run}`,
      by: "operator",
      birth: { run: body.new_run, received_at: AT + 5000, workspace: "equity-desk", headers: { sha256: SHA } },
      events: [
        { type: "VERIFIED", scheme: "qoc" },
        { type: "NORMALIZED", facts: { delivery_id: "d-2", subject_key: "MSFT" } },
        { type: "RECORDED", statement: "Write an inbox item", order: "unknown" },
        { type: "RELEASE" },
      ],
      index: [
        { name: "webhook", key: "equity-desk/price-alert" },
        { name: "subject", key: "equity-desk/MSFT" },
      ],
    });
    expect(noted).toMatchObject({
      to: `delivery/${runNumber(1)}`,
      events: [{ type: "RELEASED_AS_NEW", run: body.new_run }],
    });
  });

  test("the new run has evidence and a disclosure key of its own", async () => {
    const { posted } = await release([redelivery("d-2", false)]);
    const birth = JSON.parse(JSON.stringify(posted[0]?.birth));
    expect(birth.evidence_id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    expect(birth.evidence_id).not.toBe("00000000-0000-7000-8000-000000000001");
    expect(Buffer.from(birth.disclosure_key, "base64url")).toHaveLength(32);
  });

  test("asked twice it is the same run, so that a crash between the two makes no third", async () => {
    const once = await release([redelivery("d-2", false)]);
    const again = await release([redelivery("d-2", false)]);
    expect(again.body.new_run).toBe(once.body.new_run);
  });

  test("a redelivery under another id goes before a plain duplicate", async () => {
    const { posted } = await release([redelivery("d-1", true), redelivery("d-2", false)]);
    expect(posted[0]?.events[1]).toMatchObject({ facts: { delivery_id: "d-2" } });
  });

  test("what was released is not released again", async () => {
    const once = await release([redelivery("d-2", false)]);
    const noted: EntryGiven = { event: "RELEASED_AS_NEW", to: "sealed", data: { run: once.body.new_run, reason: "x" } };
    const again = await release([redelivery("d-2", false), noted]);
    expect([again.status, again.body.code]).toEqual([409, "NOT_NOW"]);
  });

  test("a conflict becomes a run of its own bytes and facts", async () => {
    const other = { sha256: "b".repeat(64), kind: "webhook_request" };
    const facts = { delivery_id: "d-1", commit_sha: "c" };
    const { body, posted } = await release([redelivery("d-1", true, false, { facts, artifacts: [other] })]);
    expect(posted[0]).toMatchObject({
      to: `delivery/${body.new_run}`,
      birth: { request: other },
      events: [
        { type: "VERIFIED", basis: [other.sha256, expect.any(String)] },
        { type: "NORMALIZED", facts: { delivery_id: "d-1", commit_sha: "c" } },
        { type: "RECORDED", anchored: true },
        { type: "RELEASE" },
      ],
    });
  });
});
