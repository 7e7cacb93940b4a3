/** Where a delivery belongs: to a run that is there already, as what, or to a run that it begins. */
import type { DeliveryEvent } from "../core/delivery.ts";
import type { Filtered } from "../core/redaction.ts";
import { deliveryAddress, nameOf, runIdOf, type Address, type Instant, type RunId } from "../core/ids.ts";
import type { Artifact, Mail } from "../engine/ports.ts";
import { rawBytesCommitted } from "./commitment.ts";
import { carried, type Delivery } from "./delivery.ts";
import { runIdBehind } from "./identity.ts";
import type { BornWith, KnownDeliveries } from "./known.ts";

/** `same_id` and `same_bytes` are never both false: then the delivery would have had an address of its own. */
export type Redelivery = {
  readonly kind: "redelivery";
  readonly run: RunId;
  readonly same_id: boolean;
  readonly same_bytes: boolean;
  /** The run was erased: it counts what comes again, whatever that is, and nothing of it is kept. */
  readonly erased?: true;
};
/** What a person should look at: other bytes under a known id, or known bytes under another id. */
export type Flag = "id_conflict" | "suspected_replay";

type Place = Redelivery | { readonly kind: "birth"; readonly run: RunId };

/** A delivery to a filtered webhook may have come before it was one: it is then known as it was known to that. An id goes before bytes. */
export function placeOf(delivery: Delivery, known: KnownDeliveries, windowMs: number | null, now: Instant): Place {
  const place = placeAs(delivery, delivery, known, windowMs, now);
  if (delivery.unfiltered === null || (place.kind === "redelivery" && place.same_id)) return place;
  const before = placeAs(delivery.unfiltered, delivery, known, windowMs, now);
  return before.kind === "redelivery" && (place.kind === "birth" || before.same_id) ? before : place;
}

/**
 * Where ids are compared too, known bytes lead to the run that has them, whatever the id. What is known longer than the window says is no
 * redelivery: it begins a run behind the latest of its identity.
 */
function placeAs(
  { first_run, body_key }: Pick<Delivery, "first_run" | "body_key">,
  delivery: Delivery,
  known: KnownDeliveries,
  windowMs: number | null,
  now: Instant,
): Place {
  const isWithin = (address: Address): boolean => windowMs === null || now - (known.bornAt(address) ?? now) <= windowMs;
  // Only a window makes runs behind the first: without one there is nothing to look for.
  const latest = windowMs === null ? undefined : known.latestBehind(first_run);
  const own = latestOf(latest === undefined ? first_run : runIdOf(nameOf(latest)), known, isWithin);
  if (own.isKnown && known.isErased(deliveryAddress(own.run))) return erasedRedelivery(own.run);
  if (own.isKnown) {
    return { kind: "redelivery", run: own.run, same_id: true, same_bytes: hasSameBytes(own.run, delivery, known) };
  }
  const first = delivery.compares_ids ? known.byBody(body_key) : undefined;
  if (first === undefined || !isWithin(first)) return { kind: "birth", run: own.run };
  if (known.isErased(first)) return erasedRedelivery(runIdOf(nameOf(first)));
  return { kind: "redelivery", run: runIdOf(nameOf(first)), same_id: false, same_bytes: true };
}

/** Nothing is left that could tell a repeat from a conflict. */
const erasedRedelivery = (run: RunId): Redelivery => ({
  kind: "redelivery",
  run,
  same_id: true,
  same_bytes: true,
  erased: true,
});

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
function hasSameBytes(run: RunId, delivery: Delivery, known: KnownDeliveries): boolean {
  const address = deliveryAddress(run);
  if (delivery.key.by === "body") return true;
  if (isBornWith(known.bornWith(address), delivery)) return true;
  const { body_key, unfiltered } = delivery;
  return [body_key, unfiltered?.body_key].some((key) => key !== undefined && known.byBody(key) === address);
}

function isBornWith(born: BornWith | undefined, { raw, sha256 }: Delivery): boolean {
  if (born === undefined) return false;
  if (born.filtered === undefined) return born.request.sha256 === sha256;
  return born.filtered.raw_bytes_committed === rawBytesCommitted(born.disclosure_key, raw);
}

export function flagOf({ same_id, same_bytes }: Redelivery): Flag | null {
  if (!same_bytes) return "id_conflict";
  return same_id ? null : "suspected_replay";
}

export function redeliveryMail(
  redelivery: Redelivery,
  delivery: Delivery,
  known: Pick<KnownDeliveries, "bornWith">,
  now: Instant,
): Mail {
  const news = newsOf(redelivery, delivery);
  const born = news.length === 0 ? undefined : known.bornWith(deliveryAddress(redelivery.run));
  // What rules leave of known bytes is another thing when the rules have changed since.
  const isKept = redelivery.same_bytes && delivery.redactions === null && born?.filtered === undefined;
  const isKnown = (artifact: Artifact): boolean => isKept && artifact === delivery.request;
  const { redactions, raw } = delivery;
  const told: DeliveryEvent = {
    type: "REDELIVERED",
    delivery_id: redelivery.erased === true ? "" : delivery.facts.delivery_id,
    same_id: redelivery.same_id,
    same_bytes: redelivery.same_bytes,
    received_at: now,
    facts: redelivery.same_bytes ? null : delivery.facts,
    artifacts: news.map(({ ref }) => ref),
    ...(redactions === null || news.length === 0 ? {} : { filtered: filteredOf(redactions, raw, born) }),
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

/** Under the key of the run that it reached: without that, as behind an erasure, nothing can be committed to. */
const filteredOf = (redactions: Filtered["redactions"], raw: Uint8Array, born: BornWith | undefined): Filtered => ({
  redactions,
  raw_bytes_committed: born === undefined ? null : rawBytesCommitted(born.disclosure_key, raw),
});

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
