/**
 * The static files of each desk's log, as https://c2sp.org/tlog-tiles serves them. Read only; they are made to be seen by anybody and
 * hold hashes, numbers and signatures. Not on the ingress: what reaches that may come through a tunnel.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { refuse } from "../core/refusals.ts";
import { sendRefusal } from "./api-reply.ts";
import type { ControlTarget } from "./control-target.ts";
import { logFileAsked } from "./log-files.ts";

/** A tile of this index and width is the same for ever. */
const FOREVER = "public, max-age=31536000, immutable";
/** Asked for anew each time: whoever looks wants to see the newest. */
const NOT_KEPT = "no-cache";

export function addLogRoutes(app: FastifyInstance, target: Pick<ControlTarget, "desks">): void {
  app.get("/log/*", async (request, reply) => {
    const asked = logFileAsked(request.raw.url ?? "");
    const desk = asked && target.desks().find(({ name }) => name === asked.workspace);
    const bytes = asked && desk && (await bytesIn(join(desk.dir, asked.file)));
    if (asked === undefined || bytes === undefined)
      return sendRefusal(reply, refuse("ROUTE_UNKNOWN", "no such file of a log"));
    return reply
      .header("x-content-type-options", "nosniff")
      .header("cache-control", asked.isForever ? FOREVER : NOT_KEPT)
      .type(asked.isForever ? "application/octet-stream" : "text/plain; charset=utf-8")
      .send(bytes);
  });
}

/** A partial tile whose full one is there may be gone, and a checkpoint is there from the first start on. */
async function bytesIn(file: string): Promise<Buffer | undefined> {
  try {
    return await readFile(file);
  } catch (error) {
    if (error instanceof Error && "code" in error && ABSENT.has(String(error.code))) return undefined;
    throw error;
  }
}

const ABSENT: ReadonlySet<string> = new Set(["ENOENT", "ENOTDIR", "EISDIR"]);
