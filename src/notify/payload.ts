/** What a target reads: ids and states of ours. No byte of a payload, no text of a draft: who wants those asks the desk. */
import type { EvidenceId, Instant } from "../core/ids.ts";
import type { NotificationAsked, NotificationType } from "../core/notification.ts";

/** What the run says of itself, which the notification was not told. */
export type AboutRun = { readonly workspace: string; readonly evidence_id: EvidenceId };

const STATES = {
  "run.finalized": "sealed",
  "approval.requested": "awaiting-approval",
  "run.stuck": "stuck",
} as const satisfies Readonly<Record<NotificationType, string>>;

/**
 * The same bytes for every attempt. `at`: when it happened. `state` and `outcome` are those of that moment; `evidence_id` names the
 * envelope that the run ends in, which is there once it is finalized.
 */
export function notificationBody(
  { run, webhook, task, event, outcome, drafts }: NotificationAsked,
  { workspace, evidence_id }: AboutRun,
  at: Instant,
): Uint8Array {
  const data = { workspace, run, webhook, task, state: STATES[event], outcome, evidence_id, drafts };
  return bodyOf(event, at, data);
}

/** What a person sends to see whether a target answers. */
export const testBody = (workspace: string, at: Instant): Uint8Array => bodyOf("test", at, { workspace });

const bodyOf = (type: NotificationType | "test", at: Instant, data: object): Uint8Array =>
  Buffer.from(JSON.stringify({ type, timestamp: new Date(at).toISOString(), data }));
