import type { Instant, RunId } from "../core/ids.ts";
import type { RawDelivery } from "../core/delivery.ts";
import { refuse, type Refusal } from "../core/refusals.ts";
import { providers } from "../providers/index.ts";
import { verify } from "../providers/provider.ts";
import { birthMail } from "./birth.ts";
import { readDelivery } from "./delivery.ts";
import type { DeskIngress } from "./desk-ingress.ts";
import { notKept } from "./persistence.ts";
import { flagOf, redeliveryMail, redeliveryOf, type Flag } from "./redelivery.ts";

/** The delivery is durable. `duplicate`: same id and same bytes as the run's first; `flag`: it reached a run that it does not quite match. */
export type Accepted = {
  readonly kind: "accepted";
  readonly status: 200 | 202;
  readonly run: RunId;
  readonly delivery_id: string;
  readonly duplicate: boolean;
  readonly flag: Flag | null;
};

/**
 * One request, from its bytes to a durable piece of mail. Nothing is awaited between the look-up of the run and the post, so two
 * copies in flight cannot both begin it. The engine appends in the order of posts, and a redelivery's post resolves only behind
 * the post that begins its run: it is never answered before both are durable.
 */
export async function receive(
  desk: DeskIngress,
  webhookName: string,
  raw: RawDelivery,
  now: Instant,
): Promise<Accepted | Refusal> {
  const webhook = desk.webhooks.get(webhookName);
  if (webhook === undefined) return refuse("ROUTE_UNKNOWN", "no such webhook");
  const provider = providers[webhook.provider];
  const verdict = verify(raw, webhook.secrets, provider.signature);
  if (verdict.kind === "refused") return verdict;
  const delivery = readDelivery(raw, provider, desk.name, webhook);
  const redelivery = redeliveryOf(delivery, desk.known);
  const mail =
    redelivery === undefined
      ? birthMail(desk, webhook, delivery, verdict.secretIndex, now)
      : redeliveryMail(redelivery, delivery, now);
  try {
    await desk.engine.post(mail);
  } catch (thrown) {
    return notKept(thrown);
  }
  const flag = redelivery === undefined ? null : flagOf(redelivery);
  return {
    kind: "accepted",
    status: provider.ack_status,
    run: redelivery?.run ?? delivery.run,
    delivery_id: delivery.facts.delivery_id,
    duplicate: redelivery !== undefined && flag === null,
    flag,
  };
}
