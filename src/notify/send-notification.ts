/**
 * The effect that sends: one attempt a call, at least once under one `webhook-id`. A crash between the answer and the commit sends the same
 * again, which a receiver knows by that id. What the target answers steers the next attempt and nothing else: it is no evidence.
 */
import { assert } from "../core/assert.ts";
import { birthOf, tombstoneIn } from "../core/delivery-journal.ts";
import { deliveryAddress, type Instant, type RunId } from "../core/ids.ts";
import type { NotificationAsked, NotificationEvent } from "../core/notification.ts";
import type { Json } from "../core/observation.ts";
import type { Effect, EffectCall, Store } from "../engine/ports.ts";
import { signMessage } from "./message.ts";
import { type AboutRun, notificationBody } from "./payload.ts";
import { type PostMessage, retryAfterMs, verdictOn } from "./post.ts";
import type { NotifyTarget } from "./target.ts";

export type NotifyWorld = {
  readonly store: Pick<Store, "read" | "journal">;
  /** As configured now: a reload holds for what is still waiting. */
  readonly targets: () => readonly NotifyTarget[];
  readonly post: PostMessage;
  readonly now: () => Instant;
};

/** Attempts at one target at a time; every target has a lane of its own, so that a dead one holds up no other. */
const CONCURRENCY = 4;

export const sendNotification = (world: NotifyWorld): Effect => ({
  repeatable: true,
  concurrency: CONCURRENCY,
  lane: (params) => askedIn(params).target,
  perform: async (call) => ({ event: await send(world, call), artifacts: [] }),
});

async function send({ store, targets, post, now }: NotifyWorld, call: EffectCall): Promise<NotificationEvent> {
  const { id: effect, address } = call;
  const asked = askedIn(call.params);
  const target = targets().find(({ name }) => name === asked.target);
  if (target === undefined) return { type: "NOTIFIED", effect, status: null, skipped: "target_removed" };
  if (!target.events.includes(asked.event)) return { type: "NOTIFIED", effect, status: null, skipped: "unwanted" };
  const born = store.read(address)?.born_at;
  assert(born !== undefined, "an effect belongs to an actor");
  const body = notificationBody(asked, aboutRun(store, asked.run), born);
  const message = signMessage(address, now(), body, target.secret);
  if (message === undefined) return notNotified(effect, "its secret is no whsec_ secret of Standard Webhooks", true);
  const reply = await post(target, message);
  const verdict = verdictOn(reply);
  if (verdict.kind === "delivered") return { type: "NOTIFIED", effect, status: verdict.status, skipped: null };
  const after = reply.kind === "answered" ? retryAfterMs(reply.retry_after, now()) : null;
  return notNotified(effect, verdict.reason, verdict.kind === "refused", after);
}

const notNotified = (
  effect: string,
  reason: string,
  refused: boolean,
  retry_after_ms: number | null = null,
): NotificationEvent => ({ type: "NOT_NOTIFIED", effect, reason, refused, retry_after_ms });

/** Of an erased run, by what is left of it: the message stays the same. */
function aboutRun(store: NotifyWorld["store"], run: RunId): AboutRun {
  const journal = store.journal(deliveryAddress(run));
  return tombstoneIn(journal) ?? birthOf(journal);
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the machine's own words, as it asked
const askedIn = (params: Json): NotificationAsked => params as unknown as NotificationAsked;
