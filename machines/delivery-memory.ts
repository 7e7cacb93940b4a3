/** How a delivery's context changes, one function an action. */
import { assertEvent } from "xstate";
import type { DeliveryEvent, Outcome } from "../src/core/delivery.ts";
import { nothingKnown, type DeliveryContext } from "./delivery-context.ts";

type At = { readonly context: DeliveryContext; readonly event: DeliveryEvent };
type Memory = Partial<DeliveryContext>;

export function order({ event }: At): Memory {
  assertEvent(event, "RECORDED");
  return { order: event.order, anchored: event.anchored };
}

export const predecessor = (): Memory => ({ predecessor_known: true });
export const laterContext = (): Memory => ({ context_known: true });
export const attempt = ({ context }: At): Memory => ({ attempt: context.attempt + 1 });
export const noAttempt = (): Memory => ({ attempt: 0 });

export const duplicate = ({ context }: At): Memory => ({ duplicates: context.duplicates + 1 });
export const flagged = ({ context }: At): Memory => ({ flagged: context.flagged + 1 });
/** A run that was born before anyone was notified has no count. */
export const notified = ({ context: { notified: before } }: At): Memory => ({
  notified: (Number.isInteger(before) ? before : 0) + 1,
});
export const late = ({ context }: At): Memory => ({ late: context.late + 1 });
export const amendmentOwed = ({ context }: At): Memory => ({ owed: context.owed + 1 });

export const outcome =
  (decided: Outcome) =>
  ({ event }: At): Memory => ({ outcome: decided, reason: reasonIn(event), attempt: 0 });

/** Why it came to this, where the event says so. */
function reasonIn(event: DeliveryEvent): string | null {
  if ("reason" in event) return event.reason;
  return event.type === "REFUSED" ? event.code : null;
}

export function seal({ event }: At): Memory {
  assertEvent(event, "SEALED");
  return { seal_hash: event.seal_hash, last_seal_hash: event.seal_hash, attempt: 0 };
}

export function amendment({ context, event }: At): Memory {
  assertEvent(event, "AMENDED");
  return { last_seal_hash: event.seal_hash, amended: context.amended + 1, attempt: 0 };
}

/** Counts, the seals and what the desk's configuration said stay; of the delivery itself nothing does. */
export const erasure = (): Memory => ({ ...nothingKnown, request: null, reason: null });
