/**
 * Sixteen senders that go on over crashes: new deliveries, copies sent at the same time and later, other bytes under a known id,
 * known bytes under another id, and now and then a body too large for the store's own pages.
 */
import { randomUUID } from "node:crypto";
import { webhookToml } from "./desk-folder.ts";
import { createLedger, type Ledger } from "./ledger.ts";
import type { Random } from "./seeded-random.ts";
import type { Delivery, SenderWorld } from "./sender.ts";

export const CRASH_DESK = "crash-desk";
export const CRASH_WEBHOOKS = ["by-body", "by-id"] as const;
export const CRASH_TOML = [webhookToml("by-body"), webhookToml("by-id", 'dedupe = "id+body"')].join("\n");

const SENDERS = 16;
/** Over what the store keeps in its own pages. */
const LARGE_BYTES = 300 * 1024;

export type CrashLoad = {
  readonly ledger: Ledger;
  /** Lets the senders take so many more jobs. */
  readonly add: (jobs: number) => void;
  /** Jobs that no sender has taken yet. */
  readonly waiting: () => number;
  /** Resolves when all jobs are done; rejects when a sender was told what no sender should be told. */
  readonly finish: () => Promise<void>;
};

export function startLoad(ingress: () => string | undefined, random: Random): CrashLoad {
  const ledger = createLedger();
  const world: SenderWorld = { desk: CRASH_DESK, ingress, pauseMs: () => random.between(5, 40) };
  const earlier: Delivery[] = [];
  const idle = new Set<() => void>();
  let waiting = 0;
  let over = false;

  async function sender(): Promise<void> {
    for (;;) {
      if (waiting === 0 && over) return;
      if (waiting === 0) await new Promise<void>((resolve) => idle.add(resolve));
      else {
        waiting -= 1;
        await job();
      }
    }
  }

  /** One new delivery and, by lot, what senders do to it. */
  async function job(): Promise<void> {
    const delivery = newDelivery(random);
    const copies = random.next() < 0.2 ? [delivery, delivery] : [delivery];
    await Promise.all(copies.map((copy) => ledger.send(world, copy, "original")));
    earlier.push(delivery);
    const old = earlier[random.between(0, earlier.length - 1)] ?? delivery;
    if (random.next() < 0.2) await ledger.send(world, old, "original");
    if (old.delivery_id === undefined) return;
    if (random.next() < 0.4) await ledger.send(world, { ...old, body: bodyOf(random, "changed") }, "conflict");
    if (random.next() < 0.1) await ledger.send(world, { ...old, delivery_id: randomUUID() }, "replay");
  }

  const wake = (): void => {
    for (const resolve of idle) resolve();
    idle.clear();
  };
  const senders = Promise.all(Array.from({ length: SENDERS }, sender));
  // Whoever waits for the end is told; until then the reason is kept.
  senders.catch(() => undefined);
  return {
    ledger,
    add: (jobs) => {
      waiting += jobs;
      wake();
    },
    waiting: () => waiting,
    finish: async () => {
      over = true;
      wake();
      await senders;
    },
  };
}

function newDelivery(random: Random): Delivery {
  const body = bodyOf(random, "new");
  return random.next() < 0.5 ? { webhook: "by-body", body } : { webhook: "by-id", delivery_id: randomUUID(), body };
}

/** No two are alike. */
function bodyOf(random: Random, event: string): string {
  const filler = random.next() < 0.03 ? "x".repeat(LARGE_BYTES) : "x".repeat(random.between(0, 200));
  return JSON.stringify({ event, id: randomUUID(), price: random.between(1, 500), filler });
}
