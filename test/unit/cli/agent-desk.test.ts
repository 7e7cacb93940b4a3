/** The real tools of a run on a real desk, by every road that an agent has to them. */
import path from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createRunTokens } from "../../../src/agent/run-tokens.ts";
import type { ToolDoor } from "../../../src/agent/tool-door.ts";
import { TOOL_NAMES } from "../../../src/core/agent-run.ts";
import { type AgentLease, createAgentListener } from "../../../src/http/agent-app.ts";
import { listenPrivately } from "../../../src/http/control-address.ts";
import { RUN, type World as ToolWorld, worldWith } from "../agent/tool-world.ts";
import { apiWith, bearer } from "../http/agent-world.ts";
import { type World, cliWorld } from "./cli-world.ts";

let tools: ToolWorld;
let cli: World;
let app: FastifyInstance;
let env: Readonly<Record<string, string>>;
let token: string;
let end: () => void;
let lease: AgentLease;
beforeEach(async () => {
  tools = worldWith();
  cli = cliWorld();
  const tokens = createRunTokens<ToolDoor>({ bytes: (count) => new Uint8Array(count).fill(7) });
  token = tokens.issue(RUN, tools.box);
  end = () => tokens.end(RUN);
  app = apiWith(tokens);
  const socket = path.join(cli.dir, ".qoc", "a.sock");
  await listenPrivately(socket, (at) => app.listen({ path: at }));
  env = { QOC_RUN_TOKEN: token, QOC_SOCKET: socket };
  lease = await createAgentListener({ agents: tokens, complain: () => undefined }).lease();
});
afterEach(async () => {
  await lease.release();
  await app.close();
  await cli.close();
  tools.remove();
});

const ORDER = "--connector paper --symbol NVDA --side sell --quantity 10 --type limit --limit-price 120.50";
const DRAFT = '{"draft":{"kind":"deployment","name":"api","fields":{"service":"api"}},"rationale":{"summary":"why"}}';
const commands: readonly (readonly [string, string, string?])[] = [
  ["status", "status"],
  ["snapshot --title 'As it is'", "snapshot", "All quiet.\n"],
  ["inbox write --title 'A question' --kind question --body 'May I?'", "inbox_write"],
  ["research write nvda", "research_write", "# NVDA\n"],
  [`orders propose ${ORDER} --summary 'Too much of it' --research-ref research/nvda.md`, "orders_propose"],
  ["orders propose --arguments -", "orders_propose", DRAFT],
  ["files read issues/risk-review.md --offset 4 --limit 6", "read_file"],
  ["files list", "list_files"],
  ["files list . --depth 2", "list_files"],
  ["requeue risk-review --reason 'once more'", "run"],
];

describe("every command of an agent's shell", () => {
  const each = commands.map(([args, tool, stdin]) => ({ args, tool, stdin }));
  test.each(each)("qoc $args is taken by the tool $tool as it stands", async ({ args, tool, stdin }) => {
    const { exit, stderr } = await cli.qoc(args, { env, ...(stdin === undefined ? {} : { stdin }) });
    expect([exit, stderr]).toEqual([0, ""]);
    expect(tools.recorded.map(({ call }) => [call.tool, call.ok])).toEqual([[tool, true]]);
  });

  test("an order that is proposed is a file and a draft of the run", async () => {
    const { stdout } = await cli.qoc(`orders propose ${ORDER} --summary why`, { env });
    const [file = ""] = tools.names("orders/proposed");
    expect([stdout.includes(file), tools.text(`orders/proposed/${file}`).includes("120.50")]).toEqual([true, true]);
    expect(tools.recorded[0]?.call.proposed?.file).toBe(`orders/proposed/${file}`);
  });

  test("a way out of the desk is refused, and recorded as a call that was", async () => {
    const { exit, stdout, stderr } = await cli.qoc("files read ../../etc/passwd", { env });
    expect([exit, stdout, stderr.includes("CALL_REFUSED")]).toEqual([1, "", true]);
    expect(tools.recorded.map(({ call }) => [call.tool, call.ok])).toEqual([["read_file", false]]);
  });
});

describe("over MCP", () => {
  async function aClient(): Promise<Client> {
    const client = new Client({ name: "test", version: "1" });
    const requestInit = { headers: bearer(token) };
    await client.connect(new StreamableHTTPClientTransport(new URL(lease.url), { requestInit }));
    return client;
  }

  test("all tools are listed with schemas that a client takes", async () => {
    const client = await aClient();
    const listed = await client.listTools();
    expect(listed.tools.map(({ name }) => name)).toEqual([...TOOL_NAMES]);
    for (const { inputSchema, description = "" } of listed.tools)
      expect([inputSchema.type, description !== ""]).toEqual(["object", true]);
    await client.close();
  });

  test("what is written by one road is read by the other, and approving is on none", async () => {
    const client = await aClient();
    await cli.qoc("research write nvda --body page", { env });
    const read = await client.callTool({ name: "read_file", arguments: { path: "research/nvda.md" } });
    expect(JSON.stringify(read.content)).toContain("page");
    expect(await client.callTool({ name: "approve", arguments: { draft: 1 } })).toMatchObject({ isError: true });
    expect(tools.recorded.map(({ call }) => [call.tool, call.ok])).toEqual([
      ["research_write", true],
      ["read_file", true],
      ["approve", false],
    ]);
    await client.close();
  });

  test("when the run ends, both roads end, and nothing more is recorded", async () => {
    const client = await aClient();
    end();
    await expect(client.callTool({ name: "status" })).rejects.toThrow(/TOKEN_INVALID/);
    expect((await cli.qoc("status", { env })).exit).toBe(77);
    expect(tools.recorded).toEqual([]);
    await client.close();
  });
});
