import { describe, expect, test } from "vitest";
import { buildApiApp } from "../../../src/http/api-app.ts";
import { erased } from "../../support/delivery-words.ts";
import { aRun, AT, aTarget, runNumber, type RunGiven } from "./desk-with-runs.ts";
import { holdAnswers } from "../../support/api-answers.ts";

const { type: _type, effect: _effect, ...tombstone } = erased();
const gone: RunGiven = { state: "erased", rows: [] };
const left = {
  ...tombstone,
  run: runNumber(1),
  reason: "asked to be forgotten",
  edited: ["inbox/kept.md"],
  seals: [{ evidence_id: "e", seal_hash: "s", index: 1, erasure: 2, pack: ".qoc/evidence/e.erased.json" }],
};

/** As its store has it: one entry, and that is all. */
function anErasedRun() {
  const run = aRun({ ...gone, rows: [{ event: "ERASED", to: "erased", data: left, at: AT + 5_000 }] });
  return { ...run, journal: run.journal.slice(1) };
}

/** `taken`: called whenever somebody waits for mail to be taken in. */
function appWith(run: ReturnType<typeof aRun>, taken: () => void = () => undefined) {
  const given = aTarget([run]);
  const desks = given.desks().map((desk) => ({
    ...desk,
    engine: desk.engine && {
      ...desk.engine,
      caughtUp: () => {
        if (given.posted.length > 0) taken();
        return Promise.resolve(true);
      },
    },
  }));
  const target = { ...given, desks: () => desks };
  const app = buildApiApp({
    target,
    clock: { now: () => AT + 60_000 },
    entropy: { bytes: (count) => new Uint8Array(count).fill(7) },
    complain: (_says, reason) => {
      throw reason;
    },
  });
  holdAnswers(app);
  const ask = async (method: "GET" | "POST", path: string, payload?: object) => {
    const answer = await app.inject({ method, url: `/api/runs/${runNumber(1)}${path}`, ...(payload && { payload }) });
    return { status: answer.statusCode, body: answer.json() };
  };
  return { ask, posted: target.posted };
}
const why = { reason: "asked to be forgotten" };

describe("an erasure", () => {
  test.each([
    ["executing.performing", "let it finish, or cancel it"],
    ["sealing.signing", "let it finish, or cancel it"],
    ["amending.signing", "wait until its amendment is sealed"],
    ["refused", "let it finish, or cancel it"],
  ])("of a run that is %s is refused and posts nothing", async (state, says) => {
    const { ask, posted } = appWith(aRun({ state }));
    const { status, body } = await ask("POST", "/erase", why);
    expect([status, body.code, posted]).toEqual([409, "NOT_NOW", []]);
    expect(body.detail).toContain(says);
  });

  test("of a run that was erased is refused", async () => {
    const { ask, posted } = appWith(anErasedRun());
    expect(await ask("POST", "/erase", why)).toMatchObject({ status: 409, body: { code: "NOT_NOW" } });
    expect(posted).toEqual([]);
  });

  test("of a run that was set aside is refused with the reason", async () => {
    const { ask } = appWith(aRun({ state: "sealed", parked: { reason: "a guard failed", at: AT } }));
    expect(await ask("POST", "/erase", why)).toMatchObject({
      body: { detail: expect.stringContaining("a guard failed") },
    });
  });

  test("wants a reason", async () => {
    const { ask } = appWith(aRun());
    expect(await ask("POST", "/erase", { reason: "  " })).toMatchObject({
      status: 400,
      body: { code: "REQUEST_MALFORMED" },
    });
  });

  test.each([
    ["amending.signing", "wait until its amendment is sealed"],
    ["sealed", "ask again"],
  ])("that a redelivery came before is refused, and nobody is told that it is under way: %s", async (state, says) => {
    const [before, after] = [aRun(), aRun({ state })];
    let isTold = false;
    const run = {
      ...before,
      get record() {
        return isTold ? after.record : before.record;
      },
    };
    const { ask } = appWith(run, () => {
      isTold = true;
    });
    const { status, body } = await ask("POST", "/erase", why);
    expect([status, body.code]).toEqual([409, "NOT_NOW"]);
    expect(body.detail).toContain(says);
  });

  test("that is asked for again is waited for", async () => {
    const [under, done] = [aRun({ state: "erasing.removing" }), anErasedRun()];
    const begun = performance.now();
    const now = () => (performance.now() > begun + 200 ? done : under);
    const run = {
      ...done,
      get record() {
        return now().record;
      },
      get journal() {
        return now().journal;
      },
    };
    const { ask, posted } = appWith(run);
    expect(await ask("POST", "/erase", why)).toMatchObject({
      status: 200,
      body: { state: "erased", erased: { shared: 0 } },
    });
    expect(posted).toEqual([]);
  });

  test("that is a dry run posts nothing", async () => {
    const { ask, posted } = appWith(aRun());
    expect(await ask("POST", "/erase", { ...why, dry_run: true })).toMatchObject({
      status: 200,
      body: { schema: "qoc.envelope.erase/1", dry_run: true, state: "sealed", erased: null },
    });
    expect(posted).toEqual([]);
  });
});

describe("a run that was erased", () => {
  test("is shown with what is left of it", async () => {
    const { body } = await appWith(anErasedRun()).ask("GET", "");
    expect(body).toMatchObject({
      state: "erased",
      webhook: tombstone.webhook,
      delivery_id: null,
      subject: null,
      sealed_at: new Date(tombstone.sealed_at).toISOString(),
      envelope: ".qoc/evidence/e.erased.json",
      erased: { reason: "asked to be forgotten", edited: ["inbox/kept.md"], shared: 0 },
    });
  });

  test("says why it is where it is", async () => {
    const { body } = await appWith(anErasedRun()).ask("GET", "/why");
    expect(body.paragraph).toContain("on a person's word: asked to be forgotten");
  });

  test("has no redelivery to release", async () => {
    const { ask, posted } = appWith(anErasedRun());
    expect(await ask("POST", "/release", { ...why, as_new: true })).toMatchObject({ status: 409 });
    expect(posted).toEqual([]);
  });
});
