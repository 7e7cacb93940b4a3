import type { FastifyInstance } from "fastify";
import { describe, expect, test } from "vitest";
import { buildApiApp } from "../../../src/http/api-app.ts";
import { holdAnswers } from "../../support/api-answers.ts";
import { AT, type GivenTarget, type Kept, aRun, aTarget, runNumber } from "./desk-with-runs.ts";

function apiOf(target: GivenTarget): FastifyInstance {
  const app = buildApiApp({
    target,
    clock: { now: () => AT + 60_000 },
    entropy: { bytes: (count) => new Uint8Array(count).fill(7) },
    complain: (_says, reason) => {
      throw reason;
    },
  });
  holdAnswers(app);
  return app;
}
const get = async (runs: readonly Kept[], url: string) => (await apiOf(aTarget(runs)).inject({ url })).json();
const ids = (page: { readonly items: readonly { readonly run: string }[] }) => page.items.map((item) => item.run);

const some = [1, 2, 3, 4, 5].map((n) =>
  aRun({
    run: runNumber(n),
    at: AT + n * 1000,
    webhook: n % 2 === 0 ? "risk-breach" : "price-alert",
    state: n === 4 ? "stuck" : "sealed",
  }),
);

describe("GET /api/runs", () => {
  test("merges all webhooks, newest first, schema first", async () => {
    const page = await get(some, "/api/runs");
    expect(Object.keys(page)).toEqual(["schema", "items", "next", "looked"]);
    expect(page.schema).toBe("qoc.runs.list/1");
    expect(ids(page)).toEqual([5, 4, 3, 2, 1].map(runNumber));
  });

  test("has the runs that no delivery began among the others, and finds them by name and by part of an id", async () => {
    const all = [...some, aRun({ run: runNumber(6), at: AT + 3500, webhook: "(by hand)" })];
    expect(ids(await get(all, "/api/runs"))).toEqual([5, 4, 6, 3, 2, 1].map(runNumber));
    expect(ids(await get(all, "/api/runs?webhook=(by%20hand)"))).toEqual([runNumber(6)]);
    expect((await get(all, `/api/runs/${runNumber(6).slice(0, 8)}`)).run).toBe(runNumber(6));
  });

  test("waits first for mail that was acknowledged", async () => {
    const target = aTarget(some);
    await apiOf(target).inject({ url: "/api/runs" });
    expect(target.waits()).toBe(1);
  });

  test("waits for nothing behind a cursor: what waits begins newer runs", async () => {
    const target = aTarget(some);
    const { next } = (await apiOf(target).inject({ url: "/api/runs?limit=2" })).json();
    const behind = await apiOf(target).inject({ url: `/api/runs?limit=2&cursor=${next}` });
    expect(ids(behind.json())).toEqual([3, 2].map(runNumber));
    expect(target.waits()).toBe(1);
  });

  test("pages through everything once, whatever the page", async () => {
    for (const limit of [1, 2, 3]) {
      const seen: string[] = [];
      let cursor: string | null = "";
      for (let pages = 0; cursor !== null && pages < 10; pages += 1) {
        const page = await get(some, `/api/runs?limit=${limit}${cursor === "" ? "" : `&cursor=${cursor}`}`);
        seen.push(...ids(page));
        cursor = page.next;
      }
      expect(seen).toEqual([5, 4, 3, 2, 1].map(runNumber));
    }
  });

  test("runs of one millisecond are neither lost nor repeated between pages", async () => {
    const same = [1, 2, 3].map((n) => aRun({ run: runNumber(n), webhook: n === 2 ? "risk-breach" : "price-alert" }));
    const first = await get(same, "/api/runs?limit=2");
    const second = await get(same, `/api/runs?limit=2&cursor=${first.next}`);
    expect([...ids(first), ...ids(second)].toSorted()).toEqual([1, 2, 3].map(runNumber));
  });

  test.each([
    ["webhook=risk-breach", [4, 2]],
    ["state=stuck", [4]],
    ["state=sealed&webhook=risk-breach", [2]],
    ["stuck=true", [4]],
    ["needs_me=true", [4]],
    [`since=${new Date(AT + 4000).toISOString()}`, [5, 4]],
    ["workspace=other", []],
    ["workspace=equity-desk&limit=1", [5]],
  ])("%s gives %j", async (query, expected) => {
    expect(ids(await get(some, `/api/runs?${query}`))).toEqual(expected.map(runNumber));
  });

  test("a state without its dot finds every way of being in it", async () => {
    const held = [
      aRun({ run: runNumber(1), state: "held.for-context" }),
      aRun({ run: runNumber(2), state: "heldover" }),
    ];
    expect(ids(await get(held, "/api/runs?state=held"))).toEqual([runNumber(1)]);
  });

  test.each(["limit=0", "limit=many", "since=yesterday", "cursor=nonsense", "colour=red"])(
    "%s is refused",
    async (query) => {
      const answer = await apiOf(aTarget(some)).inject({ url: `/api/runs?${query}` });
      expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_MALFORMED"]);
    },
  );
});

describe("GET /api/runs/:id", () => {
  test.each([
    ["its full id", runNumber(4)],
    ["the beginning of it", "00000004"],
    ["the end of it", "fff4"],
    ["@last", "@last"],
    ["@needs-me", "@needs-me"],
  ])("finds a run by %s", async (_says, name) => {
    const shown = await get(some, `/api/runs/${name}`);
    expect(shown).toMatchObject({ schema: "qoc.runs.show/1", run: name === "@last" ? runNumber(5) : runNumber(4) });
    expect(Object.keys(shown)[0]).toBe("schema");
  });

  test.each([
    ["00000009", 404, "RUN_UNKNOWN"],
    ["fff", 404, "RUN_UNKNOWN"],
    ["ffff", 404, "RUN_UNKNOWN"],
    ["0000", 409, "RUN_AMBIGUOUS"],
  ])("answers %s with %i %s", async (name, status, code) => {
    const answer = await apiOf(aTarget(some)).inject({ url: `/api/runs/${name}` });
    expect([answer.statusCode, answer.json().code]).toEqual([status, code]);
  });

  test("@needs-me names nobody when two runs need a person", async () => {
    const two = [aRun({ run: runNumber(1), state: "stuck" }), aRun({ run: runNumber(2), state: "awaiting-approval" })];
    expect((await get(two, "/api/runs/@needs-me")).code).toBe("RUN_AMBIGUOUS");
  });

  test("why is answered from the same names", async () => {
    const why = await get(some, "/api/runs/@needs-me/why");
    expect(Object.keys(why)).toEqual(["schema", "run", "state", "paragraph", "commands"]);
    expect(why).toMatchObject({ schema: "qoc.why/1", state: "stuck" });
  });
});
