/**
 * What a delivery claims on its way, one function an observation. The names stand in envelopes: they are API. A claim without a
 * basis is informational. An event that a claim is not made for throws, and parks the actor: that is a bug in the chart.
 */
import { assertEvent } from "xstate";
import type { DeliveryEvent } from "../src/core/delivery.ts";
import type { Sha256 } from "../src/core/ids.ts";
import type { ArtifactRef, Json, Observation } from "../src/core/observation.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { workOf } from "./delivery-effects.ts";

export type Claim = Observation & { readonly type: "observation" };
type At = { readonly context: DeliveryContext; readonly event: DeliveryEvent };

const claim = (name: string, value: Json, basis: readonly Sha256[] = []): Claim => ({
  type: "observation",
  name,
  value,
  basis,
});
const hashes = (artifacts: readonly ArtifactRef[]): readonly Sha256[] => artifacts.map(({ sha256 }) => sha256);

export const received = ({ context: { webhook, request } }: At): Claim =>
  claim("delivery_received", webhook, request === null ? [] : [request]);

export function signature({ event }: At): Claim {
  assertEvent(event, ["VERIFIED", "REFUSED"]);
  return claim("signature_verified", event.type === "VERIFIED", event.basis);
}

export function payload({ event }: At): Claim {
  assertEvent(event, "NORMALIZED");
  return claim("payload_parsed", event.facts.payload === "json", event.basis);
}

export function correlation({ event }: At): Claim {
  assertEvent(event, "NORMALIZED");
  return claim("correlation_recorded", event.facts.delivery_id, event.basis);
}

/** What was received, as far as it may be told of a filtered delivery: nothing where the bytes are kept as they came, or were not at hand. */
export function rawBytes({ event }: At): readonly Claim[] {
  assertEvent(event, ["NORMALIZED", "REDELIVERED"]);
  const [committed, basis] =
    event.type === "NORMALIZED"
      ? [event.raw_bytes_committed, event.basis]
      : [event.filtered?.raw_bytes_committed, hashes(event.artifacts)];
  return typeof committed === "string" ? [claim("raw_bytes_committed", committed, basis.slice(0, 1))] : [];
}

export function order({ event }: At): Claim {
  assertEvent(event, "RECORDED");
  return claim("order_checked", event.order, event.basis);
}

export function anchor({ event }: At): Claim {
  assertEvent(event, "RECORDED");
  return claim("anchor_checked", event.anchored, event.basis);
}

export function intent({ event }: At): Claim {
  assertEvent(event, "RECORDED");
  return claim("intent_recorded", event.statement, event.basis);
}

export const heldForPredecessor = (): Claim => claim("held", "for_predecessor");
export const heldForContext = (): Claim => claim("held", "for_context");

/** By whom a held run goes on: a person with a reason, the subject, or its own patience. */
export function released({ event }: At): Claim {
  assertEvent(event, ["RELEASE", "PREDECESSOR_ARRIVED", "CONTEXT_ARRIVED"]);
  if (event.type === "RELEASE") return claim("released", event.reason);
  return claim("released", event.type === "PREDECESSOR_ARRIVED" ? "predecessor_arrived" : "context_arrived");
}
export const holdTimeout = (): Claim => claim("released", "hold_timeout");
export const contextTimeout = (): Claim => claim("released", "context_timeout");

export function predecessor({ event }: At): Claim {
  assertEvent(event, "PREDECESSOR_ARRIVED");
  return claim("predecessor_arrived", event.by_run);
}

export function laterContext({ event }: At): Claim {
  assertEvent(event, "CONTEXT_ARRIVED");
  return claim("context_arrived", event.commit_sha);
}

export const workStarted = ({ context }: At): Claim => claim("effect_started", workOf(context));
export const dispatchStarted = (): Claim => claim("effect_started", "dispatchOrders");
export const sealStarted = (): Claim => claim("effect_started", "sealRun");
export const amendmentStarted = (): Claim => claim("effect_started", "sealAmendment");

export function workDone({ context, event }: At): Claim {
  assertEvent(event, "EFFECT_DONE");
  return claim("effect_done", workOf(context), hashes(event.artifacts));
}

export function askDone({ event }: At): Claim {
  assertEvent(event, "EFFECT_DONE");
  return claim("effect_done", "askApproval", hashes(event.artifacts));
}

export function failure({ event }: At): Claim {
  assertEvent(event, "EFFECT_FAILED");
  return claim("effect_failed", event.reason, hashes(event.artifacts));
}

export const workInterrupted = ({ context }: At): Claim => claim("interrupted", workOf(context));
export const dispatchInterrupted = (): Claim => claim("interrupted", "dispatchOrders");

export function resumed({ event }: At): Claim {
  assertEvent(event, "RESUME");
  return claim("resumed", event.reason);
}

export const approvalAsked = ({ context }: At): Claim => claim("approval_requested", context.drafts);

export function decision({ event }: At): Claim {
  assertEvent(event, "DECIDED");
  return claim("approval_decided", { draft: event.draft, approved: event.approved }, event.basis);
}

export function dispatched({ event }: At): Claim {
  assertEvent(event, "ORDERS_SETTLED");
  return claim("order_dispatched", { executed: event.executed, failed: event.failed });
}

export const outcome = ({ context }: At): Claim => claim("outcome_decided", context.outcome);

export function sealed({ event }: At): Claim {
  assertEvent(event, "SEALED");
  return claim("envelope_sealed", event.seal_hash);
}

export const duplicate = ({ event }: At): Claim => redelivered("duplicate_received", event);
export const conflict = ({ event }: At): Claim => redelivered("conflict_received", event);
export const replay = ({ event }: At): Claim => redelivered("replay_suspected", event);
function redelivered(name: string, event: DeliveryEvent): Claim {
  assertEvent(event, "REDELIVERED");
  return claim(name, event.delivery_id, hashes(event.artifacts));
}

export function releasedAsNew({ event }: At): Claim {
  assertEvent(event, "RELEASED_AS_NEW");
  return claim("released_as_new", event.run);
}

/** Stands in the entry that the amendment of this ordinal is made from. */
export const amendmentOwed = ({ context }: At): Claim => claim("amendment_owed", context.owed);

export function amended({ event }: At): Claim {
  assertEvent(event, "AMENDED");
  return claim("redelivery_amended", event.ordinal);
}

export function erasureAsked({ event }: At): Claim {
  assertEvent(event, "ERASE");
  return claim("erasure_asked", event.reason);
}
export const erasureStarted = (): Claim => claim("effect_started", "eraseRun");

export const forgotten = ({ event }: At): Claim => claim("forgotten", event.type);
export const late = ({ context }: At): Claim => claim("late_received", context.late);

export function erased({ event }: At): Claim {
  assertEvent(event, "ERASED");
  return claim("run_erased", event.seals.length);
}
