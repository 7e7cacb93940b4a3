/**
 * One request of MCP's streamable HTTP, answered with JSON. No session is kept: the token says which run it is, on every request, so
 * there is none to steal, none to end with the run, and no memory that a client could fill. The SDK is loaded at the first of them.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import { refuse } from "../core/refusals.ts";
import type { ToolDoor } from "../agent/tool-door.ts";
import { sendRefusal } from "./api-reply.ts";

/** What the SDK looks at; it is handed no other header, so that no token can reach a message of its own. */
const HEADERS = ["accept", "content-type", "mcp-protocol-version"] as const;

export async function answerMcp(
  box: ToolDoor,
  request: FastifyRequest,
  reply: FastifyReply,
  complain: (says: string, reason: unknown) => void,
): Promise<FastifyReply> {
  const body = typeof request.body === "string" ? request.body : "";
  // Gone from the protocol since 2025-06-18; and a batch that cancels a call of its own would never be answered.
  if (body.trimStart().startsWith("[")) return sendRefusal(reply, refuse("REQUEST_MALFORMED", "one message a request"));
  const [{ WebStandardStreamableHTTPServerTransport }, { buildMcpServer }] = await Promise.all([
    import("@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js"),
    import("../agent/mcp-server.ts"),
  ]);
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: true });
  const server = buildMcpServer(box, complain);
  await server.connect(transport);
  try {
    const answer = await transport.handleRequest(asWebRequest(request, body));
    for (const [name, value] of answer.headers) void reply.header(name, value);
    return await reply.status(answer.status).send(await answer.text());
  } finally {
    await server.close();
  }
}

function asWebRequest(request: FastifyRequest, body: string): Request {
  const headers = new Headers();
  for (const name of HEADERS) {
    const value = request.headers[name];
    if (typeof value === "string") headers.set(name, value);
  }
  return new Request("http://agent.invalid/mcp", { method: "POST", headers, body });
}
