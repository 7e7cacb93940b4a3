/** Fills a desk's store with runs by the ordinary road (mail, steps, commits), with effects that cost nothing or never end. */
import path from "node:path";
import { systemClock } from "../../src/adapters/clock.ts";
import { systemEntropy } from "../../src/adapters/entropy.ts";
import { openStore } from "../../src/adapters/store-lmdb.ts";
import type { RawDelivery } from "../../src/core/delivery.ts";
import { createEngine } from "../../src/engine/engine.ts";
import type { EffectCall, Effects, Store } from "../../src/engine/ports.ts";
import type { DeskIngress } from "../../src/ingress/desk-ingress.ts";
import { pooledEntropy } from "../../src/ingress/entropy-pool.ts";
import { judge } from "../../src/ingress/judge.ts";
import { receive } from "../../src/ingress/receive.ts";
import { knownDeliveries } from "../../src/main-desk.ts";
import { machineFor } from "../../machines/index.ts";
import { createHmac } from "node:crypto";

export type Populated = {
  readonly store: Store;
  readonly add: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

const SECRET = Buffer.from("a secret of the benchmark");

/** `sealed`: every run goes to its end. `unfinished`: every run waits for an effect that this process never performs. */
export async function populate(
  dir: string,
  as: "sealed" | "unfinished",
  real?: (store: Store) => Effects,
): Promise<Populated> {
  const store = await openStore(path.join(dir, ".qoc/store"));
  const engine = createEngine({
    store,
    clock: systemClock,
    effects: real?.(store) ?? (as === "sealed" ? instant : never),
    machine: machineFor,
    limits: { sliceMs: 50, quietMs: 0, shareMin: 1, mailWaitingMax: 20_000, mailWaitingBytesMax: 2 ** 30 },
    complain: (says, about) => console.error(says, about),
  });
  engine.start();
  const desk: DeskIngress = {
    name: "bench",
    origin: "localhost/bench",
    producer: { name: "bench", version: "0.1.0", component: "daemon" },
    runner: { os: "linux", arch: "x64", node: process.versions.node },
    webhooks: new Map([["price-alert", webhook]]),
    engine,
    known: knownDeliveries(engine, store),
    entropy: pooledEntropy(systemEntropy),
    judgeAside: (...asked) => Promise.resolve(judge(...asked)),
    bornWith: () => ({}),
    queue: { join: () => true, leave: () => undefined },
  };
  let made = 0;
  return {
    store,
    add: async (count) => {
      for (let left = count; left > 0; left -= 2_000) {
        const batch = Array.from({ length: Math.min(left, 2_000) }, () =>
          receive(desk, "price-alert", delivery(made++), Date.now()),
        );
        for (const answer of await Promise.all(batch)) if (answer.kind === "refused") throw new Error(answer.detail);
        while (!(await engine.caughtUp(60_000))) continue;
      }
      if (as === "sealed") while (store.stats().unfinished > 0) await new Promise((go) => setTimeout(go, 5));
    },
    close: async () => {
      await engine.stop(1_000);
      await store.close();
    },
  };
}

const webhook = {
  name: "price-alert",
  sender: { kind: "preset", name: "qoc" },
  public_url: null,
  filter: null,
  dedupe_window_ms: null,
  secrets: [SECRET],
  body_limit_bytes: 2 ** 20,
  dedupe: { kind: "body" },
  map: { event: "/event" },
  policy: {
    action: "inbox",
    task: null,
    on_stale: "process",
    on_gap: "process",
    on_partial: "process",
    hold_timeout_ms: 3_600_000,
    context_timeout_ms: 3_600_000,
    approval_timeout_ms: 86_400_000,
    attempts_max: 5,
    backoff_ms: 1_000,
  },
} as const;

function delivery(n: number): RawDelivery {
  const body = Buffer.from(
    `{"event":"price_alert","symbol":"MSFT","trigger_price":420.00,"alert_name":"MSFT 420 break","n":${n}}`,
  );
  const signature = createHmac("sha256", SECRET).update(body).digest("hex");
  return {
    target: "",
    headers: new Map([
      ["x-qoc-signature", [`sha256=${signature}`]],
      ["content-type", ["application/json"]],
    ]),
    body,
  };
}

const done = (event: { readonly type: string } & Readonly<Record<string, unknown>>) =>
  Promise.resolve({ event, artifacts: [] });
const instant: Effects = {
  writeInboxItem: {
    repeatable: true,
    concurrency: 256,
    perform: ({ id }: EffectCall) =>
      done({ type: "EFFECT_DONE", effect: id, drafts: 0, step: null, artifacts: [], result: { file: "inbox/x.md" } }),
  },
  sealRun: {
    repeatable: true,
    concurrency: 256,
    perform: ({ id }: EffectCall) => done({ type: "SEALED", effect: id, seal_hash: "0".repeat(64), file: "x.json" }),
  },
};
const never: Effects = {
  writeInboxItem: { repeatable: true, concurrency: 1, perform: () => new Promise(() => undefined) },
};
