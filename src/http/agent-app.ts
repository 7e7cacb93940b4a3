/**
 * The agents' own listeners, which serve the scoped commands and nothing else: a socket, the only one that a sandbox shows; and, while a run
 * is under way, a free port of 127.0.0.1, because an MCP client takes a URL.
 */
import fastify, { type FastifyInstance } from "fastify";
import { assert } from "../core/assert.ts";
import { refuse } from "../core/refusals.ts";
import { type AgentWorld, addAgentRoutes } from "./agent-routes.ts";
import { sendRefusal } from "./api-reply.ts";

const HOST = "127.0.0.1";
const CONNECTIONS_MAX = 256;

/** `host` is the one exact `Host`, name and port, that it answers to (DNS rebinding); a function, because the port is known once it listens. Null on a socket, which has no name. */
export function buildAgentApp(world: AgentWorld, host: (() => string) | null): FastifyInstance {
  // What is in flight when it closes belongs to runs that are over: nobody waits for the answer.
  const app = fastify({ bodyLimit: 64 * 1024, requestTimeout: 10_000, forceCloseConnections: true });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.addHook("onRequest", async (request, reply) => {
    if (host !== null && request.headers.host?.toLowerCase() !== host())
      await sendRefusal(reply, refuse("HOST_UNKNOWN", "not the host of the agents' listener"));
  });
  app.setErrorHandler((_error, _request, reply) => sendRefusal(reply, refuse("REQUEST_MALFORMED", "not understood")));
  app.setNotFoundHandler((_request, reply) => sendRefusal(reply, refuse("ROUTE_UNKNOWN", "no such command")));
  addAgentRoutes(app, world);
  return app;
}

/** Its holder may use the URL until `release`, which may be called more than once. */
export type AgentLease = { readonly url: string; readonly release: () => Promise<void> };
export type AgentListener = { readonly lease: () => Promise<AgentLease> };

type Listening = { readonly app: FastifyInstance; readonly url: string };

/** Opens with the first lease and closes with the last. `lease` rejects when no port can be had, and may be asked again. */
export function createAgentListener(world: AgentWorld): AgentListener {
  let listening: Listening | undefined;
  let holders = 0;
  // Opening and closing wait for each other, or a run that begins while the last one ends would get a URL that closes.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = turn.then(work);
    turn = next.catch(() => undefined);
    return next;
  };
  const leave = async (): Promise<void> => {
    holders -= 1;
    if (holders > 0 || listening === undefined) return;
    const { app } = listening;
    listening = undefined;
    await app.close();
  };
  return {
    lease: () =>
      inTurn(async () => {
        listening ??= await listen(world);
        holders += 1;
        let held = true;
        const release = async (): Promise<void> => {
          if (!held) return;
          held = false;
          await inTurn(leave);
        };
        return { url: listening.url, release };
      }),
  };
}

async function listen(world: AgentWorld): Promise<Listening> {
  let name = "";
  const app = buildAgentApp(world, () => name);
  await app.listen({ host: HOST, port: 0 });
  const address = app.server.address();
  assert(typeof address === "object" && address !== null, "a listener on a port has one");
  name = `${HOST}:${address.port}`;
  return { app, url: `http://${name}/mcp` };
}
