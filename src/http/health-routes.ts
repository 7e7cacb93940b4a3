/** `/healthz` says that the process answers and touches nothing; `/readyz` says whether work may be sent to it. */
import type { FastifyInstance } from "fastify";
import { sendResult } from "./api-reply.ts";
import type { ControlTarget } from "./control-target.ts";

export function addHealthRoutes(app: FastifyInstance, target: Pick<ControlTarget, "ready">): void {
  app.get("/healthz", (_request, reply) => sendResult(reply, "qoc.health/1", { ok: true }));
  app.get("/readyz", async (_request, reply) => {
    const checks = await target.ready();
    const ready = checks.every((check) => check.ok);
    return sendResult(reply, "qoc.ready/1", { ready, checks }, ready ? 200 : 503);
  });
}
