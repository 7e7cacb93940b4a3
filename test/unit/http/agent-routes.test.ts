import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentsGiven, NO_TOKEN, OTHER_TOKEN, TOKEN, apiWith, bearer, givenAgents } from "./agent-world.ts";

let agents: AgentsGiven;
let complaints: string[];
let app: FastifyInstance;
beforeEach(() => {
  agents = givenAgents();
  complaints = [];
  app = apiWith(agents, complaints);
});
afterEach(() => app.close());

const JSON_TYPE = { "content-type": "application/json" };
const call = (payload: string | object, headers: Record<string, string> = bearer(TOKEN)) =>
  app.inject({ method: "POST", url: "/api/agent/call", headers: { ...JSON_TYPE, ...headers }, payload });
const tools = (headers: Record<string, string>) => app.inject({ url: "/api/agent/tools", headers });

describe("with the token of a run", () => {
  test("its tools are listed with the schemas of their arguments", async () => {
    const answer = await tools(bearer(TOKEN));
    expect(answer.json()).toEqual({ schema: "qoc.agent.tools/1", items: agents.box.tools });
  });

  test("a call reaches that run's box and no other, as it was asked", async () => {
    const answer = await call({ tool: "research_write", arguments: { name: "a", body: "…" } });
    expect([answer.statusCode, answer.json()]).toEqual([
      200,
      { schema: "qoc.agent.call/1", ok: true, text: '{"name":"a","body":"…"}' },
    ]);
    expect(agents.box.calls).toEqual([{ tool: "research_write", args: { name: "a", body: "…" } }]);
    expect(agents.other.calls).toEqual([]);
  });

  test("a call without arguments has none, and its facts come back", async () => {
    const answer = await call({ tool: "status" }, bearer(OTHER_TOKEN));
    expect(answer.json()).toMatchObject({ ok: true, text: "run of b", structured: { run: "b" } });
    expect(agents.other.calls).toEqual([{ tool: "status", args: {} }]);
  });

  test("a tool that is not there is asked of the box, which refuses and keeps it", async () => {
    const answer = await call({ tool: "approve", arguments: { draft: 1 } });
    expect(answer.json()).toEqual({ schema: "qoc.agent.call/1", ok: false, refusal: "There is no command approve." });
    expect(agents.box.calls).toEqual([{ tool: "approve", args: { draft: 1 } }]);
  });

  test("a call that could not be kept is a failure that tells the agent nothing of why", async () => {
    const answer = await call({ tool: "breaks" });
    expect([answer.statusCode, answer.json().code]).toEqual([500, "INTERNAL"]);
    expect(answer.body).not.toContain("/secret/place");
    expect(complaints.join()).toContain("/secret/place");
  });

  test.each([
    ["no JSON", "{"],
    ["no call", { arguments: {} }],
    ["a name that is no text", { tool: 1 }],
    ["more than a call", { tool: "status", run: "other" }],
  ])("%s is malformed and no call", async (_says, payload) => {
    const answer = await call(payload);
    expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_MALFORMED"]);
    expect(agents.box.calls).toEqual([]);
  });

  test("half a mebibyte is taken, more is too large", async () => {
    const around = JSON.stringify({ tool: "research_write", arguments: { body: "" } }).length;
    const body = (bytes: number) => ({ tool: "research_write", arguments: { body: "x".repeat(bytes - around) } });
    expect((await call(body(512 * 1024))).statusCode).toBe(200);
    const over = await call(body(512 * 1024 + 1));
    expect([over.statusCode, over.json().code]).toEqual([413, "BODY_TOO_LARGE"]);
    expect(agents.box.calls.length).toBe(1);
  });
});

describe("without the token of a run under way", () => {
  const given: readonly (readonly [string, Record<string, string>])[] = [
    ["none", {}],
    ["one that is no run's", bearer(NO_TOKEN)],
    ["one in another scheme", { authorization: `Basic ${TOKEN}` }],
    ["one with something behind it", bearer(`${TOKEN}, x`)],
    ["one that is cut short", bearer(TOKEN.slice(0, -1))],
    ["one of another kind", bearer("secret")],
    ["one that is endless", bearer(`qoc_run_${"a".repeat(9000)}`)],
    ["one in another header", { "x-token": TOKEN }],
    ["one that is only a property of everything", bearer("constructor")],
  ];
  test.each(given)("%s: every route answers the same 401", async (_says, headers) => {
    const answers = [
      await tools(headers),
      await call({ tool: "status" }, headers),
      await app.inject({ method: "POST", url: "/mcp", headers: { ...JSON_TYPE, ...headers }, payload: {} }),
      await app.inject({ url: "/mcp", headers }),
    ];
    const missing = await tools({});
    for (const answer of answers) {
      expect([answer.statusCode, answer.body]).toEqual([401, missing.body]);
      expect(answer.headers["www-authenticate"]).toBe("Bearer");
    }
    expect(missing.json()).toMatchObject({ code: "TOKEN_INVALID" });
    expect(agents.box.calls).toEqual([]);
  });

  test("a run that is over is refused like a token that never was", async () => {
    expect((await tools(bearer(TOKEN))).statusCode).toBe(200);
    agents.end(TOKEN);
    expect((await tools(bearer(TOKEN))).body).toBe((await tools(bearer(NO_TOKEN))).body);
    expect((await call({ tool: "status" })).statusCode).toBe(401);
    expect((await tools(bearer(OTHER_TOKEN))).statusCode).toBe(200);
  });

  test("a run that ends while the body comes is refused too", async () => {
    // The second look comes when the body is there.
    let looks = 0;
    const once = apiWith({ boxFor: (token) => (looks++ === 0 ? agents.boxFor(token) : undefined) });
    const answer = await once.inject({
      method: "POST",
      url: "/api/agent/call",
      headers: { ...JSON_TYPE, ...bearer(TOKEN) },
      payload: { tool: "status" },
    });
    await once.close();
    expect([answer.statusCode, agents.box.calls]).toEqual([401, []]);
  });

  test("a daemon that has no agents has no such routes", async () => {
    const bare = apiWith(undefined);
    expect((await bare.inject({ url: "/api/agent/tools" })).json().code).toBe("ROUTE_UNKNOWN");
    expect((await bare.inject({ url: "/api/agent/tools", headers: bearer(TOKEN) })).json().code).toBe("RUN_TOKEN");
    await bare.close();
  });
});

describe("a run's token elsewhere", () => {
  const elsewhere: readonly (readonly ["GET" | "POST", string])[] = [
    ["GET", "/api/runs"],
    ["GET", "/api/runs/00000001"],
    ["POST", "/api/runs/00000001/resume"],
    ["POST", "/api/stop"],
    ["GET", "/api/status"],
    ["GET", "/healthz"],
    ["POST", "/api/nonsense"],
    ["POST", "/api/agent/nonsense"],
    ["POST", "/api/agent/../runs/00000001/resume"],
    ["GET", "/api/agent/tools/"],
  ];
  test.each(elsewhere)("%s %s is refused, though the socket asks for no token", async (method, url) => {
    for (const token of [TOKEN, NO_TOKEN]) {
      const answer = await app.inject({ method, url, headers: bearer(token) });
      expect([answer.statusCode, answer.json().code]).toEqual([403, "RUN_TOKEN"]);
    }
  });

  test("in any header, and without one all is as before", async () => {
    const hidden = await app.inject({ url: "/api/status", headers: { cookie: `token=${TOKEN}` } });
    expect(hidden.json().code).toBe("RUN_TOKEN");
    expect((await app.inject({ url: "/api/status" })).statusCode).toBe(200);
  });
});

test("a page of a browser is refused, with a token too", async () => {
  const answer = await tools({ ...bearer(TOKEN), origin: "http://127.0.0.1:7431" });
  expect([answer.statusCode, answer.json().code]).toEqual([403, "ORIGIN_REFUSED"]);
});
