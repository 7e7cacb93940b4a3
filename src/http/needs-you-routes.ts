/** What needs a person, over the API. */
import type { FastifyInstance } from "fastify";
import { addApiRoute } from "./api-route.ts";
import { createNeedsYou, type NeedsWorld } from "./needs-you.ts";
import { NeedsYou } from "./shapes/needs-you.ts";

export function addNeedsYouRoutes(app: FastifyInstance, world: NeedsWorld): void {
  const look = createNeedsYou(world);
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/needs-you",
      says: "What needs a person: drafts to decide, stuck runs, holds that end soon, new inbox items, failing webhooks. Looked for at most twice a second: whoever asks sooner waits.",
      answer: { kind: "json", schema: "qoc.needs-you/1", shape: NeedsYou },
    },
    look,
  );
}
