/**
 * The scoped commands over HTTP, for whoever has a run's token: as JSON of ours under `/api/agent/`, as MCP at `/mcp`. On the control
 * socket and on the agents' own listener alike.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import { refuse } from "../core/refusals.ts";
import { type AgentDoor, boxOf, carriesRunToken, tokenRefused } from "./agent-door.ts";
import { sendRefusal, sendRefusalAndClose, sendResult } from "./api-reply.ts";
import { answerMcp } from "./mcp-answer.ts";

export type AgentWorld = {
  readonly agents: AgentDoor;
  readonly complain: (says: string, reason: unknown) => void;
};

/** Twice what a tool takes as arguments: what stands round them, and their escapes. */
const BODY_BYTES_MAX = 512 * 1024;
const CallBody = z.strictObject({ tool: z.string(), arguments: z.unknown().optional() });
const TOOLS = "/api/agent/tools";
const CALL = "/api/agent/call";
const MCP = "/mcp";
const routes: readonly (string | undefined)[] = [TOOLS, CALL, MCP];

export function addAgentRoutes(app: FastifyInstance, world: AgentWorld): void {
  void app.register((scope, _options, done) => {
    scope.addHook("onRequest", async (request, reply) => guard(world, request, reply));
    scope.setErrorHandler((error: FastifyError, request, reply) => failed(world, error, request, reply));
    addCallRoutes(scope, world);
    // A scope of its own: MCP's bodies are read by the SDK, which has errors of its own for what is no JSON.
    void scope.register((inner, _inner, innerDone) => {
      addMcpRoutes(inner, world);
      innerDone();
    });
    done();
  });
}

/**
 * Refuses a run's token everywhere but on the routes above: an agent that uses its token can neither read nor decide anything else. It
 * holds no agent that leaves its token out; on the socket, only what is signed holds against that.
 */
export function refuseRunTokens(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    if (carriesRunToken(request) && !routes.includes(request.routeOptions.url))
      await sendRefusal(reply, refuse("RUN_TOKEN", "it is good for the agent's own commands only"));
  });
}

async function guard({ agents }: AgentWorld, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  // No page of a browser has business here, whatever its origin.
  if (request.headers.origin !== undefined)
    await sendRefusal(reply, refuse("ORIGIN_REFUSED", "an agent's commands are not for pages"));
  else if (boxOf(agents, request) === undefined) await unauthorized(reply);
}

const unauthorized = (reply: FastifyReply): FastifyReply =>
  sendRefusal(reply.header("www-authenticate", "Bearer"), tokenRefused());

function addCallRoutes(scope: FastifyInstance, { agents }: AgentWorld): void {
  scope.get(TOOLS, (request, reply) => {
    const box = boxOf(agents, request);
    return box === undefined ? unauthorized(reply) : sendResult(reply, "qoc.agent.tools/1", { items: box.tools });
  });
  scope.post(CALL, { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const body = CallBody.safeParse(request.body);
    if (!body.success) return sendRefusal(reply, refuse("REQUEST_MALFORMED", z.prettifyError(body.error)));
    // Looked up again: the run may have ended while the body came.
    const box = boxOf(agents, request);
    if (box === undefined) return unauthorized(reply);
    const answer = await box.call(body.data.tool, body.data.arguments ?? {});
    return sendResult(reply, "qoc.agent.call/1", answer);
  });
}

function addMcpRoutes(scope: FastifyInstance, { agents, complain }: AgentWorld): void {
  scope.removeAllContentTypeParsers();
  scope.addContentTypeParser("*", { parseAs: "string" }, (_request, body, done) => done(null, body));
  scope.post(MCP, { bodyLimit: BODY_BYTES_MAX }, async (request, reply) => {
    const box = boxOf(agents, request);
    return box === undefined ? unauthorized(reply) : answerMcp(box, request, reply, complain);
  });
  // No stream of the server's own, and no session to end: each request stands for itself.
  scope.route({
    method: ["GET", "DELETE"],
    url: MCP,
    handler: (_request, reply) =>
      sendRefusal(reply.header("allow", "POST"), refuse("METHOD_NOT_ALLOWED", "no session is kept here")),
  });
}

function failed(
  { complain }: AgentWorld,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { statusCode = 500 } = error;
  if (statusCode < 500) {
    return statusCode === 413
      ? sendRefusalAndClose(reply, refuse("BODY_TOO_LARGE", `over ${BODY_BYTES_MAX} bytes`))
      : sendRefusal(reply, refuse("REQUEST_MALFORMED", error.message));
  }
  complain(`${request.method} ${request.routeOptions.url ?? "unknown route"} failed`, error);
  return sendRefusal(reply, refuse("INTERNAL", "see the daemon's log"));
}
