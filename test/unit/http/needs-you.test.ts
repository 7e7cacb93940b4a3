import fastify from "fastify";
import { describe, expect, test } from "vitest";
import type { Address } from "../../../src/core/ids.ts";
import type { ControlTarget } from "../../../src/http/control-target.ts";
import { createNeedsYou, NEEDS_MAX, needsYou, type NeedsWorld } from "../../../src/http/needs-you.ts";
import { addNeedsYouRoutes } from "../../../src/http/needs-you-routes.ts";
import type { NeedsYou } from "../../../src/http/shapes/needs-you.ts";
import type { WebhookSignatures } from "../../../src/http/signature-health.ts";
import { holdAnswers } from "../../support/api-answers.ts";
import { person } from "../../support/approval-words.ts";
import { decisionWorld, fileOf } from "./decision-world.ts";
import { AT, aRun, aTarget, runNumber } from "./desk-with-runs.ts";

const NOW = AT + 60_000;
const MINUTE = 60_000;
const clock = { now: () => NOW };
const look = (target: Pick<ControlTarget, "desks">, more: Partial<NeedsWorld> = {}): Promise<NeedsYou> =>
  needsYou({ target, clock, ...more });

const stuckRun = (n: number, at = AT) =>
  aRun({
    run: runNumber(n),
    at,
    state: "stuck",
    rows: [
      { event: "RECORDED", to: "executing.performing" },
      { event: "EFFECT_FAILED", to: "stuck" },
    ],
  });
const heldRun = (n: number, ends: number) =>
  aRun({
    run: runNumber(n),
    state: "held.for-predecessor",
    timers: [ends],
    rows: [{ event: "NORMALIZED", to: "held.for-predecessor" }],
  });

const FAILING: WebhookSignatures = {
  verified: 3,
  last_verified_at: "2026-07-05T13:00:00.000Z",
  used_to_verify: true,
  failed_since_verified: 4,
  failing_since: "2026-07-05T13:30:00.000Z",
  last_failure: { at: "2026-07-05T13:40:00.000Z", fault: "MISMATCH" },
  cause: { kind: "secret", sure: "proved", says: "it was signed with another webhook's secret", try: "swap them" },
  knocks: { count: 0, last_at: null, cause: null },
};

describe("what needs a person", () => {
  test("is nothing where nothing waits", async () => {
    const sealed = aRun({ run: runNumber(1) });
    const working = aRun({ run: runNumber(2), state: "executing.performing" });
    expect(await look(aTarget([sealed, working]))).toEqual({
      now: "2026-07-05T13:46:01.124Z",
      items: [],
      counts: { approval: 0, stuck: 0, expiring: 0, inbox: 0, webhook: 0 },
      more: false,
    });
  });

  test("is every open draft, in the words of its file", async () => {
    const { target, run, files } = decisionWorld({ people: [person("alice")], drafts: 2 });
    files.delete(fileOf(2));
    const { items, counts } = await look(target);
    expect(counts.approval).toBe(2);
    expect(items).toEqual([
      expect.objectContaining({ kind: "approval", run, draft: 1, says: "buy 100 NVDA at market, day, through paper" }),
      expect.objectContaining({ kind: "approval", run, draft: 2, says: null }),
    ]);
  });

  test("is no draft of a run that was erased since it was found", async () => {
    const { target } = decisionWorld();
    const gone = aRun({ state: "erased" });
    let reads = 0;
    const desks = target.desks().map((desk) => ({
      ...desk,
      store: {
        ...desk.store,
        read: (address: Address) => ((reads += 1) === 1 ? desk.store.read(address) : gone.record),
        journal: () => gone.journal.map((entry) => ({ ...entry, event: "ERASED" })),
      },
    }));
    expect((await look({ desks: () => desks })).items).toEqual([]);
    expect(reads).toBe(2);
  });

  test("is a run that is set aside, and none of its drafts, which nobody can decide then", async () => {
    const { target, run, park } = decisionWorld({ people: [person("alice")] });
    park("the machine threw");
    const { items } = await look(target);
    expect(items.map(({ kind }) => kind)).toEqual(["stuck"]);
    expect(items[0]).toMatchObject({ run, says: expect.stringMatching(/^set aside since .*: the machine threw\.$/) });
  });

  test("is a stuck run in one sentence, with the time since when; the longest first", async () => {
    const target = aTarget([stuckRun(1, AT + 5000), stuckRun(2, AT)]);
    const { items } = await look(target);
    expect(items).toMatchObject([
      {
        kind: "stuck",
        workspace: "equity-desk",
        run: runNumber(2),
        webhook: "price-alert",
        state: "stuck",
        since: "2026-07-05T13:45:01.126Z",
      },
      { run: runNumber(1) },
    ]);
    const says = items[0]?.kind === "stuck" ? items[0].says : "";
    expect(says).toMatch(/^stuck in executing since 2026-07-05 13:45:01Z: [^.]+\.$/);
  });

  test("is a hold that ends within the hour, the first to end first, and no other", async () => {
    const runs = [heldRun(1, NOW + 59 * MINUTE), heldRun(2, NOW + 61 * MINUTE), heldRun(3, NOW - MINUTE)];
    const { items, counts } = await look(aTarget(runs));
    expect(items.map((item) => (item.kind === "expiring" ? [item.run, item.expires_at] : item.kind))).toEqual([
      [runNumber(3), "2026-07-05T13:45:01.124Z"],
      [runNumber(1), "2026-07-05T14:45:01.124Z"],
    ]);
    expect(counts.expiring).toBe(2);
  });

  test("is a webhook whose sender fails, and no webhook that strangers knock at", async () => {
    const stranger: WebhookSignatures = { ...FAILING, used_to_verify: false, cause: null };
    const target = aTarget([], { signatures: (name) => (name === "price-alert" ? FAILING : stranger) });
    expect((await look(target)).items).toEqual([
      {
        kind: "webhook",
        workspace: "equity-desk",
        webhook: "price-alert",
        says: "it was signed with another webhook's secret: swap them",
        failures: 4,
        last_at: "2026-07-05T13:40:00.000Z",
      },
    ]);
  });

  test("is what is new in the inbox of each desk, newest first", async () => {
    const [desk] = aTarget([]).desks();
    if (desk === undefined) throw new Error("a target has a desk");
    const target = { desks: () => [desk, { ...desk, name: "bond-desk", dir: "/desks/bond-desk" }] };
    const asked: (readonly [string, number])[] = [];
    const { items, counts, more } = await look(target, {
      newInboxItems: (dir, limit) => {
        asked.push([dir, limit]);
        const at = dir.includes("bond") ? "2026-07-05T13:45:01.125Z" : "2026-07-05T13:45:01.124Z";
        return Promise.resolve({ items: [{ file: "inbox/a.md", title: "<b>A</b>", at }], count: 30, more: true });
      },
    });
    expect(asked).toEqual([
      ["/desks/equity-desk", NEEDS_MAX],
      ["/desks/bond-desk", NEEDS_MAX],
    ]);
    expect(items).toEqual([
      {
        kind: "inbox",
        workspace: "bond-desk",
        file: "inbox/a.md",
        title: "<b>A</b>",
        at: "2026-07-05T13:45:01.125Z",
      },
      expect.objectContaining({ workspace: "equity-desk" }),
    ]);
    expect([counts.inbox, more]).toEqual([60, true]);
  });

  test("comes in the order approval, stuck, expiring, inbox, webhook", async () => {
    const { target: withDraft } = decisionWorld({ people: [person("alice")] });
    const other = aTarget([heldRun(1, NOW), stuckRun(2)], { signatures: () => FAILING, webhooks: ["price-alert"] });
    const { items } = await look(
      { desks: () => [...other.desks(), ...withDraft.desks()] },
      { newInboxItems: () => Promise.resolve({ items: [{ file: "f", title: "t", at: null }], count: 1, more: false }) },
    );
    expect(items.map(({ kind }) => kind)).toEqual(["approval", "stuck", "expiring", "inbox", "inbox", "webhook"]);
  });

  test("is the first of each kind, with the number of all", async () => {
    const runs = Array.from({ length: NEEDS_MAX + 3 }, (_, i) => stuckRun(i + 1, AT + i));
    const { items, counts, more } = await look(aTarget(runs));
    expect([items.length, counts.stuck, more]).toEqual([NEEDS_MAX, NEEDS_MAX + 3, true]);
    expect(items[0]).toMatchObject({ run: runNumber(1) });
  });

  test("is looked for among so many unfinished runs and no more, and says that there are others", async () => {
    const runs = new Map(Array.from({ length: 5001 }, (_, i) => stuckRun(i)).map((run) => [run.record.address, run]));
    const addresses = [...runs.keys()].toSorted();
    const [desk] = aTarget([]).desks();
    if (desk === undefined) throw new Error("a target has a desk");
    const store = {
      ...desk.store,
      read: (address: Address) => runs.get(address)?.record,
      journal: (address: Address) => runs.get(address)?.journal ?? [],
      unfinished: (after: string, limit: number) => {
        const from = addresses.findIndex((address) => address > after);
        return from === -1 ? [] : addresses.slice(from, from + limit);
      },
    };
    const { counts, more } = await look({ desks: () => [{ ...desk, store }] });
    expect([counts.stuck, more]).toEqual([5000, true]);
  });

  test("is of runs whose births cannot be read nothing, and fails for none of them", async () => {
    const { record, journal } = stuckRun(1);
    const broken = { webhook: "x", record, journal: journal.map((entry) => ({ ...entry, data: {} })) };
    const { items, counts } = await look(aTarget([broken, stuckRun(2)]));
    expect([items.length, counts.stuck]).toEqual([1, 2]);
  });

  test("does not say more of a run than fits on a line or two, however long its reason", async () => {
    const run = aRun({ state: "executing", parked: { reason: "x".repeat(5000), at: AT } });
    const { items } = await look(aTarget([run]));
    expect(items[0]?.kind === "stuck" ? items[0].says.length : 0).toBeLessThan(500);
  });
});

describe("asking often", () => {
  function counted() {
    let looks = 0;
    let runs = [stuckRun(1)];
    const desks = () => {
      looks += 1;
      return aTarget(runs).desks();
    };
    return {
      ask: createNeedsYou({ target: { desks }, clock }),
      looks: () => looks,
      setRuns: (others: typeof runs) => {
        runs = others;
      },
    };
  }

  test("costs one look for all who ask together, and one more for all who ask within the half second behind it", async () => {
    const { ask, looks } = counted();
    await Promise.all(Array.from({ length: 50 }, ask));
    expect(looks()).toBe(1);
    const begun = performance.now();
    await Promise.all(Array.from({ length: 50 }, ask));
    expect(looks()).toBe(2);
    expect(performance.now() - begun).toBeGreaterThan(400);
  });

  test("nobody is answered by a look from before the question", async () => {
    const { ask, setRuns } = counted();
    const before = ask();
    expect((await before).counts.stuck).toBe(1);
    setRuns([stuckRun(1), stuckRun(2)]);
    expect((await ask()).counts.stuck).toBe(2);
  });

  test("a look that failed is not kept", async () => {
    let fails = true;
    const target = aTarget([]);
    const ask = createNeedsYou({
      clock,
      target: {
        desks: () => {
          if (fails) throw new Error("the store is closed");
          return target.desks();
        },
      },
    });
    await expect(ask()).rejects.toThrow("the store is closed");
    fails = false;
    expect((await ask()).items).toEqual([]);
  });
});

test("GET /api/needs-you answers in its own shape", async () => {
  const app = fastify();
  holdAnswers(app);
  const target = aTarget([stuckRun(1), heldRun(2, NOW)], { signatures: () => FAILING });
  addNeedsYouRoutes(app, { target, clock });
  const answer = await app.inject({ url: "/api/needs-you" });
  expect([answer.statusCode, answer.json().schema]).toEqual([200, "qoc.needs-you/1"]);
  expect(answer.json().counts).toEqual({ approval: 0, stuck: 1, expiring: 1, inbox: 0, webhook: 2 });
});
