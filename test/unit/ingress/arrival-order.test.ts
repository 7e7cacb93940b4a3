import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { machineFor } from "../../../machines/index.ts";
import { createMemoryStore } from "../../../src/adapters/store-memory.ts";
import type { Policy } from "../../../src/core/delivery.ts";
import { deliveryAddress } from "../../../src/core/ids.ts";
import { createEngine } from "../../../src/engine/engine.ts";
import type { EffectCall, Effects } from "../../../src/engine/ports.ts";
import { receive } from "../../../src/ingress/receive.ts";
import { knownDeliveries } from "../../../src/main-desk.ts";
import { desk, NOW, webhook } from "../../support/ingress-desk.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { presetWebhook, sentBy } from "../../support/preset-sender.ts";
import { lifecycles, type Lifecycle } from "./lifecycles.ts";

fc.configureGlobal({ seed: 1, numRuns: 25 });

const telling = (event: object): Effects[string] => ({
  repeatable: true,
  concurrency: 8,
  perform: ({ id }: EffectCall) =>
    Promise.resolve({ event: Object.assign({ type: "" }, event, { effect: id }), artifacts: [] }),
});
const effects: Effects = {
  writeInboxItem: telling({ type: "EFFECT_DONE", drafts: 0, step: null, artifacts: [], result: null }),
  sealRun: telling({ type: "SEALED", seal_hash: "s", file: "e.json" }),
};
const LIMITS = {
  mailWaitingMax: 100,
  mailWaitingBytesMax: 1_000_000,
  sliceMs: Number.POSITIVE_INFINITY,
  quietMs: 0,
  shareMin: 1,
};
const Snapshot = z.object({
  context: z.object({ outcome: z.string(), anchored: z.boolean(), duplicates: z.number() }),
});
type Ended = {
  readonly state: string;
  readonly outcome: string;
  readonly anchored: boolean;
  readonly duplicates: number;
};

/** One desk, to which these deliveries come one after the other, some of them while the ones before are still being worked on. */
async function live({ provider, sent }: Lifecycle, policy: Partial<Policy>, arrivals: readonly number[]) {
  const clock = manualClock(NOW);
  const store = createMemoryStore();
  const complaints: string[] = [];
  const engine = createEngine({
    store,
    clock,
    effects,
    machine: machineFor,
    limits: LIMITS,
    complain: (says) => complaints.push(says),
  });
  engine.start();
  const hook = presetWebhook(provider, { policy: { ...webhook().policy, ...policy } });
  const ingress = { ...desk([hook]), engine, known: knownDeliveries(engine, store) };
  const runs = new Map<number, string>();
  for (const [turn, n] of arrivals.entries()) {
    const one = sent[n];
    if (one === undefined) throw new Error("no such delivery");
    const answer = await receive(ingress, "hook", sentBy(provider, one, clock.now()), clock.now());
    if (answer.kind === "refused") throw new Error(`${answer.code} ${answer.detail}`);
    runs.set(n, answer.run);
    if (turn % 2 === 0) await engine.caughtUp(1000);
  }
  await rest();
  clock.advance(10_000_000);
  await rest();
  expect(complaints).toEqual([]);
  return [...runs].toSorted(([a], [b]) => a - b).map(([n, run]) => ({ n, ...endOf(run) }));

  function endOf(run: string): { readonly run: string; readonly ended: Ended; readonly order: unknown } {
    const record = store.read(deliveryAddress(z.custom<Parameters<typeof deliveryAddress>[0]>().parse(run)));
    if (record === undefined) throw new Error(`no run ${run}`);
    const { context } = Snapshot.parse(record.snapshot);
    const said = store.journal(record.address).flatMap(({ observations }) => observations);
    return {
      run,
      ended: { ...context, state: record.state },
      order: said.find(({ name }) => name === "order_checked")?.value,
    };
  }
}

async function rest(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

type Truth = { readonly predecessorSeen: boolean; readonly newerSeen: boolean };
const isTrue: Readonly<Record<string, (truth: Truth) => boolean>> = {
  in_order: ({ newerSeen }) => !newerSeen,
  stale: ({ newerSeen }) => newerSeen,
  gap: ({ predecessorSeen }) => !predecessorSeen,
  unknown: () => true,
};

/** What is said of each arrival against what is true of it: whether anything newer, or what came just before it, was there already. */
function untruths(orders: ReadonlyMap<number, unknown>, arrivals: readonly number[]): readonly string[] {
  const firsts = [...new Set(arrivals)];
  return firsts.flatMap((n, at) => {
    const seen = firsts.slice(0, at);
    const said = String(orders.get(n));
    const truth = { predecessorSeen: seen.includes(n - 1), newerSeen: seen.some((other) => other > n) };
    return isTrue[said]?.(truth) === true ? [] : [`${n} is said to be ${said} behind ${seen.join(", ") || "nothing"}`];
  });
}

/** `on_stale = "skip"` is left out: it makes the outcome depend on the order, which is what it is for. */
const policies: readonly Partial<Policy>[] = [
  {},
  { on_gap: "wait" },
  { on_partial: "wait" },
  { on_gap: "wait", on_partial: "wait" },
];

describe.each(lifecycles)("%s", (_name, life) => {
  const places = life.sent.map((_, n) => n);
  const arrivalsOf = fc
    .array(fc.constantFrom(...places), { maxLength: 4 })
    .chain((again) => fc.shuffledSubarray([...places, ...again], { minLength: places.length + again.length }));

  test("that come in order are said to", async () => {
    const orders = (await live(life, {}, places)).map(({ order }) => order);
    expect(orders).toEqual(places.map((n) => (n === 0 ? life.first : "in_order")));
  });

  test("are anchored where they name a commit", async () => {
    const ends = await live(life, {}, places);
    expect(new Set(ends.map(({ ended }) => ended.anchored))).toEqual(new Set([life.anchored]));
  });

  test.each(policies)("end the same in any order and however often they come, under %j", async (policy) => {
    const once = await live(life, policy, places);
    await fc.assert(
      fc.asyncProperty(arrivalsOf, async (arrivals) => {
        const often = await live(life, policy, arrivals);
        expect(often.map(({ run, ended }) => ({ run, ...ended }))).toEqual(
          once.map(({ n, run, ended }) => ({
            run,
            ...ended,
            duplicates: arrivals.filter((other) => other === n).length - 1,
          })),
        );
        expect(untruths(new Map(often.map(({ n, order }) => [n, order])), arrivals)).toEqual([]);
      }),
    );
  });
});

test("a stale delivery is skipped where the webhook says so, and its run is sealed all the same", async () => {
  const incident = new Map(lifecycles).get("an incident");
  if (incident === undefined) throw new Error("no such lifecycle");
  const ends = await live(incident, { on_stale: "skip" }, [0, 2, 1, 3]);
  expect(ends.map(({ ended: { state, outcome } }) => [state, outcome])).toEqual([
    ["sealed", "completed"],
    ["sealed", "superseded"],
    ["sealed", "completed"],
    ["sealed", "completed"],
  ]);
});
