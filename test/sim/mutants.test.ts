/** The simulation can fail: each of these bugs is found in one of its first worlds. */
import { expect, test } from "vitest";
import { machineOf } from "../../src/core/ids.ts";
import type { ActorRecord, Store } from "../../src/engine/ports.ts";
import { brokenIn } from "../support/sim-invariants.ts";
import { simulate } from "../support/sim-world.ts";

type Mutant = readonly [bug: string, invariant: string, sabotage: (store: Store) => Store];

const mutants: readonly Mutant[] = [
  [
    "loses mail that it acknowledged",
    "whatIsAcknowledgedAsNewIsTheBirth",
    (store) => ({ ...store, append: (batch) => store.append(batch.slice(0, 1)) }),
  ],
  [
    "forgets mail that was not taken in",
    "whatIsAcknowledgedAsNewIsTheBirth",
    (store) => ({
      ...store,
      append: async (batch) => {
        const number = await store.append(batch);
        store.forget(number);
        return number;
      },
    }),
  ],
  [
    "acknowledges commits before they are made",
    "everyRedeliveryIsInTheJournal",
    (store) => ({
      ...store,
      commit: (changes) => {
        store.commit(changes).catch(() => undefined);
        return Promise.resolve();
      },
    }),
  ],
  [
    "forgets that work was started",
    "whatMustNotBeRepeatedIsNot",
    (store) => ({
      ...store,
      commit: (changes) => (changes.every(isStart) ? Promise.resolve() : store.commit(changes)),
    }),
  ],
  [
    "commits a run without its subject",
    "subjectsAndRunsAgree",
    (store) => ({ ...store, commit: (changes) => store.commit(changes.slice(-1)) }),
  ],
  [
    "commits a run without the notice that it gives",
    "everyFlagHasItsNotice",
    (store) => ({
      ...store,
      commit: (changes) => store.commit(changes.filter(({ before, record }) => before !== null || !isNotice(record))),
    }),
  ],
  [
    "mixes up the bytes of deliveries",
    "everyInboxItemShowsItsDelivery",
    (store) => ({ ...store, artifact: () => Buffer.from("other bytes") }),
  ],
  [
    "keeps the bytes and rows of what was erased",
    "erasedBytesAreGone",
    (store) => ({ ...store, expunge: () => Promise.resolve([]) }),
  ],
  [
    "keeps the journal of what was erased",
    "erasedRunsHoldNothing",
    (store) => ({
      ...store,
      commit: (changes) => store.commit(changes.map(({ forgetsPast: _past, ...change }) => change)),
    }),
  ],
  [
    "forgets what came of orders while others of the run are sent",
    "noDraftIsSentTwice",
    (store) => ({ ...store, commit: (changes) => store.commit(changes.map(withoutOutcomes)) }),
  ],
  [
    "keeps approvals and forgets what was approved",
    "noApprovedDraftIsLost",
    (store) => ({ ...store, commit: (changes) => store.commit(changes.map(withoutOutcomes)) }),
  ],
  [
    "commits a run without what its orders are told",
    "ordersAndRunsAgree",
    (store) => ({ ...store, commit: (changes) => store.commit(changes.filter((change) => !isOrderTold(change))) }),
  ],
];

type Change = Parameters<Store["commit"]>[0][number];
const isOrderTold = ({ record, entries }: Change): boolean =>
  machineOf(record.address) === "order" && entries.some(({ event }) => event === "APPROVED");
/** No run knows of any draft that it was executed. */
const withoutOutcomes = (change: Change): Change => ({
  ...change,
  record: {
    ...change.record,
    snapshot: JSON.parse(JSON.stringify(change.record.snapshot).replaceAll(/"outcome":"executed"/g, '"outcome":null')),
  },
});

const isNotice = ({ address }: ActorRecord): boolean => machineOf(address) === "notice";
const isStart = ({ entries, record, before }: Parameters<Store["commit"]>[0][number]): boolean =>
  entries.length === 0 && record.pending.some(({ started }, at) => started && before?.pending[at]?.started === false);

test.each(mutants)("a store that %s breaks `%s`", async (_bug, invariant, sabotage) => {
  const broken = new Set<string | undefined>();
  for (let seed = 1; seed <= 12 && !broken.has(invariant); seed += 1) {
    for (const place of brokenIn(await simulate(seed, sabotage))) broken.add(place.split(":")[0]);
  }
  expect([...broken]).toContain(invariant);
});
