/** What a delivery has a person told of, by an actor that is born to do it. */
import { assertEvent } from "xstate";
import type { DeliveryEvent } from "../src/core/delivery.ts";
import { noticeAddress, type Address } from "../src/core/ids.ts";
import type { NoticeEvent } from "../src/core/notice.ts";
import type { DeliveryContext } from "./delivery-context.ts";

export type NoticeTold = {
  readonly type: "tell";
  readonly params: {
    readonly to: Address;
    readonly event: Extract<NoticeEvent, { readonly type: "NOTICE" }>;
    readonly bears: true;
  };
};

/** Of the redelivery that was counted last. */
export function noticeTold({ run, flagged }: DeliveryContext, event: DeliveryEvent): NoticeTold {
  assertEvent(event, "REDELIVERED");
  const what = event.same_id ? "id_conflict" : "suspected_replay";
  return {
    type: "tell",
    params: { to: noticeAddress(run, flagged), event: { type: "NOTICE", run, ordinal: flagged, what }, bears: true },
  };
}
