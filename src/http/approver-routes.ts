/** Who may approve on a desk. Nothing here changes that: who reaches the socket may be an agent of the same user. */
import type { FastifyInstance } from "fastify";
import type { ApiWorld } from "./api-app.ts";
import { sendResult } from "./api-reply.ts";

export function addApproverRoutes(app: FastifyInstance, { target }: ApiWorld): void {
  app.get("/api/approvers", (_request, reply) => {
    const items = target
      .desks()
      .flatMap(({ name, drafts }) => (drafts === undefined ? [] : [{ workspace: name, ...drafts.approvers() }]));
    return sendResult(reply, "qoc.approvers.list/1", { items });
  });
}
