/** A delivery that reaches a run that is there already: how it stands to that run, and the mail that tells the run. */
import type { DeliveryEvent } from "../core/delivery.ts";
import { nameOf, runIdOf, type Address, type Instant, type RunId } from "../core/ids.ts";
import type { Artifact, Mail } from "../engine/ports.ts";
import type { Delivery } from "./delivery.ts";
import type { KnownDeliveries } from "./known.ts";

/** `same_id` and `same_bytes` are never both false: then the delivery would have had an address of its own. */
export type Redelivery = {
  readonly address: Address;
  readonly run: RunId;
  readonly same_id: boolean;
  readonly same_bytes: boolean;
};
/** What a person should look at: other bytes under a known id, or known bytes under another id. */
export type Flag = "id_conflict" | "suspected_replay";

/** Undefined for a delivery that begins a run. Where ids are compared too, known bytes lead to the run that has them, whatever the id. */
export function redeliveryOf(delivery: Delivery, known: KnownDeliveries): Redelivery | undefined {
  const { address, run, body_key } = delivery;
  if (known.knows(address)) return { address, run, same_id: true, same_bytes: hasSameBytes(delivery, known) };
  const first = delivery.compares_ids ? known.byBody(body_key) : undefined;
  return first && { address: first, run: runIdOf(nameOf(first)), same_id: false, same_bytes: true };
}

/** Bytes that cannot be compared count as different: then they are kept and a person is told. */
function hasSameBytes({ address, key, sha256 }: Delivery, known: KnownDeliveries): boolean {
  return key.by === "body" || known.firstBytesOf(address) === sha256;
}

export function flagOf({ same_id, same_bytes }: Redelivery): Flag | null {
  if (!same_bytes) return "id_conflict";
  return same_id ? null : "suspected_replay";
}

export function redeliveryMail(redelivery: Redelivery, delivery: Delivery, now: Instant): Mail {
  const artifacts = newArtifacts(redelivery, delivery);
  const told: DeliveryEvent = {
    type: "REDELIVERED",
    delivery_id: delivery.facts.delivery_id,
    same_id: redelivery.same_id,
    same_bytes: redelivery.same_bytes,
    received_at: now,
    artifacts: artifacts.map(({ ref }) => ref),
  };
  return { to: redelivery.address, at: now, by: "provider", birth: null, events: [told], artifacts, index: [] };
}

/** A conflict brings bytes, with the headers that sign them; a replay brings a header with another id; a duplicate brings nothing. */
function newArtifacts(redelivery: Redelivery, { request, headers }: Delivery): readonly Artifact[] {
  switch (flagOf(redelivery)) {
    case "id_conflict":
      return [request, headers];
    case "suspected_replay":
      return [headers];
    case null:
      return [];
  }
}
