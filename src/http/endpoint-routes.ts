/** Endpoints over the API: how they fare, and a signed test of one. */
import type { FastifyInstance } from "fastify";
import { refuse } from "../core/refusals.ts";
import { addApiRoute } from "./api-route.ts";
import type { ControlTarget } from "./control-target.ts";
import { endpointsOf } from "./endpoint-views.ts";
import { EndpointsPage, TestParams, TestSent } from "./shapes/endpoints.ts";

export type EndpointWorld = { readonly target: Pick<ControlTarget, "desks"> };

export function addEndpointRoutes(app: FastifyInstance, { target }: EndpointWorld): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/endpoints",
      says: "Where senders post to, whether secrets are set, and how signatures fared since the daemon started.",
      answer: { kind: "json", schema: "qoc.endpoints.page/1", shape: EndpointsPage },
    },
    () => Promise.resolve(endpointsOf(target)),
  );

  addApiRoute(
    app,
    {
      method: "POST",
      path: "/api/endpoints/:workspace/:webhook/test",
      says:
        "Has the daemon sign a sample delivery with the webhook's own secret and post it to its own ingress. What comes of it is a run " +
        "like any other; `status` and `says` are what the endpoint answered.",
      params: TestParams,
      answer: { kind: "json", schema: "qoc.endpoints.test/1", shape: TestSent },
      refusals: ["NOT_FOUND", "NOT_NOW", "TEST_RATE"],
    },
    async ({ params: { workspace, webhook } }) => {
      const desk = target.desks().find(({ name }) => name === workspace);
      if (desk?.webhooks.some(({ name }) => name === webhook) !== true)
        return refuse("NOT_FOUND", "no webhook of that name");
      return desk.sendTest === undefined ? refuse("NOT_NOW", "no daemon serves this desk") : desk.sendTest(webhook);
    },
  );
}
