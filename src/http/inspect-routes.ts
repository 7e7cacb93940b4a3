/** A run as the frames of the inspection protocol, one a line: to be saved, and looked at later. */
import { Readable } from "node:stream";
import type { FastifyInstance } from "fastify";
import { nameOf } from "../core/ids.ts";
import { isRefusal } from "./api-reply.ts";
import { addApiRoute } from "./api-route.ts";
import { actorsOf, type InspectWorld, type Lines, runHistory } from "./inspect-world.ts";
import { NAMES_A_RUN, runNamed } from "./run-routes.ts";
import { InspectQuery } from "./shapes/inspect.ts";
import { RunParams } from "./shapes/values.ts";

export const NDJSON = "application/x-ndjson";
const CHUNK_ROWS = 100;

export function addInspectRoutes(app: FastifyInstance, world: InspectWorld): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/runs/:id/inspection",
      says: "The actors of a run and their journals as frames of the inspection protocol of @statelyai/inspect.",
      params: RunParams,
      query: InspectQuery,
      answer: { kind: "bytes", media_type: NDJSON, says: "One frame a line, in the order of the commits." },
      refusals: [...NAMES_A_RUN],
    },
    async ({ params, query: { context }, reply }) => {
      const found = await runNamed(world, params.id);
      if (isRefusal(found)) return found;
      const { desk, record } = found;
      const lines = runHistory(actorsOf(desk.store, record.address), { definition: world.definition, context });
      return reply
        .type(NDJSON)
        .header("cache-control", "no-store")
        .header("content-disposition", `inline; filename="inspection-${nameOf(record.address)}.ndjson"`)
        .send(Readable.from(chunksOf(lines)));
    },
  );
}

function* chunksOf(rows: Iterable<Lines>): Generator<string> {
  let chunk: string[] = [];
  for (const { texts } of rows) {
    chunk.push(...texts().map((text) => `${text}\n`));
    if (chunk.length < CHUNK_ROWS) continue;
    yield chunk.join("");
    chunk = [];
  }
  yield chunk.join("");
}
