/** The commits of a delivery that was told these things, one a thing, as an engine's listener is handed them. */
import { delivery } from "../../../machines/delivery.ts";
import type { DeliveryEvent, Policy } from "../../../src/core/delivery.ts";
import { deliveryAddress, type RunId } from "../../../src/core/ids.ts";
import type { ActorEvent, Change } from "../../../src/engine/ports.ts";
import { asJson, inputWith, RUN } from "../../support/delivery-words.ts";
import { type Actor, begin, tell } from "../../support/machine-given.ts";

const changeOf = (before: Actor | null, now: Actor): Change => ({
  record: now.record,
  before: before?.record ?? null,
  entries: now.entries.slice(before?.entries.length ?? 0),
  artifacts: [],
  index: [],
});

/** The n-th thing is told at n ms. */
export function livedChanges(
  policy: Partial<Policy>,
  events: readonly (DeliveryEvent | ActorEvent)[],
  run: RunId = RUN,
): readonly Change[] {
  let actor = begin(delivery, deliveryAddress(run), asJson(inputWith(policy, run)));
  const changes = [changeOf(null, actor)];
  for (const event of events) {
    const next = tell(actor, event);
    changes.push(changeOf(actor, next));
    actor = next;
  }
  return changes;
}
