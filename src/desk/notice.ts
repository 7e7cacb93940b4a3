/** What a person is told of a redelivery that was flagged. Pure: read from the journal of the run that it reached. */
import { assert } from "../core/assert.ts";
import { birthOf, factsOf, flaggedIn } from "../core/delivery-journal.ts";
import type { RunId } from "../core/ids.ts";
import type { Flagged, NoticeAsked } from "../core/notice.ts";
import type { ArtifactRef, Json } from "../core/observation.ts";
import type { Entry } from "../engine/ports.ts";
import type { InboxJob } from "./jobs.ts";
import { codeSpan, cut } from "./markdown.ts";

/** What the notice is about, with `request` for the bytes that it shows. */
export type Noticed = Pick<InboxJob, "run" | "webhook" | "received_at" | "facts" | "notice"> & {
  readonly request: ArtifactRef;
};

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the machine's own words, as it asked
export const noticeAskedIn = (params: Json): NoticeAsked => params as unknown as NoticeAsked;

/** Shows the bytes that came with the redelivery, which are the run's own where it names no others. */
export function noticed(journal: readonly Entry[], { run, ordinal, what }: NoticeAsked): Noticed {
  const birth = birthOf(journal);
  const redelivered = flaggedIn(journal)[ordinal - 1];
  assert(redelivered !== undefined, "what a person is told of stands in the journal");
  const { delivery_id, received_at, artifacts } = redelivered;
  const request = artifacts.find(({ kind }) => kind === birth.request.kind) ?? birth.request;
  const facts = redelivered.facts ?? (request === birth.request ? factsOf(journal) : undefined);
  return {
    run,
    webhook: birth.webhook,
    received_at,
    // Without facts nothing is known of the bytes: they are shown as they can be read.
    facts: { event_type: facts?.event_type ?? null, payload: facts?.payload ?? "unparsable", delivery_id },
    request,
    notice: { ordinal, says: sentenceOf(what, delivery_id, run) },
  };
}

const ID_CHARACTERS_MAX = 100;

function sentenceOf(what: Flagged, deliveryId: string, run: RunId): string {
  const id = codeSpan(cut(deliveryId, ID_CHARACTERS_MAX, () => "…"));
  const release = `${codeSpan(`qoc runs release ${run} --as-new --reason TEXT`)} makes a run of it`;
  switch (what) {
    case "id_conflict":
      return `Delivery ${id} came again with other bytes, shown here. Both are kept, and nothing was done with these; if this is an event of its own, ${release}.`;
    case "suspected_replay":
      return `Known bytes came again as delivery ${id}: a repeat, or a replay. Nothing was done with it; if it is an event of its own, ${release}.`;
  }
}
