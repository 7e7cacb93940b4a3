/**
 * The inspector's pages: `/inspect`, which loads from here alone as all pages do, and `/inspect/stately`, which may besides frame Stately's
 * hosted inspector. That one is there only where the configuration allows it.
 */
import type { FastifyInstance, FastifyReply } from "fastify";
import { refuse } from "../core/refusals.ts";
import { sendRefusal } from "./api-reply.ts";
import { PAGE_HEADERS } from "./console/page-headers.ts";
import type { StaticFiles } from "./console/static-files.ts";

/** The one place that the bridge may frame. The script posts to this origin and to no other. */
const STATELY_ORIGIN = "https://stately.ai";
const BRIDGE_POLICY = `${PAGE_HEADERS["content-security-policy"] ?? "default-src 'none'"}; frame-src ${STATELY_ORIGIN}`;
const NOT_BUILT =
  "The console's pages are not built. The package has them; in the sources, npm run build makes them. The API answers.\n";

export type InspectPages = {
  /** The built console; empty when it was not built. */
  readonly files: StaticFiles;
  /** `[inspect] stately`. */
  readonly stately: () => boolean;
};

export function addInspectPages(app: FastifyInstance, { files, stately }: InspectPages): void {
  const config = { config: { page: true } } as const;
  const file = files.get("/inspect.html");
  const send = (reply: FastifyReply): FastifyReply =>
    file === undefined
      ? reply.status(503).type("text/plain; charset=utf-8").send(NOT_BUILT)
      : reply.header("cache-control", "no-cache").type(file.type).send(file.bytes);
  app.get("/inspect", config, (_request, reply) => send(reply));
  app.get("/inspect/stately", config, (_request, reply) =>
    stately()
      ? send(reply.header("content-security-policy", BRIDGE_POLICY))
      : sendRefusal(reply, refuse("NOT_FOUND", "set [inspect] stately = true in desk.toml")),
  );
}
