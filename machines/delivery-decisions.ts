/**
 * How the drafts of a run are decided and sent: what a decision or an outcome means for them, before it is taken in. A draft is
 * decided once; whoever is heard first decides, and the rest find nothing open.
 */
import { assertEvent } from "xstate";
import type { DeliveryEvent } from "../src/core/delivery.ts";
import type { OrderOutcome } from "../src/core/order.ts";
import type { Approval, DeliveryContext, DraftKept } from "./delivery-context.ts";
import { isToSend } from "./delivery-effects.ts";

type At = { readonly context: DeliveryContext; readonly event: DeliveryEvent };
type Decided = Extract<DeliveryEvent, { readonly type: "DECIDED" }>;
type Memory = Pick<DeliveryContext, "drafts">;

/** A run that was born before there were agents keeps the number 0 in their place. */
export const draftsOf = ({ drafts }: Pick<DeliveryContext, "drafts">): readonly DraftKept[] =>
  Array.isArray(drafts) ? drafts : [];

export const isUndecided = ({ decided }: DraftKept): boolean => decided === null;
export const isApproved = ({ decided }: DraftKept): boolean => decided === "approved";
/** Sent, or kept from being sent, without being executed. */
export const isUnexecuted = ({ outcome }: DraftKept): boolean => outcome !== null && outcome !== "executed";
export const isSending = ({ context }: At, { draft }: DraftKept): boolean => context.sending === draft;

export const approves = ({ event }: At): boolean => event.type === "DECIDED" && event.approved;

/** Whether a decision says something new: of a draft that is open, by somebody who has not approved just this before. */
export function isHeard(at: At): boolean {
  const open = openDraft(at);
  return open !== undefined && at.event.type === "DECIDED" && isNew(open, at.event);
}

/** Whether with it the draft is decided: one rejection is enough, approvals are counted. */
export function decides(at: At): boolean {
  const open = openDraft(at);
  if (open === undefined || at.event.type !== "DECIDED" || !isNew(open, at.event)) return false;
  return !at.event.approved || approvalsWith(open, at.event).length >= approversWanted(at);
}

/** Whether no other draft is undecided. */
export const isLast = ({ context, event }: At): boolean =>
  event.type === "DECIDED" && !context.drafts.some((each) => isUndecided(each) && each.draft !== event.draft);

/** What the connector, or a person in its place, says became of the order that was being sent. Null when that is not said. */
export function outcomeIn({ context, event }: At): Exclude<OrderOutcome, "unknown"> | null {
  if (event.type === "ORDER_SETTLED") return event.outcome;
  if (event.type !== "RESUME" || event.settles?.draft !== context.sending) return null;
  return event.settles?.outcome ?? null;
}
export const settles = (at: At): boolean => outcomeIn(at) !== null && at.context.sending !== null;

const openDraft = ({ context, event }: At): DraftKept | undefined =>
  context.drafts.find((each) => event.type === "DECIDED" && each.draft === event.draft && isUndecided(each));

const approversWanted = ({ context }: At): number => context.policy.approval?.approvers ?? 1;

/** Of what would be sent now: an approval of anything else says nothing of it. */
const approvalsOf = ({ digest, approvals }: DraftKept, event: Decided): readonly Approval[] =>
  digest === event.digest ? approvals : [];

const isNew = (draft: DraftKept, event: Decided): boolean =>
  !event.approved || !approvalsOf(draft, event).some(({ by }) => by === event.approver);

const approvalsWith = (draft: DraftKept, event: Decided): readonly Approval[] => [
  ...approvalsOf(draft, event),
  {
    by: event.approver,
    artifacts: event.artifacts.filter(({ kind }) => kind === "decision").map(({ sha256 }) => sha256),
  },
];

/** Also of an approval that others have to follow. */
export function decision(at: At): Memory {
  const { context, event } = at;
  assertEvent(event, "DECIDED");
  const isDecided = decides(at);
  const changed = (each: DraftKept): DraftKept => {
    if (!event.approved) return { ...each, decided: "rejected" };
    const { digest, content } = event;
    return { ...each, digest, content, approvals: approvalsWith(each, event), decided: isDecided ? "approved" : null };
  };
  return { drafts: context.drafts.map((each) => (each.draft === event.draft ? changed(each) : each)) };
}

export function proposal({ context, event }: At): Memory {
  assertEvent(event, "TOOL_CALLED");
  if (event.proposed === null) return { drafts: context.drafts };
  const draft = context.drafts.length + 1;
  return { drafts: [...context.drafts, { ...event.proposed, draft, approvals: [], decided: null, outcome: null }] };
}

/** Nothing that is not sent yet will be. What may have been sent stays unknown. */
export const withdrawal = (at: At): Memory & Pick<DeliveryContext, "sending" | "asks_first"> => ({
  drafts: at.context.drafts.map((each) => {
    if (isSending(at, each)) return { ...each, outcome: "unknown" };
    return isUndecided(each) || isToSend(each) ? { ...each, decided: "withdrawn" } : each;
  }),
  sending: null,
  asks_first: false,
});

export const nextSending = ({ context }: At): Pick<DeliveryContext, "sending"> => ({
  sending: context.drafts.find(isToSend)?.draft ?? null,
});

export function outcomeOfOrder(at: At): Memory & Pick<DeliveryContext, "sending" | "asks_first"> {
  const outcome = outcomeIn(at);
  const drafts = at.context.drafts.map((each) => (isSending(at, each) ? { ...each, outcome } : each));
  return { drafts, sending: null, asks_first: false };
}
