/** MCP over HTTP, by the client of the official SDK against the agents' own listener, and by hand where that client would not go. */
import { type IncomingHttpHeaders, request } from "node:http";
import { connect } from "node:net";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type AgentLease, type AgentListener, createAgentListener } from "../../../src/http/agent-app.ts";
import { version } from "../../../src/version.ts";
import { type AgentsGiven, NO_TOKEN, OTHER_TOKEN, TOKEN, apiWith, bearer, givenAgents } from "./agent-world.ts";

let agents: AgentsGiven;
let complaints: string[];
let listener: AgentListener;
let lease: AgentLease;
const clients: Client[] = [];
beforeEach(async () => {
  agents = givenAgents();
  complaints = [];
  listener = createAgentListener({
    agents,
    complain: (says, reason) => complaints.push(`${says}: ${String(reason)}`),
  });
  lease = await listener.lease();
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await lease.release();
});

/** A client that has been introduced. */
async function aClient(token = TOKEN): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  clients.push(client);
  await client.connect(
    new StreamableHTTPClientTransport(new URL(lease.url), { requestInit: { headers: bearer(token) } }),
  );
  return client;
}

const MCP_TYPES = { "content-type": "application/json", accept: "application/json, text/event-stream" };
type Answer = {
  readonly status: number;
  readonly json: () => Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
};

/** One request as it stands, with any `Host`. */
function send(method: string, headers: Readonly<Record<string, string>>, body = "", url = lease.url): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, agent: false, headers: { ...MCP_TYPES, ...headers } }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer
        .on("error", reject)
        .on("end", () =>
          resolve({ status: answer.statusCode ?? 0, json: () => JSON.parse(text), headers: answer.headers }),
        );
    });
    asked.on("error", reject).end(body);
  });
}
const post = (body: string | object, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  send("POST", { ...bearer(TOKEN), ...headers }, typeof body === "string" ? body : JSON.stringify(body));
const rpc = (method: string, params: object = {}): object => ({ jsonrpc: "2.0", id: 1, method, params });

describe("the SDK's client", () => {
  test("is told who answers and how to work, and that there are tools and nothing else", async () => {
    const client = await aClient();
    expect(client.getServerVersion()).toEqual({ name: "qoc", version });
    expect(client.getServerCapabilities()).toEqual({ tools: {} });
    expect(client.getInstructions()).toContain("a person decides");
  });

  test("lists the tools with their schemas", async () => {
    const { tools } = await (await aClient()).listTools();
    expect(tools.map(({ name, inputSchema }) => [name, inputSchema])).toEqual(
      agents.box.tools.map(({ name, input }) => [name, input]),
    );
  });

  test("calls a tool, and its text and facts come back", async () => {
    const result = await (await aClient()).callTool({ name: "status" });
    expect(result).toEqual({ content: [{ type: "text", text: "run of a" }], structuredContent: { run: "a" } });
    expect(agents.box.calls).toEqual([{ tool: "status", args: {} }]);
  });

  test.each(["approve", "", "toString", "../status"])(
    "is told by a result that it may not call %j, and the box has seen it",
    async (name) => {
      const result = await (await aClient()).callTool({ name, arguments: { draft: 1 } });
      expect(result).toEqual({ isError: true, content: [{ type: "text", text: `There is no command ${name}.` }] });
      expect(agents.box.calls).toEqual([{ tool: name, args: { draft: 1 } }]);
    },
  );

  test("hears that a call failed, and nothing of why", async () => {
    const failing = (await aClient()).callTool({ name: "breaks" });
    await expect(failing).rejects.toThrow(/the daemon's log says why/);
    await expect(failing).rejects.not.toThrow(/secret/);
    expect(complaints.join()).toContain("/secret/place");
  });

  test("may ask forty things at once, of two runs: each gets its own answer", async () => {
    const [one, two] = [await aClient(), await aClient(OTHER_TOKEN)];
    const asked = Array.from({ length: 40 }, (_, i) => i);
    const answers = await Promise.all(
      asked.map((i) => (i % 2 === 0 ? one : two).callTool({ name: "slow", arguments: { i } })),
    );
    expect(answers).toEqual(asked.map((i) => ({ content: [{ type: "text", text: JSON.stringify({ i }) }] })));
    expect([agents.box.calls.length, agents.other.calls.length]).toEqual([20, 20]);
  });

  test("finds the tools alone: no resource, no prompt", async () => {
    const client = await aClient();
    await expect(client.listResources()).rejects.toThrow(/Method not found/);
    await expect(client.listPrompts()).rejects.toThrow(/Method not found/);
  });

  test.each([
    ["none of ours", "secret"],
    ["no run's", NO_TOKEN],
  ])("is not introduced with a token that is %s", async (_says, token) => {
    await expect(aClient(token)).rejects.toThrow(/TOKEN_INVALID/);
  });

  test("that was introduced is refused once the run is over", async () => {
    const client = await aClient();
    await client.callTool({ name: "status" });
    agents.end(TOKEN);
    await expect(client.callTool({ name: "status" })).rejects.toThrow(/TOKEN_INVALID/);
    await expect(client.listTools()).rejects.toThrow(/TOKEN_INVALID/);
    expect(agents.box.calls.length).toBe(1);
  });

  test("works over arguments of hundreds of kilobytes, and is refused above the limit", async () => {
    const client = await aClient();
    const body = "ü".repeat(200_000);
    const result = await client.callTool({ name: "research_write", arguments: { body } });
    expect(result.content).toEqual([{ type: "text", text: JSON.stringify({ body }) }]);
    const huge = client.callTool({ name: "research_write", arguments: { body: "x".repeat(600_000) } });
    await expect(huge).rejects.toThrow(/BODY_TOO_LARGE/);
    expect(agents.box.calls.length).toBe(1);
  });
});

describe("a request", () => {
  test.each([
    ["no JSON", "{", 400, -32_700],
    ["nothing", "", 400, -32_700],
    ["no message of the protocol", { hello: 1 }, 400, -32_700],
    ["no method that there is", rpc("tools/approve"), 200, -32_601],
    ["a call without a name", rpc("tools/call", { arguments: {} }), 200, -32_603],
    ["a call whose arguments are no object", rpc("tools/call", { name: "status", arguments: [1] }), 200, -32_603],
  ])("that is %s gets an error of the protocol, and the box sees nothing", async (_says, body, status, code) => {
    const answer = await post(body);
    expect([answer.status, answer.json()["error"]]).toEqual([status, expect.objectContaining({ code })]);
    expect(agents.box.calls).toEqual([]);
  });

  test("of several messages is refused: one that cancels itself would never be answered", async () => {
    const cancel = { jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: 1 } };
    const answer = await post(` ${JSON.stringify([rpc("tools/call", { name: "slow" }), cancel])}`);
    expect([answer.status, answer.json()["code"], agents.box.calls]).toEqual([400, "REQUEST_MALFORMED", []]);
  });

  test.each(["GET", "DELETE"])("by %s is refused: no session is kept", async (method) => {
    const answer = await send(method, bearer(TOKEN));
    expect([answer.status, answer.json()["code"], answer.headers.allow]).toEqual([405, "METHOD_NOT_ALLOWED", "POST"]);
  });

  test("that names a session is answered by its token alone", async () => {
    const answer = await post(rpc("tools/call", { name: "status" }), { ...bearer(OTHER_TOKEN), "mcp-session-id": "a" });
    expect(answer.json()["result"]).toMatchObject({ structuredContent: { run: "b" } });
    expect((await send("POST", { "mcp-session-id": "a" }, JSON.stringify(rpc("tools/list")))).status).toBe(401);
  });

  test.each(["localhost", "evil.example", "127.0.0.1", "127.0.0.1:1", "[::1]"])(
    "for the host %s is refused",
    async (host) => {
      const answer = await post(rpc("tools/list"), { host });
      expect([answer.status, answer.json()["code"]]).toEqual([421, "HOST_UNKNOWN"]);
    },
  );

  test.each(["http://127.0.0.1:7431", "null", "https://evil.example", ""])(
    "of the origin %j is refused",
    async (origin) => {
      const answer = await post(rpc("tools/list"), { origin });
      expect([answer.status, answer.json()["code"]]).toEqual([403, "ORIGIN_REFUSED"]);
    },
  );

  test("by a page's preflight gets no leave", async () => {
    const answer = await send("OPTIONS", { origin: "https://evil.example", "access-control-request-method": "POST" });
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(Object.keys(answer.headers).filter((name) => name.startsWith("access-control"))).toEqual([]);
  });

  test.each(["/api/runs", "/api/status", "/healthz", "/", "/api/stop"])(
    "for %s finds nothing on this listener",
    async (at) => {
      const answer = await send("GET", bearer(TOKEN), "", new URL(at, lease.url).href);
      expect([answer.status, answer.json()["code"]]).toEqual([404, "ROUTE_UNKNOWN"]);
    },
  );

  test("reaches the same tools on the control socket's API", async () => {
    const api = apiWith(agents);
    const answer = await api.inject({
      method: "POST",
      url: "/mcp",
      headers: { ...MCP_TYPES, ...bearer(TOKEN) },
      payload: rpc("tools/call", { name: "status" }),
    });
    await api.close();
    expect(answer.json().result.structuredContent).toEqual({ run: "a" });
  });
});

describe("the listener", () => {
  const listens = (url: string): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect(Number(new URL(url).port), "127.0.0.1", () => resolve(socket.destroy().destroyed));
      socket.on("error", () => resolve(false));
    });

  test("is on 127.0.0.1, is one for all runs, and closes with the last", async () => {
    const second = await listener.lease();
    expect(lease.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/mcp$/);
    expect(second.url).toBe(lease.url);
    await lease.release();
    await lease.release();
    expect(await listens(second.url)).toBe(true);
    await second.release();
    expect(await listens(second.url)).toBe(false);
  });

  test("closes under a request that never ends", async () => {
    const socket = connect(Number(new URL(lease.url).port), "127.0.0.1");
    const closed = new Promise((resolve) => socket.on("close", () => resolve("closed")).on("error", () => undefined));
    await new Promise((resolve) => socket.once("connect", resolve));
    socket.write(`POST /mcp HTTP/1.1\r\nhost: ${new URL(lease.url).host}\r\ncontent-length: 10\r\n\r\n{`);
    await lease.release();
    expect(await closed).toBe("closed");
  });

  test("opens again for a run that begins while the last one ends", async () => {
    const [, next] = await Promise.all([lease.release(), listener.lease()]);
    expect(await listens(next.url)).toBe(true);
    await next.release();
    expect(await listens(next.url)).toBe(false);
  });
});
