/** Writes the reference of the API from its routes: `tsx src/http/openapi-build.ts FILE`. */
import { writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import fastify from "fastify";
import { addRoutes } from "./api-routes.ts";
import type { ApiWorld } from "./api-app.ts";
import { collectRoutes, openApiOf, openApiText } from "./openapi.ts";

const never = (): never => {
  throw new Error("the reference is made of routes alone: nothing is asked of a daemon");
};

/** A world that has everything, so that every route is there, and that answers nothing. */
const WORLD: ApiWorld = {
  target: { desks: never, status: never, ready: never, stop: never, reload: never, listen: never, backup: never },
  clock: { now: never },
  entropy: { bytes: never },
  login: {
    codes: { make: never, trade: never },
    tokens: { issue: never, end: never },
    consoleUrl: never,
  },
  events: { subscribe: never, open: never, close: never },
  replay: never,
  inboxes: { inboxOf: never, newInboxItems: never },
  definition: never,
  metrics: never,
  complain: never,
};

export function openApi(version: string): string {
  const app = fastify();
  const routes = collectRoutes(app);
  addRoutes(app, WORLD);
  return openApiText(openApiOf(routes, version));
}

const [, called, file] = process.argv;
if (called !== undefined && path.resolve(called) === fileURLToPath(import.meta.url)) {
  if (file === undefined) throw new Error("name the file to write");
  const { version } = await import("../version.ts");
  writeFileSync(file, openApi(version));
}
