/** `/healthz` says that the process answers and touches nothing; `/readyz` says whether work may be sent to it. */
import type { FastifyInstance } from "fastify";
import { addApiRoute } from "./api-route.ts";
import type { ControlTarget } from "./control-target.ts";
import { Health, Ready } from "./shapes/daemon.ts";

export function addHealthRoutes(app: FastifyInstance, target: Pick<ControlTarget, "ready">): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/healthz",
      says: "The process answers.",
      answer: { kind: "json", schema: "qoc.health/1", shape: Health },
    },
    () => Promise.resolve({ ok: true }),
  );
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/readyz",
      says: "Whether work may be sent to it: 503 while it may not.",
      answer: { kind: "json", schema: "qoc.ready/1", shape: Ready },
      statuses: [200, 503],
    },
    async ({ reply }) => {
      const checks = await target.ready();
      const ready = checks.every((check) => check.ok);
      void reply.status(ready ? 200 : 503);
      return { ready, checks };
    },
  );
}
