import { fastify } from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { machines } from "../../../machines/index.ts";
import { definitionOf } from "../../../src/engine/xstate-words.ts";
import { addChartRoutes } from "../../../src/http/chart-routes.ts";
import { ChartShown, ChartsPage } from "../../../src/http/shapes/charts.ts";

const app = fastify();
beforeAll(() => addChartRoutes(app));
const get = (url: string, headers: Record<string, string> = {}) => app.inject({ method: "GET", url, headers });

describe("GET /api/charts", () => {
  test("has every machine with the definition that its actors are stepped by", async () => {
    const answer = await get("/api/charts");
    const { schema, ...body } = answer.json();
    expect([answer.statusCode, schema]).toEqual([200, "qoc.charts.list/1"]);
    expect(ChartsPage.parse(body).items).toEqual(
      Object.entries(machines).flatMap(([machine, versions]) =>
        Object.entries(versions).map(([version, each]) => ({ machine, version, definition: definitionOf(each) })),
      ),
    );
  });
});

describe("GET /api/charts/:machine/:version", () => {
  test("has the chart with its places", async () => {
    const answer = await get("/api/charts/delivery/1");
    const { schema, ...body } = answer.json();
    expect([answer.statusCode, schema]).toEqual([200, "qoc.charts.show/1"]);
    const { chart } = ChartShown.parse(body);
    expect([chart.machine, chart.definition]).toEqual(["delivery", definitionOf(machines.delivery["1"])]);
    expect(Object.keys(chart.boxes)).toEqual(chart.nodes.map(({ id }) => id));
  });

  test("is not sent again to who has it", async () => {
    const first = await get("/api/charts/delivery/1");
    const tag = String(first.headers["etag"]);
    expect(tag).toMatch(/^"[0-9a-f]{64}"$/);
    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
      const again = await get("/api/charts/delivery/1", { "if-none-match": known });
      expect([known, again.statusCode, again.body, again.headers["etag"]]).toEqual([known, 304, "", tag]);
    }
  });

  test("is sent to who has another", async () => {
    const { headers } = await get("/api/charts/order/1");
    const answer = await get("/api/charts/delivery/1", { "if-none-match": String(headers["etag"]) });
    expect(answer.statusCode).toBe(200);
  });

  test.each(["delivery/2", "nothing/1", "__proto__/1", "constructor/1", "..%2F..%2Fpackage/1", "delivery.1/json"])(
    "there is no %s",
    async (name) => {
      const answer = await get(`/api/charts/${name}`);
      expect([answer.statusCode, answer.json().code]).toEqual([404, "NOT_FOUND"]);
    },
  );

  test("a name without end is not well formed", async () => {
    const answer = await get(`/api/charts/${"d".repeat(65)}/1`);
    expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_MALFORMED"]);
  });
});
