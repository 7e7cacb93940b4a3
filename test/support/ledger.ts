/** What the senders of a load sent and were told: what a desk is held against afterwards. */
import { createHash } from "node:crypto";
import { sendUntilTaken, type Delivery, type SenderWorld, type Taken } from "./sender.ts";

/** How a delivery stands to the run that it reaches. */
export type Relation = "original" | "conflict" | "replay";

export type Sent = {
  readonly delivery: Delivery;
  readonly relation: Relation;
  readonly sha256: string;
  readonly taken: readonly Taken[];
  /** Requests made. Those that were not answered may have been taken too. */
  readonly attempts: number;
};

export type Ledger = {
  readonly sent: () => readonly Sent[];
  /** Sends until taken, and writes down what came of it. */
  readonly send: (world: SenderWorld, delivery: Delivery, relation: Relation) => Promise<Taken>;
};

export function createLedger(): Ledger {
  const entries = new Map<
    string,
    { readonly delivery: Delivery; readonly relation: Relation; taken: Taken[]; attempts: number }
  >();
  return {
    sent: () =>
      [...entries.values()].map((entry) => ({
        ...entry,
        sha256: createHash("sha256").update(entry.delivery.body).digest("hex"),
      })),
    send: async (world, delivery, relation) => {
      const key = JSON.stringify(delivery);
      const entry = entries.get(key) ?? { delivery, relation, taken: [], attempts: 0 };
      entries.set(key, entry);
      const { taken, attempts } = await sendUntilTaken(world, delivery);
      entry.taken.push(taken);
      entry.attempts += attempts;
      return taken;
    },
  };
}
