import type { Facts } from "../core/delivery.ts";
import { factReader, factsOf, fullCommit, idOf, markOf, nameable } from "./facts.ts";
import type { PayloadMap, ReadDelivery } from "./provider.ts";

/** Headers that are read where the map finds nothing. Outside the body they are mostly unsigned: they name, and prove nothing. */
export type FactHeaders = {
  readonly id: string | null;
  readonly event: string | null;
};

/** Facts from where the configuration says they stand. */
export function mappedFacts(provider: string, delivery: ReadDelivery, map: PayloadMap, headers: FactHeaders): Facts {
  const { header } = factReader(delivery);
  const fact = (pointer: string | undefined): string | null =>
    pointer === undefined ? null : nameable(delivery.payload.at(pointer));
  const sent = (name: string | null): string | null => (name === null ? null : header(name));
  return factsOf(provider, delivery, {
    event_type: fact(map.event) ?? sent(headers.event),
    external_event_id: fact(map.external_id),
    delivery_id: fact(map.id) ?? idOf(sent(headers.id)),
    actor: fact(map.actor),
    project: fact(map.project),
    ref: fact(map.ref),
    commit_sha: fullCommit(fact(map.commit_sha)),
    subject_key: fact(map.subject),
    order: markOf(fact(map.updated_at)),
  });
}
