import fastify, { type FastifyInstance } from "fastify";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { listenPrivately, writeDaemonFile } from "../../../src/http/control-address.ts";
import { addMetricsRoutes } from "../../../src/http/metrics-routes.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
let app: FastifyInstance;
beforeEach(() => {
  world = cliWorld();
  app = fastify();
});
afterEach(async () => {
  await app.close();
  await world.close();
});

async function counting(text: string): Promise<void> {
  addMetricsRoutes(app, { metrics: () => Promise.resolve(text) });
  app.get("/healthz", () => ({ status: "ok" }));
  const socket = path.join(world.dir, ".qoc", "c.sock");
  await listenPrivately(socket, (at) => app.listen({ path: at }));
  writeDaemonFile(world.dir, { pid: process.pid, socket, ingress: null, console: null, started_at: "" });
}

test("qoc metrics prints what the daemon counts, word for word", async () => {
  await counting("# TYPE qoc_x counter\nqoc_x 1\n");
  const { exit, stdout } = await world.qoc("metrics");
  expect([exit, stdout]).toEqual([0, "# TYPE qoc_x counter\nqoc_x 1\n"]);
});

test("and as JSON it is one text behind its schema", async () => {
  await counting("qoc_x 1\n");
  expect((await world.qoc("metrics --json")).json()).toEqual({ schema: "qoc.metrics/1", text: "qoc_x 1\n" });
});

test("without a daemon nothing is counted, and that is said", async () => {
  const { exit, stdout, stderr } = await world.qoc("metrics");
  expect([exit, stdout]).toEqual([69, ""]);
  expect(stderr).toContain("qoc up");
});
