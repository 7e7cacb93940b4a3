/**
 * The API of the control socket. It checks no token: the socket's mode 0600 in a folder of the same user is the credential,
 * so it must never be given a port. Every answer is JSON that begins with `schema`, save for the files of the log.
 */
import fastify, { type FastifyInstance } from "fastify";
import { refuse } from "../core/refusals.ts";
import type { Clock, Entropy } from "../engine/ports.ts";
import type { Definition } from "../inspect/frames.ts";
import type { AgentDoor } from "./agent-door.ts";
import { addAgentRoutes, refuseRunTokens } from "./agent-routes.ts";
import { sendRefusal } from "./api-reply.ts";
import { addRoutes } from "./api-routes.ts";
import type { LoginWorld } from "./console/login-routes.ts";
import type { ControlTarget } from "./control-target.ts";
import type { EventHub } from "./events.ts";
import type { InboxDoor } from "./inbox-routes.ts";
import type { NewInbox } from "./needs-you.ts";
import type { Replay } from "./replay-routes.ts";

export type Inboxes = {
  readonly inboxOf: (dir: string) => InboxDoor;
  readonly newInboxItems: (dir: string, limit: number) => Promise<NewInbox>;
};

export type ApiWorld = {
  readonly target: ControlTarget;
  readonly clock: Pick<Clock, "now">;
  readonly entropy: Entropy;
  /** The runs whose agents may act; none when absent. */
  readonly agents?: AgentDoor;
  /** How pages log in; nobody can when absent. */
  readonly login?: LoginWorld;
  /** Live events; a stopped desk has none. */
  readonly events?: EventHub;
  /** Tells a journal again; without it, no run can be looked at as of a row. */
  readonly replay?: Replay;
  /** The inboxes of the desks in these folders; without them, none can be read. */
  readonly inboxes?: Inboxes;
  /** The literals of this build's machines, for the inspector. */
  readonly definition?: Definition;
  /** What is counted, as Prometheus reads it. */
  readonly metrics?: () => Promise<string>;
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
  addRoutes(app, world);
  return app;
}
