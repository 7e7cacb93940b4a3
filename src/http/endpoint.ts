import type { DeskIngress, WebhookRuntime } from "../ingress/desk-ingress.ts";

/** Where a request goes. */
export type Endpoint = { readonly desk: DeskIngress; readonly webhook: WebhookRuntime };

const ABSOLUTE_FORM = /^https?:\/\/[^/?#]*/i;
const WEBHOOK_PATH = "/webhook/";

/**
 * Finds the webhook that a request target names. The path is taken as it was sent and decoded nowhere: a name either stands there letter
 * by letter or there is no such endpoint, so no encoding of a slash or a dot leads anywhere. The query is ignored.
 */
export function endpointOf(target: string | undefined, desks: ReadonlyMap<string, DeskIngress>): Endpoint | undefined {
  const path = pathOf(target ?? "");
  if (!path.startsWith(WEBHOOK_PATH)) return undefined;
  const slash = path.indexOf("/", WEBHOOK_PATH.length);
  if (slash === -1) return undefined;
  const desk = desks.get(path.slice(WEBHOOK_PATH.length, slash));
  const webhook = desk?.webhooks.get(path.slice(slash + 1));
  return desk === undefined || webhook === undefined ? undefined : { desk, webhook };
}

function pathOf(target: string): string {
  const origin = target.startsWith("/") ? target : target.replace(ABSOLUTE_FORM, "");
  const query = origin.indexOf("?");
  return query === -1 ? origin : origin.slice(0, query);
}
