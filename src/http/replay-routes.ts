/** A run as of a row of its journal. */
import type { FastifyInstance } from "fastify";
import { nameOf } from "../core/ids.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import type { ApiWorld } from "./api-app.ts";
import { isRefusal } from "./api-reply.ts";
import { addApiRoute } from "./api-route.ts";
import { chartNow } from "./chart-now.ts";
import { factFields } from "./delivery-shown.ts";
import { NAMES_A_RUN, runNamed } from "./run-routes.ts";
import { ReplayQuery, RunReplay } from "./shapes/replay.ts";
import { RunParams } from "./shapes/values.ts";
import { draftsShort, isoOf, progressOf } from "./views.ts";

/** Tells the machine what the journal says it was told, and gives the record as of the row of this `seq`. Never rejects for what a journal holds. */
export type Replay = (record: ActorRecord, journal: readonly Entry[], seq: number) => Promise<ActorRecord | Refusal>;

export type ReplayWorld = ApiWorld & { readonly replay: Replay };

export function addReplayRoutes(app: FastifyInstance, world: ReplayWorld): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/runs/:id/replay",
      says: "A run as of a row of its journal: its machine is told again what it was told until then.",
      params: RunParams,
      query: ReplayQuery,
      answer: { kind: "json", schema: "qoc.runs.replay/1", shape: RunReplay },
      refusals: [...NAMES_A_RUN, "NOT_FOUND", "NOT_NOW"],
    },
    async ({ params, query: { seq } }) => {
      const found = await runNamed(world, params.id);
      if (isRefusal(found)) return found;
      const { desk, record } = found;
      const journal = desk.store.journal(record.address);
      const then = await world.replay(record, journal, seq);
      return isRefusal(then) ? then : replayed(then, record, journal, seq);
    },
  );
}

function replayed(then: ActorRecord, now: ActorRecord, journal: readonly Entry[], seq: number): RunReplay | Refusal {
  const row = journal[seq];
  if (row === undefined) return refuse("NOT_FOUND", `there are the rows 0 to ${journal.length - 1}`);
  // Which effects were started follows from no journal: it is known of now alone.
  const chart = chartNow(seq === now.sequence - 1 ? { ...then, pending: now.pending } : then);
  return {
    run: nameOf(now.address),
    seq,
    of: journal.length,
    at: isoOf(row.at),
    event: row.event,
    by: row.by,
    chart,
    ...progressOf(then),
    facts: factFields(journal.slice(0, seq + 1)),
    drafts: draftsShort(then),
  };
}
