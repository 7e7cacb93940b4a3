/** What an order remembers, and what it asks for with that. Ids and sentences only: what it says stands in its file. */
import { assertEvent, assign } from "xstate";
import type { RunId, Sha256 } from "../src/core/ids.ts";
import type { DraftRef, OrderEnd, OrderEvent } from "../src/core/order.ts";

/** `attempt` counts from 1, of the effect under way. `by` are those who approved. */
export type OrderContext = {
  readonly draft: ({ readonly run: RunId } & DraftRef) | null;
  readonly by: readonly string[];
  readonly end: OrderEnd | null;
  readonly reason: string | null;
  readonly acknowledgement: Sha256 | null;
  readonly attempt: number;
};
type At = { readonly context: OrderContext; readonly event: OrderEvent };

/** `content` is the artifact that is filed: what was approved, or what was proposed where nobody approved it. */
export type SettleAsked = { readonly run: RunId } & DraftRef & {
    readonly end: OrderEnd;
    readonly reason: string | null;
    readonly acknowledgement: Sha256 | null;
    readonly by: readonly string[];
  };

/** Null for an order that has not come to its end, and then nothing is asked. */
export const asked = ({ draft, end, reason, acknowledgement, by }: OrderContext): SettleAsked | null =>
  draft === null || end === null ? null : { ...draft, end, reason, acknowledgement, by };

const remember = (change: (at: At) => Partial<OrderContext>) =>
  assign<OrderContext, OrderEvent, undefined, OrderEvent, never>(change);

export const rememberDraft = remember(({ event }) => {
  assertEvent(event, "PROPOSED");
  const { run, draft, file, digest, content } = event;
  return { draft: { run, draft, file, digest, content } };
});

/** A person may have edited the file before: what was approved is what counts from here on. */
export const rememberApproval = remember(({ context: { draft }, event }) => {
  assertEvent(event, "APPROVED");
  const { digest, content, by } = event;
  return { draft: draft === null ? null : { ...draft, digest, content }, by };
});

export const rememberEnd = remember(({ event }) => {
  assertEvent(event, ["REJECTED", "EXPIRED", "WITHDRAWN", "SETTLED"]);
  switch (event.type) {
    case "REJECTED":
      return { end: "rejected", reason: event.reason };
    case "EXPIRED":
      return { end: "expired", reason: "nobody decided in time" };
    case "WITHDRAWN":
      return { end: "withdrawn", reason: event.reason };
    case "SETTLED":
      return { end: event.outcome, reason: event.reason, acknowledgement: event.acknowledgement };
  }
});

/** Its files are gone, and it is known by its address alone. */
export const forgetOrder = remember(() => ({
  draft: null,
  by: [],
  end: null,
  reason: null,
  acknowledgement: null,
  attempt: 0,
}));

export const beginAttempt = remember(({ context }) => ({ attempt: context.attempt + 1 }));
