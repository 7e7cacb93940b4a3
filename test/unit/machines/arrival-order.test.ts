import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { delivery } from "../../../machines/delivery.ts";
import { subject } from "../../../machines/subject.ts";
import type { OrderSignal, Policy } from "../../../src/core/delivery.ts";
import { addressOf, deliveryAddress, subjectAddress, type Address } from "../../../src/core/ids.ts";
import type { ActorEvent, PendingEffect } from "../../../src/engine/ports.ts";
import {
  arrived,
  asJson,
  done,
  duplicate,
  inputWith,
  normalized,
  outcomeOf,
  recorded,
  runOf,
  SEALED,
  VERIFIED,
} from "../../support/delivery-words.ts";
import { after, begin, tell, told, type Actor } from "../../support/machine-given.ts";

fc.configureGlobal({ seed: 1, numRuns: 60 });

type Sent = { readonly n: number; readonly order: OrderSignal; readonly commit_sha: string | null };
type Ended = {
  readonly run: string;
  readonly outcome: unknown;
  readonly anchored: unknown;
  readonly duplicates: unknown;
};
const Asked = z.object({
  to: z.string().optional(),
  by_run: z.string().optional(),
  commit_sha: z.string().optional(),
  order: z.enum(["in_order", "stale", "gap", "forked", "unknown"]).optional(),
});
const Snapshot = z.object({
  context: z.object({ run: z.string(), outcome: z.string(), anchored: z.boolean(), duplicates: z.number() }),
});
const SUBJECT = subjectAddress("desk", "main");

/** One subject and its deliveries, in a world where anything that may happen next may happen next: `picks` says what does. */
function live(policy: Partial<Policy>, sent: readonly Sent[], arrivals: readonly number[], picks: readonly number[]) {
  const actors = new Map<Address, Actor>([[SUBJECT, begin(subject, SUBJECT, null)]]);
  const coming = [...arrivals];
  const waits = policy.on_gap === "wait" || policy.on_partial === "wait";

  const hear = (address: Address, ...events: readonly ActorEvent[]): void => {
    for (const event of events) {
      const actor = actors.get(address);
      if (actor !== undefined && told(actor, event).kind === "stepped") actors.set(address, tell(actor, event));
    }
  };
  const arrive = ({ n, order, commit_sha }: Sent): void => {
    const address = deliveryAddress(runOf(n));
    if (actors.has(address)) return hear(address, duplicate);
    actors.set(address, begin(delivery, address, asJson(inputWith(policy, runOf(n)))));
    hear(address, VERIFIED, normalized());
    hear(SUBJECT, arrived(n, { order, commit_sha, waits }));
  };
  const perform = (address: Address, { id, name, params }: PendingEffect): void => {
    const asked = Asked.parse(params);
    const to = addressOf(asked.to ?? address);
    const anchored = sent.some(({ n, commit_sha }) => deliveryAddress(runOf(n)) === to && commit_sha !== null);
    switch (name) {
      case "tellOrder":
        hear(to, recorded({ order: asked.order ?? "unknown", anchored }));
        break;
      case "tellPredecessorArrived":
        hear(to, Object.assign({ type: "PREDECESSOR_ARRIVED" }, asked));
        break;
      case "tellContextArrived":
        hear(to, Object.assign({ type: "CONTEXT_ARRIVED" }, asked));
        break;
      case "sealRun":
        return hear(address, outcomeOf(id, SEALED));
    }
    hear(address, outcomeOf(id, done()));
  };

  for (let turn = 0; ; turn += 1) {
    const open = [...actors].flatMap(([address, { record }]) => record.pending.map((effect) => ({ address, effect })));
    const pick = (picks[turn % picks.length] ?? 0) % (open.length + 1);
    const chosen = open[pick];
    const next = chosen === undefined ? coming.shift() : undefined;
    const [first] = open;
    if (chosen !== undefined) perform(chosen.address, chosen.effect);
    else if (next !== undefined) arrive(sent[next] ?? fail());
    else if (first !== undefined) perform(first.address, first.effect);
    else {
      const holding = [...actors].find(([, { record }]) => record.timers.length > 0);
      if (holding === undefined) break;
      hear(holding[0], after("holdTimeout"));
    }
  }
  return [...actors].filter(([address]) => address !== SUBJECT).map(([, actor]) => ended(actor));
}

const fail = (): never => {
  throw new Error("no such delivery");
};

function ended({ record }: Actor): Ended {
  const { context } = Snapshot.parse(record.snapshot);
  return {
    run: context.run,
    outcome: [record.state, context.outcome],
    anchored: context.anchored,
    duplicates: context.duplicates,
  };
}

const byRun = (all: readonly Ended[]): readonly Ended[] => all.toSorted((a, b) => (a.run < b.run ? -1 : 1));

const series = fc.integer({ min: 1, max: 5 }).chain((length) =>
  fc.record({
    chained: fc.boolean(),
    bare: fc.array(fc.boolean(), { minLength: length, maxLength: length }),
    arrivals: fc
      .array(fc.integer({ min: 0, max: length - 1 }), { maxLength: 4 })
      .chain((again) =>
        fc.shuffledSubarray([...Array.from({ length }, (_, n) => n), ...again], { minLength: length + again.length }),
      ),
    picks: fc.array(fc.nat(20), { minLength: 1, maxLength: 40 }),
  }),
);

/** `on_stale = "skip"` is left out: it makes the outcome depend on the order, which is what it is for. */
const policies: readonly Partial<Policy>[] = [
  {},
  { on_gap: "wait" },
  { on_partial: "wait" },
  { on_gap: "wait", on_partial: "wait" },
];

describe.each(policies)("the deliveries of one subject under %j", (policy) => {
  test("end as if they had come once and in order, whatever order they come in and however often", () => {
    fc.assert(
      fc.property(series, ({ chained, bare, arrivals, picks }) => {
        const sent = bare.map((isBare, n): Sent => ({
          n,
          order: chained
            ? { kind: "chain", before: n === 0 ? null : `c${n - 1}`, after: `c${n}` }
            : { kind: "mark", mark: `2026-01-0${n}`, rank: 0 },
          commit_sha: isBare ? null : `c${n}`,
        }));
        const inOrder = live(policy, sent, [...sent.keys()], [0]);
        const often = inOrder.map((run, n) => ({ ...run, duplicates: arrivals.filter((one) => one === n).length - 1 }));
        expect(byRun(live(policy, sent, arrivals, picks))).toEqual(byRun(often));
      }),
    );
  });
});

test("a stale delivery is skipped where the webhook says so, and its run is sealed all the same", () => {
  const sent: readonly Sent[] = [1, 2].map((n) => ({
    n,
    order: { kind: "mark", mark: `2026-01-0${n}`, rank: 0 },
    commit_sha: "c",
  }));
  const outcomes = live({ on_stale: "skip" }, sent, [1, 0], [0]).map(({ outcome }) => outcome);
  expect(outcomes).toEqual([
    ["sealed", "completed"],
    ["sealed", "superseded"],
  ]);
});
