/** `qoc mcp` as an agent's client starts it: a process of its own on stdin and stdout, over a real control socket. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { listenPrivately } from "../../../src/http/control-address.ts";
import { QOC } from "../../support/daemon.ts";
import { type AgentsGiven, NO_TOKEN, OTHER_TOKEN, TOKEN, apiWith, givenAgents } from "../http/agent-world.ts";

let dir: string;
let socket: string;
let agents: AgentsGiven;
let app: FastifyInstance;
const clients: Client[] = [];
beforeEach(async () => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-mcp-"));
  socket = path.join(dir, "c.sock");
  agents = givenAgents();
  app = apiWith(agents);
  await listenPrivately(socket, (at) => app.listen({ path: at }));
});
afterEach(async () => {
  for (const client of clients.splice(0)) await client.close();
  await app.close();
  rmSync(dir, { recursive: true });
});

const ARGV = [QOC, "mcp"];
/** No desk is near, and no variable but the run's. */
const whole = (token: string) => ({ QOC_RUN_TOKEN: token, QOC_SOCKET: socket });

async function aClient(token = TOKEN): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  clients.push(client);
  await client.connect(
    new StdioClientTransport({ command: process.execPath, args: ARGV, env: whole(token), cwd: dir, stderr: "ignore" }),
  );
  return client;
}

type Ended = { readonly exit: number | null; readonly stdout: string; readonly stderr: string };

/** The process with this on its stdin, which then ends; with a signal instead when there is one. */
function run(lines: readonly string[], token = TOKEN, signal?: "SIGTERM"): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ARGV, { env: whole(token), cwd: dir });
    const got = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => {
      got.stdout += chunk.toString();
      if (signal !== undefined) child.kill(signal);
    });
    child.stderr.on("data", (chunk: Buffer) => (got.stderr += chunk.toString()));
    child.on("error", reject).on("close", (exit) => resolve({ exit, ...got }));
    child.stdin.on("error", () => undefined);
    for (const line of lines) child.stdin.write(`${line}\n`);
    if (signal === undefined) child.stdin.end();
  });
}

const Message = z.looseObject({ jsonrpc: z.literal("2.0"), id: z.number().optional(), error: z.unknown().optional() });
const messagesIn = (stdout: string) =>
  stdout
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => Message.parse(JSON.parse(line)));
const rpc = (id: number, method: string, params: object = {}): string =>
  JSON.stringify({ jsonrpc: "2.0", id, method, params });
const HELLO = rpc(0, "initialize", {
  protocolVersion: "2025-06-18",
  capabilities: {},
  clientInfo: { name: "test", version: "1" },
});

describe("the SDK's client", () => {
  test("lists, calls, is refused and goes on, and each call reached the daemon as it was made", async () => {
    const client = await aClient();
    const { tools } = await client.listTools();
    expect(tools.map(({ name, inputSchema }) => [name, inputSchema])).toEqual(
      agents.box.tools.map(({ name, input }) => [name, input]),
    );
    expect(await client.callTool({ name: "status" })).toEqual({
      content: [{ type: "text", text: "run of a" }],
      structuredContent: { run: "a" },
    });
    expect(await client.callTool({ name: "approve", arguments: { draft: 1 } })).toEqual({
      isError: true,
      content: [{ type: "text", text: "There is no command approve." }],
    });
    expect(agents.box.calls).toEqual([
      { tool: "status", args: {} },
      { tool: "approve", args: { draft: 1 } },
    ]);
  });

  test("may ask many things at once, some of them large, and each gets its own answer", async () => {
    const client = await aClient(OTHER_TOKEN);
    const asked = Array.from({ length: 10 }, (_, i) => ({ i, body: "ü".repeat(i * 10_000) }));
    const answers = await Promise.all(asked.map((args) => client.callTool({ name: "slow", arguments: args })));
    expect(answers).toEqual(asked.map((args) => ({ content: [{ type: "text", text: JSON.stringify(args) }] })));
    expect(agents.box.calls).toEqual([]);
  });

  test("hears why a call came to nothing, and goes on", async () => {
    const client = await aClient();
    const refused = (says: string) => ({ isError: true, content: [{ type: "text", text: says }] });
    expect(await client.callTool({ name: "research_write", arguments: { body: "x".repeat(600_000) } })).toEqual(
      refused("The body is over this endpoint's limit. (BODY_TOO_LARGE)"),
    );
    expect(await client.callTool({ name: "breaks" })).toEqual(
      refused("The daemon failed; its log says why. (INTERNAL)"),
    );
    expect(await client.callTool({ name: "status" })).toMatchObject({ structuredContent: { run: "a" } });
  });

  test("that is connected when the run ends can call nothing more", async () => {
    const client = await aClient();
    await client.callTool({ name: "status" });
    agents.end(TOKEN);
    expect(await client.callTool({ name: "status" })).toEqual({
      isError: true,
      content: [{ type: "text", text: "The token is missing or wrong. (TOKEN_INVALID)" }],
    });
    expect(agents.box.calls.length).toBe(1);
  });
});

describe("the process", () => {
  test("answers what was asked before its stdin ended, writes the protocol alone, and exits with 0", async () => {
    const calls = [1, 2, 3].map((id) => rpc(id, "tools/call", { name: "slow", arguments: { id } }));
    const { exit, stdout, stderr } = await run([HELLO, ...calls]);
    expect([exit, stderr]).toEqual([0, ""]);
    expect(
      messagesIn(stdout)
        .map(({ id }) => id)
        .toSorted((a = 0, b = 0) => a - b),
    ).toEqual([0, 1, 2, 3]);
  });

  test("leaves out what is no message, and answers the rest", async () => {
    const hostile = ["{", "null", "[]", '{"jsonrpc":"1.0","id":5,"method":"tools/list"}', "\u0000", rpc(6, "nonsense")];
    const { exit, stdout } = await run([HELLO, ...hostile, rpc(7, "tools/list")]);
    const messages = messagesIn(stdout);
    // Each is answered when it is ready.
    expect([exit, new Set(messages.map(({ id }) => id))]).toEqual([0, new Set([0, 6, 7])]);
    expect(messages.length).toBe(3);
    expect(messages.find(({ id }) => id === 6)?.error).toMatchObject({ code: -32_601 });
  });

  test("ends with 65 at a message that has no end", async () => {
    const { exit, stderr } = await run([HELLO, "x".repeat(5 * 1024 * 1024)]);
    expect([exit, stderr.includes("the connection was closed")]).toEqual([65, true]);
  });

  test("ends at a signal", async () => {
    expect((await run([HELLO], TOKEN, "SIGTERM")).exit).toBe(143);
  });

  test("with a token that is no run's says so and speaks no protocol", async () => {
    const { exit, stdout, stderr } = await run([HELLO], NO_TOKEN);
    expect([exit, stdout]).toEqual([77, ""]);
    expect(stderr).toContain("TOKEN_INVALID");
    expect(stderr).not.toContain(NO_TOKEN);
  });
});
