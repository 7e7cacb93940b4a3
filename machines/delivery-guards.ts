/** The questions and durations that the chart of a delivery names. Pure: times and facts come with the event. */
import type { DeliveryEvent } from "../src/core/delivery.ts";
import type { DeliveryContext } from "./delivery-context.ts";

type At = { readonly context: DeliveryContext; readonly event: DeliveryEvent };

export const guards = {
  policyRecord: ({ event }: At) => event.type === "REFUSED" && event.record,
  skipsStale: ({ context: { order, policy } }: At) => order === "stale" && policy.on_stale === "skip",
  awaitsPredecessor: ({ context: { order, policy, predecessor_known } }: At) =>
    order === "gap" && policy.on_gap === "wait" && !predecessor_known,
  awaitsContext: ({ context: { anchored, policy, context_known } }: At) =>
    !anchored && policy.on_partial === "wait" && !context_known,

  hasDrafts: ({ event }: At) => event.type === "EFFECT_DONE" && event.drafts > 0,
  mayRetry: ({ context: { attempt, policy }, event }: At) =>
    event.type === "EFFECT_FAILED" && event.retryable && attempt < policy.attempts_max,
  notRepeatable: ({ event }: At) => event.type === "INTERRUPTED" && !event.repeatable,

  lastAndSomeApproved: ({ context, event }: At) =>
    event.type === "DECIDED" && isLast(context, event.draft) && (event.approved || context.approved.length > 0),
  last: ({ context, event }: At) => event.type === "DECIDED" && isLast(context, event.draft),
  open: ({ context, event }: At) => event.type === "DECIDED" && isOpen(context, event.draft),
  someApproved: ({ context }: At) => context.approved.length > 0,
  someOrderFailed: ({ event }: At) => event.type === "ORDERS_SETTLED" && event.failed > 0,

  sameIdSameBytes: ({ event }: At) => event.type === "REDELIVERED" && event.same_id && event.same_bytes,
  sameIdOtherBytes: ({ event }: At) => event.type === "REDELIVERED" && event.same_id && !event.same_bytes,
  otherIdSameBytes: ({ event }: At) => event.type === "REDELIVERED" && !event.same_id && event.same_bytes,
  /** Whoever took it in knew that the run is erased. */
  bringsNothing: ({ event }: At) => event.type === "REDELIVERED" && event.delivery_id === "",
  sawAll: ({ context, event }: At) => event.type === "ERASED" && event.late === context.late,
  owesAmendment: ({ context }: At) => context.owed > 0,
  owesAnother: ({ context }: At) => context.owed > context.amended + 1,
};

/** A draft is decided once, by the first decision; a number that no draft has is none. */
const isOpen = ({ drafts, decided }: DeliveryContext, draft: number): boolean =>
  Number.isInteger(draft) && draft >= 1 && draft <= drafts && !decided.includes(draft);
const isLast = (context: DeliveryContext, draft: number): boolean =>
  isOpen(context, draft) && context.decided.length + 1 === context.drafts;

const BACKOFF_MS_MAX = 3_600_000;
const SEAL_BACKOFF_MS_MIN = 1_000;

/** Milliseconds. */
export const delays = {
  holdTimeout: ({ context }: At) => context.policy.hold_timeout_ms,
  contextTimeout: ({ context }: At) => context.policy.context_timeout_ms,
  approvalTimeout: ({ context }: At) => context.policy.approval_timeout_ms,
  backoff: ({ context }: At) => backoffMs(context),
  /** Sealing is tried without end, so its pause is never nothing. */
  sealBackoff: ({ context }: At) => Math.max(SEAL_BACKOFF_MS_MIN, backoffMs(context)),
};

/** Doubles with every attempt, up to an hour. */
const backoffMs = ({ policy, attempt }: DeliveryContext): number =>
  Math.min(BACKOFF_MS_MAX, policy.backoff_ms * 2 ** Math.max(0, attempt - 1));
