/** The questions and durations that the chart of a delivery names. Pure: times and facts come with the event. */
import type { DeliveryEvent } from "../src/core/delivery.ts";
import type { DeliveryContext } from "./delivery-context.ts";
import { isToSend } from "./delivery-effects.ts";
import {
  approves,
  decides,
  draftsOf,
  isApproved,
  isHeard,
  isLast,
  isSending,
  isUndecided,
  isUnexecuted,
  outcomeIn,
  settles,
} from "./delivery-decisions.ts";

type At = { readonly context: DeliveryContext; readonly event: DeliveryEvent };

export const guards = {
  policyRecord: ({ event }: At) => event.type === "REFUSED" && event.record,
  skipsStale: ({ context: { order, policy } }: At) => order === "stale" && policy.on_stale === "skip",
  skipsStaleAgent: ({ context: { order, policy } }: At) =>
    order === "stale" && policy.on_stale === "skip" && policy.action === "run",
  awaitsPredecessor: ({ context: { order, policy, predecessor_known } }: At) =>
    order === "gap" && policy.on_gap === "wait" && !predecessor_known,
  awaitsContext: ({ context: { anchored, policy, context_known } }: At) =>
    !anchored && policy.on_partial === "wait" && !context_known,

  runsAgent: ({ context }: At) => context.policy.action === "run",
  hasDrafts: ({ context }: At) => draftsOf(context).some(isUndecided),
  proposes: ({ event }: At) => event.type === "TOOL_CALLED" && event.proposed !== null,
  mayRetry: ({ context: { attempt, policy }, event }: At) =>
    event.type === "EFFECT_FAILED" && event.retryable && attempt < policy.attempts_max,
  notRepeatable: ({ event }: At) => event.type === "INTERRUPTED" && !event.repeatable,

  /** What they say holds when the event is taken in: the context is as it was before. */
  decidesLastAndSends: (at: At) => decides(at) && isLast(at) && (approves(at) || at.context.drafts.some(isApproved)),
  decidesLast: (at: At) => decides(at) && isLast(at),
  decides: (at: At) => decides(at),
  countsTowards: (at: At) => isHeard(at) && approves(at),

  moreToSend: (at: At) => settles(at) && at.context.drafts.some((each) => isToSend(each) && !isSending(at, each)),
  lastOrderAndSomeFailed: (at: At) =>
    settles(at) && (outcomeIn(at) !== "executed" || at.context.drafts.some(isUnexecuted)),
  lastOrder: (at: At) => settles(at),
  asksFirst: ({ context, event }: At) =>
    event.type === "RESUME" && event.settles === undefined && context.sending !== null,
  restarts: ({ context, event }: At) =>
    event.type === "RESUME" && event.settles === undefined && context.sending === null,

  sameIdSameBytes: ({ event }: At) => event.type === "REDELIVERED" && event.same_id && event.same_bytes,
  sameIdOtherBytes: ({ event }: At) => event.type === "REDELIVERED" && event.same_id && !event.same_bytes,
  otherIdSameBytes: ({ event }: At) => event.type === "REDELIVERED" && !event.same_id && event.same_bytes,
  /** Whoever took it in knew that the run is erased. */
  bringsNothing: ({ event }: At) => event.type === "REDELIVERED" && event.delivery_id === "",
  sawAll: ({ context, event }: At) => event.type === "ERASED" && event.late === context.late,
  owesAmendment: ({ context }: At) => context.owed > 0,
  owesAnother: ({ context }: At) => context.owed > context.amended + 1,
};

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
