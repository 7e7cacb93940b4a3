/** The committed reference is the one that the routes make, and it is what OpenAPI says it should be. */
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { z } from "zod";
import { openApi } from "../../../src/http/openapi-build.ts";
import { version } from "../../../src/version.ts";

const committed = readFileSync(new URL("../../../src/http/openapi.json", import.meta.url), "utf8");
const Document = z.looseObject({
  openapi: z.literal("3.1.0"),
  paths: z.record(
    z.string(),
    z.record(z.string(), z.looseObject({ operationId: z.string(), "x-qoc-socket-only": z.literal(true).optional() })),
  ),
});
const operations = Object.entries(Document.parse(JSON.parse(committed)).paths).flatMap(([path, all]) =>
  Object.entries(all).map(([method, one]) => ({ path, method, ...one })),
);

test("it is what the routes say: npm run openapi writes it anew", () => {
  expect(committed).toBe(openApi(version));
});

test("it is valid OpenAPI 3.1", async () => {
  const { valid, errors } = await new Validator().validate(JSON.parse(committed));
  expect([valid, errors]).toEqual([true, undefined]);
});

test("it has the routes that pages and scripts rely on, each under a name of its own", () => {
  expect(operations.length).toBeGreaterThan(30);
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  const paths = operations.map(({ method, path }) => `${method} ${path}`);
  for (const route of [
    "get /api/runs",
    "get /api/needs-you",
    "post /api/runs/{id}/decisions",
    "get /metrics",
    "get /api/events",
  ])
    expect(paths).toContain(route);
});

test("what reaches into the machine is for the socket alone", () => {
  const socketOnly = operations.filter((one) => one["x-qoc-socket-only"] === true).map(({ path }) => path);
  expect(socketOnly.toSorted()).toEqual(
    ["/api/console/codes", "/api/reload", "/api/runs/{id}/erase", "/api/stop", "/api/store/backup"].toSorted(),
  );
});
