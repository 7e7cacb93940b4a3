/** The machines as charts. They are of the build, so a reader that has one asks again with its tag and is told that it is the same. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { allCharts, entryFor } from "../chart/book.ts";
import { refuse } from "../core/refusals.ts";
import { addApiRoute } from "./api-route.ts";
import { ChartParams, ChartShown, ChartsPage } from "./shapes/charts.ts";

export function addChartRoutes(app: FastifyInstance): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/charts",
      says: "Every machine of this build, with its versions.",
      answer: { kind: "json", schema: "qoc.charts.list/1", shape: ChartsPage },
    },
    () => {
      const items = allCharts().map(({ chart: { machine, version, definition } }) => ({
        machine,
        version,
        definition,
      }));
      return Promise.resolve({ items });
    },
  );

  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/charts/:machine/:version",
      says: "One machine as a chart: its states and transitions, and where they stand in the picture.",
      params: ChartParams,
      answer: { kind: "json", schema: "qoc.charts.show/1", shape: ChartShown },
      statuses: [200, 304],
      refusals: ["NOT_FOUND"],
    },
    async ({ params: { machine, version }, request, reply }) => {
      const entry = entryFor(machine, version);
      if (entry === undefined) return refuse("NOT_FOUND", `no chart of ${machine} ${version}`);
      return isKnown(request, reply, `"${entry.hash}"`) ? reply.status(304).send() : { chart: entry.chart };
    },
  );
}

/** RFC 9110, section 13.1.2: a tag may stand in a list, and as a weak one. */
function isKnown(request: FastifyRequest, reply: FastifyReply, tag: string): boolean {
  void reply.header("etag", tag).header("cache-control", "private, no-cache");
  const asked = request.headers["if-none-match"]?.split(",").map((each) => each.trim().replace(/^W\//, "")) ?? [];
  return asked.includes(tag) || asked.includes("*");
}
