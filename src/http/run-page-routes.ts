/** What the page of one run asks for. */
import type { FastifyInstance } from "fastify";
import { refuse } from "../core/refusals.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal } from "./api-reply.ts";
import { addApiRoute } from "./api-route.ts";
import { runEvidence } from "./run-evidence.ts";
import { runPage } from "./run-page.ts";
import { NAMES_A_RUN, runNamed } from "./run-routes.ts";
import { RunEvidence } from "./shapes/envelopes.ts";
import { RunPage } from "./shapes/run-page.ts";
import { RunParams } from "./shapes/values.ts";

export function addRunPageRoutes(app: FastifyInstance, world: ApiWorld): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/runs/:id/page",
      says: "All that the page of one run shows: the run, why, its delivery as received, its drafts, and what it can be told.",
      params: RunParams,
      answer: { kind: "json", schema: "qoc.runs.page/1", shape: RunPage },
      refusals: NAMES_A_RUN,
    },
    async ({ params }) => {
      const found = await runNamed(world, params.id);
      if (isRefusal(found)) return found;
      return (await runPage(found, world)) ?? refuse("RUN_UNKNOWN", `no run is called ${params.id}`);
    },
  );

  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/runs/:id/evidence",
      says: "The exact bytes of a run's sealed evidence and what a verifier needs beside them.",
      params: RunParams,
      answer: { kind: "json", schema: "qoc.runs.evidence/1", shape: RunEvidence },
      refusals: [...NAMES_A_RUN, "NOT_FOUND", "NOT_NOW"],
    },
    async ({ params }) => {
      const found = await runNamed(world, params.id);
      return isRefusal(found) ? found : runEvidence(found);
    },
  );
}
