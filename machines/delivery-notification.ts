/** What targets are notified of about a delivery, each by an actor that is born to do it. */
import { notificationAddress, type Address } from "../src/core/ids.ts";
import type { NotificationEvent, NotificationType } from "../src/core/notification.ts";
import type { DeliveryContext } from "./delivery-context.ts";

export type NotificationTold = {
  readonly type: "tell";
  readonly params: {
    readonly to: Address;
    readonly event: Extract<NotificationEvent, { readonly type: "NOTIFY" }>;
    readonly bears: true;
  };
};

type Notifying = Pick<DeliveryContext, "run" | "webhook" | "policy" | "outcome" | "notified">;

/** One for each target that was there when the run was born, of what was counted last. Which types a target wants is found out by sending. */
export const notificationsTold = (
  { run, webhook, policy, outcome, notified }: Notifying,
  event: NotificationType,
  drafts: number,
): readonly NotificationTold[] =>
  (policy.notify ?? []).map((target) => ({
    type: "tell",
    params: {
      to: notificationAddress(run, notified, target),
      event: { type: "NOTIFY", run, n: notified, target, event, webhook, task: policy.task, outcome, drafts },
      bears: true,
    },
  }));
