/** What a delivery tells the actors of its drafts, in its own commit: each hears of its draft alone, and looks after the draft's file. */
import { assertEvent } from "xstate";
import type { DeliveryEvent } from "../src/core/delivery.ts";
import { orderAddress, type Address } from "../src/core/ids.ts";
import type { OrderTold } from "../src/core/order.ts";
import type { DeliveryContext, DraftKept } from "./delivery-context.ts";
import { draftsOf, isSending, isUndecided, outcomeIn } from "./delivery-decisions.ts";
import { isToSend } from "./delivery-effects.ts";

type At = { readonly context: DeliveryContext; readonly event: DeliveryEvent };

export type OrderTell = {
  readonly type: "tell";
  readonly params: { readonly to: Address; readonly event: OrderTold; readonly bears: boolean };
};

const tellOf = (
  { context }: At,
  { draft }: { readonly draft: number },
  event: OrderTold,
  bears = false,
): OrderTell => ({
  type: "tell",
  params: { to: orderAddress(context.run, draft), event, bears },
});
const sendingIn = (at: At): readonly DraftKept[] => at.context.drafts.filter((each) => isSending(at, each));

/** Of the draft that was proposed last. */
export const proposed = (at: At): readonly OrderTell[] =>
  at.context.drafts
    .slice(-1)
    .map(({ draft, file, digest, content }) =>
      tellOf(at, { draft }, { type: "PROPOSED", run: at.context.run, draft, file, digest, content }, true),
    );

/** Behind the decision that decided it. */
export function decided(at: At): readonly OrderTell[] {
  const { event, context } = at;
  assertEvent(event, "DECIDED");
  const { digest, content, reason } = event;
  if (!event.approved) return [tellOf(at, event, { type: "REJECTED", reason })];
  const by = context.drafts.find(({ draft }) => draft === event.draft)?.approvals.map((each) => each.by ?? "operator");
  return [tellOf(at, event, { type: "APPROVED", digest, content, by: by ?? [] })];
}

/** Before the withdrawal: nobody decided in time, and what was approved is not sent without the rest. */
export const expired = (at: At): readonly OrderTell[] => [
  ...at.context.drafts.filter(isUndecided).map((each) => tellOf(at, each, { type: "EXPIRED" })),
  ...at.context.drafts
    .filter(isToSend)
    .map((each) =>
      tellOf(at, each, { type: "WITHDRAWN", reason: "another draft of this run was not decided in time" }),
    ),
];

/** Before the withdrawal. Of an order that may have been sent nobody can say more than that. */
export function withdrawn(at: At): readonly OrderTell[] {
  const { drafts } = at.context;
  const reason = reasonOf(at.event);
  const gone = drafts.filter((each) => (isUndecided(each) || isToSend(each)) && !isSending(at, each));
  return [
    ...gone.map((each) => tellOf(at, each, { type: "WITHDRAWN", reason })),
    ...sendingIn(at).map((each) =>
      tellOf(at, each, { type: "SETTLED", outcome: "unknown", reason, acknowledgement: null }),
    ),
  ];
}

export const dispatching = (at: At): readonly OrderTell[] =>
  sendingIn(at).map((each) => tellOf(at, each, { type: "DISPATCHING" }));

export const unclear = (at: At): readonly OrderTell[] =>
  sendingIn(at).map((each) => tellOf(at, each, { type: "UNCLEAR", reason: reasonOf(at.event) }));

/** Before the outcome is remembered. */
export function settled(at: At): readonly OrderTell[] {
  const outcome = outcomeIn(at);
  if (outcome === null) return [];
  const { event } = at;
  const acknowledgement =
    event.type === "ORDER_SETTLED"
      ? (event.artifacts.find(({ kind }) => kind === "order_acknowledgement")?.sha256 ?? null)
      : null;
  const reason = "reason" in event ? event.reason : null;
  return sendingIn(at).map((each) => tellOf(at, each, { type: "SETTLED", outcome, reason, acknowledgement }));
}

/** With its run every order is erased, also one that was withdrawn long before. */
export const erased = (at: At): readonly OrderTell[] =>
  draftsOf(at.context).map((each) => tellOf(at, each, { type: "ERASED" }));

function reasonOf(event: DeliveryEvent): string {
  if ("reason" in event && event.reason !== null) return event.reason;
  return event.type === "INTERRUPTED" ? "the daemon stopped while it was being sent" : "the run ended";
}
