/** Sealed evidence of all runs. */
import type { FastifyInstance } from "fastify";
import { tombstoneIn } from "../core/delivery-journal.ts";
import { refuse } from "../core/refusals.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import type { ApiWorld } from "./api-app.ts";
import { addApiRoute } from "./api-route.ts";
import { cursorIn, pageOfRuns } from "./run-index.ts";
import { caughtUp } from "./run-routes.ts";
import { type EnvelopeItem, EnvelopesPage, EnvelopesQuery } from "./shapes/envelopes.ts";
import { envelopeFileOf, runView } from "./views.ts";

export function addEnvelopeRoutes(app: FastifyInstance, world: ApiWorld): void {
  addApiRoute(
    app,
    {
      method: "GET",
      path: "/api/envelopes",
      says: "Runs that are sealed, those received last first, each with the file of its evidence.",
      query: EnvelopesQuery,
      answer: { kind: "json", schema: "qoc.envelopes.list/1", shape: EnvelopesPage },
    },
    async ({ query: { cursor, ...query } }) => {
      const before = cursor === undefined ? undefined : cursorIn(cursor);
      if (cursor !== undefined && before === undefined)
        return refuse("REQUEST_MALFORMED", "cursor: not one of this list's");
      await caughtUp(world);
      return pageOfRuns(world.target.desks(), { ...query, before }, (record, journal) =>
        envelopeItem(record, journal()),
      );
    },
  );
}

/** Undefined for a run that is not sealed. */
function envelopeItem(record: ActorRecord, journal: readonly Entry[]): EnvelopeItem | undefined {
  const view = runView(record, journal);
  const file = envelopeFileOf(journal);
  if (view === undefined || view.sealed_at === null) return undefined;
  const { run, workspace, webhook, evidence_id, outcome, sealed_at } = view;
  const erased = tombstoneIn(journal) !== undefined;
  return { run, workspace, webhook, evidence_id, outcome, sealed_at, file, erased };
}
