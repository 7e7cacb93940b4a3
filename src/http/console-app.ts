/** The console's listener. For now it answers probes and shows the log (decision 0010); what comes later stands behind the same `Host` check. */
import fastify, { type FastifyInstance } from "fastify";
import { refuse } from "../core/refusals.ts";
import { sendRefusal } from "./api-reply.ts";
import type { ControlTarget } from "./control-target.ts";
import { addHealthRoutes } from "./health-routes.ts";
import { addLogRoutes } from "./log-routes.ts";

/**
 * `hosts` are the exact `Host` values, name and port, that this listener answers to; a function, because the port may be
 * known only once it listens. Any other name (DNS rebinding) gets 421 before anything else is looked at.
 */
export function buildConsoleApp(
  target: Pick<ControlTarget, "ready" | "desks">,
  hosts: () => readonly string[],
): FastifyInstance {
  const app = fastify({ bodyLimit: 64 * 1024, requestTimeout: 10_000 });
  app.addHook("onRequest", async (request, reply) => {
    const host = request.headers.host?.toLowerCase();
    if (host === undefined || !hosts().includes(host))
      await sendRefusal(reply, refuse("HOST_UNKNOWN", "not a host of the console"));
  });
  app.setErrorHandler((_error, _request, reply) => sendRefusal(reply, refuse("INTERNAL", "the request failed")));
  app.setNotFoundHandler((_request, reply) => sendRefusal(reply, refuse("ROUTE_UNKNOWN", "no such page")));
  addHealthRoutes(app, target);
  addLogRoutes(app, target);
  return app;
}

/** The `Host` values of a listener on a loopback address: the address itself and `localhost`. */
export const loopbackHosts = (address: string, port: number): readonly string[] => [
  `${address.includes(":") ? `[${address}]` : address}:${port}`,
  `localhost:${port}`,
];
