import type { Instant, RunId } from "../core/ids.ts";
import type { RawDelivery } from "../core/delivery.ts";
import { refuse, type Refusal } from "../core/refusals.ts";
import type { Unverified } from "../providers/verify.ts";
import { birthMail } from "./birth.ts";
import type { Delivery } from "./delivery.ts";
import type { DeskIngress, WebhookRuntime } from "./desk-ingress.ts";
import { isForAside, judge, type Judged } from "./judge.ts";
import { notKept } from "./persistence.ts";
import { flagOf, placeOf, redeliveryMail, type Flag } from "./redelivery.ts";

const QUEUE_RETRY_S = 30;

/** The delivery is durable. `duplicate`: same id and same bytes as the run's first; `flag`: it reached a run that it does not quite match. */
export type Accepted = {
  readonly kind: "accepted";
  readonly run: RunId;
  readonly delivery_id: string;
  readonly duplicate: boolean;
  readonly flag: Flag | null;
} & Pick<Delivery, "acknowledgement" | "challenge">;

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
  const judged = await judgeHereOrAside(desk, webhook, raw, now);
  if (judged.kind === "refused") return judged;
  if (judged.kind === "unverified") return refusalOf(judged);
  const { delivery } = judged;
  const look = (): ReturnType<typeof placeOf> => placeOf(delivery, desk.known, webhook.dedupe_window_ms, now);
  let place = look();
  // A handshake begins no run of an agent, whatever its webhook is for.
  const queued =
    place.kind === "birth" && webhook.policy.action === "run" && delivery.challenge === null ? place.run : null;
  if (queued !== null && !desk.queue.join(queued))
    return refuse("OVERLOADED", "as many runs of agents wait as queue_max allows", QUEUE_RETRY_S);
  const leaveQueue = (): void => {
    if (queued !== null) desk.queue.leave(queued);
  };
  // Bytes that nobody is going to name must not lie on the disk.
  if (delivery.is_large && isNamedAt(place)) {
    const lost = await orLost(() => desk.engine.keep(delivery.request));
    if (lost !== undefined) {
      leaveQueue();
      return lost;
    }
    // A copy may have begun the run, or a person erased it, while the bytes were written.
    place = look();
    if (place.kind !== "birth" || place.run !== queued) leaveQueue();
  }
  const mail =
    place.kind === "birth"
      ? birthMail(desk, webhook, delivery, place.run, now)
      : redeliveryMail(place, delivery, desk.known, now);
  const lost = await orLost(() => desk.engine.post(mail));
  if (lost !== undefined) {
    leaveQueue();
    return lost;
  }
  const flag = place.kind === "birth" ? null : flagOf(place);
  return {
    kind: "accepted",
    run: place.run,
    delivery_id: delivery.facts.delivery_id,
    duplicate: place.kind === "redelivery" && flag === null,
    flag,
    acknowledgement: delivery.acknowledgement,
    challenge: delivery.challenge,
  };
}

/** Whether the mail names the body: a duplicate's does not, nor what comes for an erased run. */
const isNamedAt = (place: ReturnType<typeof placeOf>): boolean => place.kind === "birth" || flagOf(place) !== null;

/** A large body that could not be judged is our failure: the sender is asked to come again. */
async function judgeHereOrAside(
  desk: DeskIngress,
  webhook: WebhookRuntime,
  raw: RawDelivery,
  now: Instant,
): Promise<Judged | Refusal> {
  if (!isForAside(raw, webhook)) return judge(raw, webhook, desk.name, now);
  try {
    return await desk.judgeAside(raw, webhook, desk.name, now);
  } catch (thrown) {
    return notKept(thrown);
  }
}

/** What a sender is told when a write was not made; undefined when it was. */
async function orLost(write: () => Promise<void>): Promise<Refusal | undefined> {
  try {
    await write();
    return undefined;
  } catch (thrown) {
    return notKept(thrown);
  }
}

function refusalOf({ fault, detail }: Unverified): Refusal {
  const code = fault === "REENCODED" ? "ENCODING_UNSUPPORTED" : "SIGNATURE_INVALID";
  return { ...refuse(code, detail), fault };
}
