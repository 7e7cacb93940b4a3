/** What the transitions of an order claim. They name no bytes: those are artifacts of the run. */
import { assertEvent } from "xstate";
import type { Json, Observation } from "../src/core/observation.ts";
import type { OrderEvent } from "../src/core/order.ts";
import type { OrderContext } from "./order-memory.ts";

export type Claim = Observation & { readonly type: "observation" };
type At = { readonly context: OrderContext; readonly event: OrderEvent };

const claim = (name: string, value: Json): Claim => ({ type: "observation", name, value, basis: [] });

export const opened = (): Claim => claim("order_opened", true);
export function proposed({ event }: At): Claim {
  assertEvent(event, "PROPOSED");
  const { file, digest, content } = event;
  return claim("order_proposed", { file, digest, content });
}
export function approved({ event }: At): Claim {
  assertEvent(event, "APPROVED");
  const { digest, content, by } = event;
  return claim("order_approved", { digest, content, by });
}
export function rejected({ event }: At): Claim {
  assertEvent(event, "REJECTED");
  return claim("order_rejected", event.reason);
}
export const expired = (): Claim => claim("order_expired", true);
export function withdrawn({ event }: At): Claim {
  assertEvent(event, "WITHDRAWN");
  return claim("order_withdrawn", event.reason);
}
export const dispatching = ({ context: { draft } }: At): Claim => claim("order_dispatching", draft?.digest ?? null);
export function unclear({ event }: At): Claim {
  assertEvent(event, "UNCLEAR");
  return claim("order_unclear", event.reason);
}
export function settled({ event }: At): Claim {
  assertEvent(event, "SETTLED");
  const { outcome, reason, acknowledgement } = event;
  return claim("order_settled", { outcome, reason, acknowledgement });
}
export const started = (): Claim => claim("effect_started", "settleOrder");
export function failure({ event }: At): Claim {
  assertEvent(event, "EFFECT_FAILED");
  return claim("effect_failed", event.reason);
}
export function done({ event }: At): Claim {
  assertEvent(event, "EFFECT_DONE");
  return claim("effect_done", event.file);
}

export const erased = (): Claim => claim("order_erased", true);
