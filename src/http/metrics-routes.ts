/** `GET /metrics`, for scrapers. Who may read it is the door's affair: the console's guard also takes the scraper's own token, for this path alone. */
import type { FastifyInstance } from "fastify";
import { addApiRoute } from "./api-route.ts";

export const METRICS_PATH = "/metrics";
const MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export type MetricsWorld = {
  /** The exposition format of Prometheus, version 0.0.4. */
  readonly metrics: () => Promise<string>;
};

export function addMetricsRoutes(app: FastifyInstance, { metrics }: MetricsWorld): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: METRICS_PATH,
      says: "What the daemon counts, as Prometheus reads it. Labels are names of the configuration and of the program.",
      answer: { kind: "bytes", media_type: MEDIA_TYPE, says: "The exposition format, version 0.0.4." },
    },
    async ({ reply }) =>
      reply
        .header("cache-control", "no-store")
        .type(MEDIA_TYPE)
        .send(await metrics()),
  );
}
