/**
 * The API of the control socket. It checks no token: the socket's mode 0600 in a folder of the same user is the credential,
 * so it must never be given a port. Every answer is JSON that begins with `schema`, save for the files of the log.
 */
import fastify, { type FastifyInstance } from "fastify";
import { refuse } from "../core/refusals.ts";
import type { Clock, Entropy } from "../engine/ports.ts";
import type { AgentDoor } from "./agent-door.ts";
import { addAgentRoutes, refuseRunTokens } from "./agent-routes.ts";
import { sendRefusal } from "./api-reply.ts";
import type { ControlTarget } from "./control-target.ts";
import { addApproverRoutes } from "./approver-routes.ts";
import { addDaemonRoutes } from "./daemon-routes.ts";
import { addDecisionRoutes } from "./decision-routes.ts";
import { addEventRoutes, createEventHub } from "./events.ts";
import { addHealthRoutes } from "./health-routes.ts";
import { addLogRoutes } from "./log-routes.ts";
import { addEraseRoutes } from "./erase-routes.ts";
import { addRunRoutes } from "./run-routes.ts";
import { addTaskRoutes } from "./task-routes.ts";

export type ApiWorld = {
  readonly target: ControlTarget;
  readonly clock: Pick<Clock, "now">;
  readonly entropy: Entropy;
  /** The runs whose agents may act; none when absent. */
  readonly agents?: AgentDoor;
  /** Told of a bug of ours that a request met; the caller gets 500. */
  readonly complain: (says: string, reason: unknown) => void;
};

export function buildApiApp(world: ApiWorld): FastifyInstance {
  const app = fastify({ bodyLimit: 64 * 1024, forceCloseConnections: "idle" });
  app.setErrorHandler((error: { readonly statusCode?: number; readonly message: string }, request, reply) => {
    if (error.statusCode !== undefined && error.statusCode < 500)
      return sendRefusal(reply, refuse("REQUEST_MALFORMED", error.message));
    world.complain(`${request.method} ${request.routeOptions.url ?? "unknown route"} failed`, error);
    return sendRefusal(reply, refuse("INTERNAL", "see the daemon's log"));
  });
  app.setNotFoundHandler((request, reply) =>
    sendRefusal(reply, refuse("ROUTE_UNKNOWN", `${request.method} ${request.url.slice(0, 200)}`)),
  );
  refuseRunTokens(app);
  if (world.agents !== undefined) addAgentRoutes(app, { agents: world.agents, complain: world.complain });
  addHealthRoutes(app, world.target);
  addDaemonRoutes(app, world);
  addRunRoutes(app, world);
  addEraseRoutes(app, world);
  addDecisionRoutes(app, world);
  addApproverRoutes(app, world);
  addTaskRoutes(app, world);
  addLogRoutes(app, world.target);
  addEventRoutes(app, createEventHub(world.target, world.target.status().started_at.toString(36)));
  return app;
}
