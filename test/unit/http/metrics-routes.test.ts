import fastify from "fastify";
import { expect, test } from "vitest";
import { addMetricsRoutes } from "../../../src/http/metrics-routes.ts";
import { createMetrics } from "../../../src/observe/metrics.ts";

const metrics = createMetrics({
  version: "1.2.3",
  desks: () => [{ name: "equity-desk", webhooks: ["price-alert"], mail_waiting: 1, unfinished: 2 }],
  openStreams: () => 0,
  spans: () => ({ exported: 0, dropped: 0 }),
});

test("GET /metrics answers in the form that Prometheus reads, and nobody keeps it", async () => {
  const app = fastify();
  addMetricsRoutes(app, { metrics: metrics.text });
  const { statusCode, headers, body } = await app.inject("/metrics");
  expect(statusCode).toBe(200);
  expect(headers["content-type"]).toBe("text/plain; version=0.0.4; charset=utf-8");
  expect(headers["cache-control"]).toBe("no-store");
  expect(body).toContain('qoc_mail_waiting{workspace="equity-desk"} 1\n');
  // Each line is a comment or a sample, as the format has them.
  const odd = body
    .split("\n")
    .filter((line) => !/^(?:|# (?:HELP|TYPE) .*|[a-z_][a-z0-9_]*(?:\{[^}]*\})? [-+.\dNaInfe]+)$/.test(line));
  expect(odd).toEqual([]);
  await app.close();
});
