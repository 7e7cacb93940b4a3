/** The page in the inbox that says of a notification that it never arrived. */
import { assert } from "../core/assert.ts";
import { isErasedState } from "../core/erasure.ts";
import { deliveryAddress, type Address, type Instant } from "../core/ids.ts";
import type { AbandonedAsked, NotificationEvent } from "../core/notification.ts";
import type { Json } from "../core/observation.ts";
import type { Effect, EffectCall, Store } from "../engine/ports.ts";
import { frontMatter } from "./front-matter.ts";
import { codeSpan, quotation } from "./markdown.ts";
import { inFileName, stampOf, type Page, type PlacePage, writtenAs } from "./page.ts";

export type AbandonedWorld = {
  readonly store: Pick<Store, "read">;
  readonly placePage: PlacePage;
};

export const writeAbandoned = (world: AbandonedWorld): Effect => ({
  repeatable: true,
  concurrency: 4,
  perform: async (call) => ({ event: await write(world, call), artifacts: [] }),
});

async function write(
  { store, placePage }: AbandonedWorld,
  { id: effect, address, params }: EffectCall,
): Promise<NotificationEvent> {
  const asked = askedIn(params);
  // An erasure has begun, and takes away the pages that are there: none may come behind it.
  if (isErasedState(store.read(deliveryAddress(asked.run))?.state ?? ""))
    return { type: "EFFECT_DONE", effect, file: null };
  const born = store.read(address)?.born_at;
  assert(born !== undefined, "an effect belongs to an actor");
  const page = abandonedPage(address, asked, born);
  const file = await placePage("inbox", page);
  return { type: "EFFECT_DONE", effect, file, wrote: [writtenAs(file, page)] };
}

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the machine's own words, as it asked
const askedIn = (params: Json): AbandonedAsked => params as unknown as AbandonedAsked;

/** @param at when that happened which the target was to be told */
export function abandonedPage(address: Address, asked: AbandonedAsked, at: Instant): Page {
  const { run, n, target, event, webhook, attempts, reason } = asked;
  const says = `${codeSpan(target)} was not told of ${codeSpan(event)}: ${attempts} attempts, and then given up. At the last one: ${codeSpan(reason)}.`;
  const head = frontMatter([
    ["kind", "notification"],
    ["status", "new"],
    ["webhook", webhook],
    ["event", "notification.abandoned"],
    ["received_at", new Date(at).toISOString()],
    ["run", run],
    ["notification", address],
    ["says", says],
  ]);
  const rest = `The run itself is as it is: ${codeSpan(`qoc runs show ${run}`)}. Whether the target answers by now: ${codeSpan(`qoc notify test ${target}`)}.\n`;
  return {
    names: [run.slice(0, 8), run].map(
      (id) => `${stampOf(at)}-${inFileName(webhook)}-${id}-notification-${n}-${target}.md`,
    ),
    bytes: Buffer.from([head, quotation(says), rest].join("\n")),
  };
}
