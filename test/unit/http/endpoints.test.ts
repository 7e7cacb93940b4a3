import fastify from "fastify";
import { describe, expect, test } from "vitest";
import { refuse } from "../../../src/core/refusals.ts";
import type { DeskTarget } from "../../../src/http/control-target.ts";
import { addEndpointRoutes } from "../../../src/http/endpoint-routes.ts";
import { holdAnswers } from "../../support/api-answers.ts";
import { AT, aRun, aTarget, runNumber, type Kept } from "./desk-with-runs.ts";

function apiOf(runs: readonly Kept[], sendTest?: DeskTarget["sendTest"]) {
  const app = fastify();
  holdAnswers(app);
  const [desk] = aTarget(runs).desks();
  if (desk === undefined) throw new Error("a target has a desk");
  addEndpointRoutes(app, { target: { desks: () => [{ ...desk, ...(sendTest === undefined ? {} : { sendTest }) }] } });
  return async (method: "GET" | "POST", url: string) => {
    const answer = await app.inject({ method, url });
    return { status: answer.statusCode, headers: answer.headers, body: answer.json() };
  };
}

describe("GET /api/endpoints", () => {
  test("tells of each webhook who sends, where to, and when something came last", async () => {
    const ask = apiOf([aRun({ run: runNumber(1) }), aRun({ run: runNumber(2), at: AT + 5000 })]);
    const { status, body } = await ask("GET", "/api/endpoints");
    expect([status, body.schema]).toEqual([200, "qoc.endpoints.page/1"]);
    expect(body.items).toEqual([
      {
        workspace: "equity-desk",
        webhook: "price-alert",
        provider: "qoc",
        action: "inbox",
        task: null,
        url: "http://127.0.0.1:7430/webhook/equity-desk/price-alert",
        secrets: 1,
        signatures: null,
        last_received_at: "2026-07-05T13:45:06.124Z",
      },
      expect.objectContaining({ webhook: "risk-breach", last_received_at: null }),
    ]);
  });
});

describe("POST /api/endpoints/:workspace/:webhook/test", () => {
  const sent = { status: 202, run: runNumber(1), delivery_id: "d-1", says: "it was taken" };

  test("answers what the endpoint said", async () => {
    const asked: string[] = [];
    const ask = apiOf([], (webhook) => {
      asked.push(webhook);
      return Promise.resolve(sent);
    });
    const { status, body } = await ask("POST", "/api/endpoints/equity-desk/price-alert/test");
    expect([status, body]).toEqual([200, { schema: "qoc.endpoints.test/1", ...sent }]);
    expect(asked).toEqual(["price-alert"]);
  });

  test.each(["equity-desk/nope", "nope/price-alert", "equity-desk/..%2f", "equity-desk/__proto__"])(
    "%s is no endpoint, and nothing is sent",
    async (named) => {
      let count = 0;
      const ask = apiOf([], () => {
        count += 1;
        return Promise.resolve(sent);
      });
      const { status, body } = await ask("POST", `/api/endpoints/${named}/test`);
      expect([status, body.code, count]).toEqual([404, "NOT_FOUND", 0]);
    },
  );

  test("of a stopped desk cannot be asked for", async () => {
    const { status, body } = await apiOf([])("POST", "/api/endpoints/equity-desk/price-alert/test");
    expect([status, body.code]).toEqual([409, "NOT_NOW"]);
  });

  test("that was asked for too often says when to ask again", async () => {
    const ask = apiOf([], () => Promise.resolve(refuse("TEST_RATE", "one test a second", 1)));
    const { status, headers, body } = await ask("POST", "/api/endpoints/equity-desk/price-alert/test");
    expect([status, body.code, headers["retry-after"]]).toEqual([429, "TEST_RATE", "1"]);
  });
});
