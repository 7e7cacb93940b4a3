/**
 * What a delivery claims on its way, one function an observation. The names stand in envelopes: they are API. A claim without a
 * basis is informational. An event that a claim is not made for throws, and parks the actor: that is a bug in the chart.
 */
import { assertEvent } from "xstate";
import type { DeliveryEvent } from "../src/core/delivery.ts";
import type { Sha256 } from "../src/core/ids.ts";
import type { ArtifactRef, Json, Observation } from "../src/core/observation.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { isUndecided } from "./delivery-decisions.ts";
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

export const received = ({ context: { webhook, request, by_hand } }: At): Claim =>
  claim(by_hand ? "run_asked" : "delivery_received", webhook, request === null ? [] : [request]);

/** Of a run that no delivery began: nothing was signed. */
export function askedFor({ event }: At): readonly Claim[] {
  assertEvent(event, "ASKED");
  return [
    claim("signature_verified", false),
    claim("asked_by", event.of_run ?? "operator"),
    claim("intent_recorded", event.statement, event.basis),
  ];
}

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
export const dispatchStarted = (): Claim => claim("effect_started", "dispatchOrder");
export const askStarted = (): Claim => claim("effect_started", "askApproval");
export const reportStarted = (): Claim => claim("effect_started", "writeReport");
export const sealStarted = (): Claim => claim("effect_started", "sealRun");
export const amendmentStarted = (): Claim => claim("effect_started", "sealAmendment");

export function workDone({ context, event }: At): Claim {
  assertEvent(event, "EFFECT_DONE");
  return claim("effect_done", workOf(context), hashes(event.artifacts));
}

/** Of an agent that was launched: what held it. Of any other work nothing. */
export function confinement({ event }: At): readonly Claim[] {
  assertEvent(event, ["EFFECT_DONE", "EFFECT_FAILED"]);
  return event.confined === undefined ? [] : [claim("process_confined", event.confined)];
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
export const dispatchInterrupted = (): Claim => claim("interrupted", "dispatchOrder");

export function resumed({ event }: At): Claim {
  assertEvent(event, "RESUME");
  return claim("resumed", event.reason);
}

/** What the agent asked for, in the daemon's words: whether it was let, and the bytes that came with it. */
export function command({ event }: At): Claim {
  assertEvent(event, "TOOL_CALLED");
  const { tool, ok, refusal, artifacts } = event;
  return claim("command_called", { tool, ok, refusal }, hashes(artifacts));
}

/** Of the draft that this call made, which is the last. */
export function proposed({ context }: At): Claim {
  const draft = context.drafts.at(-1);
  return claim(
    "order_proposed",
    { draft: draft?.draft ?? 0, digest: draft?.digest ?? null },
    draft ? [draft.content] : [],
  );
}

/** How a decision has to be made stands beside how many are wanted: `local` is a decision that nobody signs. */
export const approvalAsked = ({ context: { drafts, policy } }: At): Claim =>
  claim("approval_requested", {
    drafts: drafts.filter(isUndecided).length,
    require: policy.approval?.require ?? null,
    approvers: policy.approval?.approvers ?? null,
  });

/** `approval_given`: others are wanted. */
export const approval = (at: At): Claim => decidedAs("approval_given", at);
export const decision = (at: At): Claim => decidedAs("approval_decided", at);
function decidedAs(name: string, { event }: At): Claim {
  assertEvent(event, "DECIDED");
  const { draft, approved, digest, approver, artifacts } = event;
  return claim(name, { draft, approved, digest, approver }, hashes(artifacts));
}

/** By the connector's word, or by a person's who resumed the run. */
export function settled({ context, event }: At): Claim {
  assertEvent(event, ["ORDER_SETTLED", "RESUME"]);
  if (event.type === "RESUME")
    return claim("order_dispatched", {
      draft: context.sending,
      outcome: event.settles?.outcome ?? null,
      by: "operator",
    });
  const { draft, outcome, reason, artifacts } = event;
  return claim("order_dispatched", { draft, outcome, reason }, hashes(artifacts));
}

export function unclear({ event }: At): Claim {
  assertEvent(event, "ORDER_UNCLEAR");
  return claim("order_unclear", { draft: event.draft, reason: event.reason }, hashes(event.artifacts));
}

export function reported({ event }: At): Claim {
  assertEvent(event, "REPORTED");
  return claim("report_written", event.file, hashes(event.artifacts));
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
