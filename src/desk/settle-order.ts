/**
 * The effect that ends an order: its file is filed with the outcome in it, and a person finds in the inbox what was filled, or what went
 * wrong. Both say what the order's own journal says, with its times, so that doing it again makes the same bytes.
 */
import type { SettleAsked } from "../../machines/order-memory.ts";
import { assert } from "../core/assert.ts";
import { birthOf } from "../core/delivery-journal.ts";
import type { FileWritten } from "../core/files-written.ts";
import { deliveryAddress, type Instant } from "../core/ids.ts";
import type { Json } from "../core/observation.ts";
import type { OrderEvent } from "../core/order.ts";
import type { Effect, EffectCall, Store } from "../engine/ports.ts";
import { readDraft, type DraftKind } from "../orders/draft.ts";
import { EXECUTED_FOLDER, fileDraft, REJECTED_FOLDER, type Filing, type OrderFiles } from "./draft-file.ts";
import { isTold, orderPage } from "./order-page.ts";
import { type PlacePage, writtenAs } from "./page.ts";

export type SettleWorld = {
  readonly store: Pick<Store, "read" | "journal" | "artifact">;
  readonly files: OrderFiles;
  /** As they are configured by now: of a draft whose kind is gone the page shows the file's name only. */
  readonly kinds: readonly DraftKind[];
  readonly place: PlacePage;
};

export const settleOrder = (world: SettleWorld): Effect => ({
  repeatable: true,
  concurrency: 4,
  perform: async (call) => {
    const event: OrderEvent = { type: "EFFECT_DONE", effect: call.id, ...(await settle(world, call)) };
    return { event, artifacts: [] };
  },
});

// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the machine's own words, as it asked
export const settleAskedIn = (params: Json): SettleAsked => params as unknown as SettleAsked;

async function settle(
  world: SettleWorld,
  { address, params }: EffectCall,
): Promise<{ readonly file: string | null; readonly wrote?: readonly FileWritten[] }> {
  const { store, files, kinds, place } = world;
  const asked = settleAskedIn(params);
  const run = deliveryAddress(asked.run);
  // An erasure waits for what is being filed, so that it finds all of it; behind it nothing is written.
  if (store.read(run)?.state === "erased") return { file: null };
  const decided = store.artifact(asked.content);
  assert(decided !== undefined, "what a run names is kept");
  const at = endedAt(store.journal(address));
  const { file, wrote } = await fileDraft(files, filingOf(asked, decided, at));
  if (!isTold(asked.end)) return { file, wrote };

  const { webhook, received_at } = birthOf(store.journal(run));
  const acknowledgement = asked.acknowledgement === null ? undefined : store.artifact(asked.acknowledgement);
  const draft = readDraft(decided, kinds);
  const page = orderPage(asked, { webhook, received_at, at, file, draft, acknowledgement });
  return { file, wrote: [...wrote, writtenAs(await place("inbox", page), page)] };
}

/** When the order was told its end. */
function endedAt(journal: ReturnType<Store["journal"]>): Instant {
  const end = journal.find(({ event }) => ["REJECTED", "EXPIRED", "WITHDRAWN", "SETTLED"].includes(event));
  assert(end !== undefined, "an order that is filed was told its end");
  return end.at;
}

const filingOf = (asked: SettleAsked, decided: Uint8Array, at: Instant): Filing => ({
  folder: asked.end === "executed" ? EXECUTED_FOLDER : REJECTED_FOLDER,
  file: asked.file,
  decided,
  outcome: {
    end: asked.end,
    at: new Date(at).toISOString(),
    reason: asked.reason,
    approved_by: asked.by.length === 0 ? null : asked.by.join(", "),
    run: asked.run,
    draft: String(asked.draft),
    digest: asked.digest,
    acknowledgement: asked.acknowledgement,
  },
});
