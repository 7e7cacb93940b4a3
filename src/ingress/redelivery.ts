/** Where a delivery belongs: to a run that is there already, as what, or to a run that it begins. */
import type { DeliveryEvent } from "../core/delivery.ts";
import { deliveryAddress, nameOf, runIdOf, type Address, type Instant, type RunId } from "../core/ids.ts";
import type { Artifact, Mail } from "../engine/ports.ts";
import { carried, type Delivery } from "./delivery.ts";
import { runIdBehind } from "./identity.ts";
import type { KnownDeliveries } from "./known.ts";

/** `same_id` and `same_bytes` are never both false: then the delivery would have had an address of its own. */
export type Redelivery = {
  readonly kind: "redelivery";
  readonly run: RunId;
  readonly same_id: boolean;
  readonly same_bytes: boolean;
};
/** What a person should look at: other bytes under a known id, or known bytes under another id. */
export type Flag = "id_conflict" | "suspected_replay";

/**
 * Where ids are compared too, known bytes lead to the run that has them, whatever the id. What is known longer than the window says is no
 * redelivery: it begins a run behind the latest of its identity.
 */
export function placeOf(
  delivery: Delivery,
  known: KnownDeliveries,
  windowMs: number | null,
  now: Instant,
): Redelivery | { readonly kind: "birth"; readonly run: RunId } {
  const isWithin = (address: Address): boolean => windowMs === null || now - (known.bornAt(address) ?? now) <= windowMs;
  // Only a window makes runs behind the first: without one there is nothing to look for.
  const latest = windowMs === null ? undefined : known.latestBehind(delivery.first_run);
  const own = latestOf(latest === undefined ? delivery.first_run : runIdOf(nameOf(latest)), known, isWithin);
  if (own.isKnown) {
    return { kind: "redelivery", run: own.run, same_id: true, same_bytes: hasSameBytes(own.run, delivery, known) };
  }
  const first = delivery.compares_ids ? known.byBody(delivery.body_key) : undefined;
  if (first === undefined || !isWithin(first)) return { kind: "birth", run: own.run };
  return { kind: "redelivery", run: runIdOf(nameOf(first)), same_id: false, same_bytes: true };
}

/** The run of this identity that is within the window, or the one that is to begin. */
function latestOf(
  first: RunId,
  known: KnownDeliveries,
  isWithin: (address: Address) => boolean,
): { readonly run: RunId; readonly isKnown: boolean } {
  let run = first;
  while (known.knows(deliveryAddress(run))) {
    if (isWithin(deliveryAddress(run))) return { run, isKnown: true };
    run = runIdBehind(run);
  }
  return { run, isKnown: false };
}

/** The first bytes of the run, or bytes that came to it as a conflict before. What cannot be compared counts as different: a person is told. */
function hasSameBytes(run: RunId, { key, sha256, body_key }: Delivery, known: KnownDeliveries): boolean {
  const address = deliveryAddress(run);
  return key.by === "body" || known.firstBytesOf(address) === sha256 || known.byBody(body_key) === address;
}

export function flagOf({ same_id, same_bytes }: Redelivery): Flag | null {
  if (!same_bytes) return "id_conflict";
  return same_id ? null : "suspected_replay";
}

export function redeliveryMail(redelivery: Redelivery, delivery: Delivery, now: Instant): Mail {
  const news = newsOf(redelivery, delivery);
  const isKnown = (artifact: Artifact): boolean => redelivery.same_bytes && artifact === delivery.request;
  const told: DeliveryEvent = {
    type: "REDELIVERED",
    delivery_id: delivery.facts.delivery_id,
    same_id: redelivery.same_id,
    same_bytes: redelivery.same_bytes,
    received_at: now,
    facts: redelivery.same_bytes ? null : delivery.facts,
    artifacts: news.map(({ ref }) => ref),
  };
  return {
    to: deliveryAddress(redelivery.run),
    through: null,
    at: now,
    by: "provider",
    birth: null,
    events: [told],
    artifacts: carried(delivery).filter((artifact) => news.includes(artifact) && !isKnown(artifact)),
    // What conflicted is known from now on: a copy of it is a duplicate, and under another id a suspected replay.
    index: redelivery.same_bytes ? [] : [{ name: "body", key: delivery.body_key }],
  };
}

/**
 * A conflict brings bytes, with the headers that sign them; a replay brings a header with another id, and names the bytes, which may be those
 * of a conflict; a duplicate brings nothing.
 */
function newsOf(redelivery: Redelivery, { request, headers }: Delivery): readonly Artifact[] {
  switch (flagOf(redelivery)) {
    case "id_conflict":
      return [request, headers];
    case "suspected_replay":
      return [request, headers];
    case null:
      return [];
  }
}
