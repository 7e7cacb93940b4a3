/** The endpoints of the desks: where senders post to, and how they fare. */
import { isoOf } from "./views.ts";
import type { ControlTarget, DeskTarget } from "./control-target.ts";
import type { EndpointItem, EndpointsPage } from "./shapes/endpoints.ts";

export const endpointsOf = (target: Pick<ControlTarget, "desks">): EndpointsPage => ({
  items: target.desks().flatMap((desk) => desk.webhooks.map((webhook) => endpointOf(desk, webhook))),
});

function endpointOf(
  { name: workspace, store, signatures }: DeskTarget,
  { name: webhook, provider, action, task, url, secrets }: DeskTarget["webhooks"][number],
): EndpointItem {
  const [last] = store.find({ name: "webhook", key: `${workspace}/${webhook}` }, { limit: 1 });
  return {
    workspace,
    webhook,
    provider,
    action,
    task,
    url,
    secrets,
    signatures: signatures(webhook),
    last_received_at: last === undefined ? null : isoOf(last.at),
  };
}
