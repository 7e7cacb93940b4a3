/** Who may approve on a desk. Nothing here changes that: who reaches the socket may be an agent of the same user. */
import type { FastifyInstance } from "fastify";
import type { ApiWorld } from "./api-app.ts";
import { addApiRoute } from "./api-route.ts";
import { ApproversList } from "./shapes/approvers.ts";

export function addApproverRoutes(app: FastifyInstance, { target }: ApiWorld): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/approvers",
      says: "Whose keys count on each desk.",
      answer: { kind: "json", schema: "qoc.approvers.list/1", shape: ApproversList },
    },
    () => {
      const items = target
        .desks()
        .flatMap(({ name, drafts }) => (drafts === undefined ? [] : [{ workspace: name, ...drafts.approvers() }]));
      return Promise.resolve({ items });
    },
  );
}
