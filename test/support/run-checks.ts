/** What holds for the runs of a desk after any number of crashes, once its senders are done and its runs are sealed. */
import { z } from "zod";
import { flaggedIn } from "../../src/core/delivery-journal.ts";
import { noticeAddress, runIdOf } from "../../src/core/ids.ts";
import { observed, type Check } from "./audit-check.ts";
import type { Sent } from "./ledger.ts";
import type { Run } from "./stopped-desk.ts";

const Outcome = z.object({ effect: z.string() });
const NoticeWritten = z.object({ file: z.string() });
const ItemWritten = z.object({ result: z.object({ file: z.string() }) });

/** Every 202 for one delivery named the same run, and that run is there. */
const everyAcknowledgedDeliveryHasOneRun: Check = ({ runs }, sent) => {
  const known = new Set(runs.map(({ run }) => run));
  return sent.flatMap(({ delivery: { webhook }, taken }) => {
    const named = [...new Set(taken.map(({ run }) => run))];
    if (named.length !== 1) return [`a delivery to ${webhook} was told of ${named.length} runs`];
    return named.filter((run) => !known.has(run)).map((run) => `${run} was acknowledged and is not there`);
  });
};

/** Different deliveries have different runs, and there is no other run. */
const everyRunIsOfOneDelivery: Check = ({ runs }, sent) => {
  const originals = countBy(
    sent.filter(({ relation }) => relation === "original"),
    ({ taken }) => taken[0]?.run ?? "none",
  );
  return [
    ...[...originals].filter(([, count]) => count > 1).map(([run, count]) => `${run} is of ${count} deliveries`),
    ...runs.filter(({ run }) => !originals.has(run)).map(({ run }) => `${run} is of no delivery`),
  ];
};

/** Every run is sealed and completed, and waits for nothing. */
const everyRunIsSealed: Check = ({ runs }) =>
  runs.flatMap((run) => {
    const { state, resting, parked, pending, timers } = run.record;
    const outcomes = observed(run, "outcome_decided");
    const rests = state === "sealed" && resting && parked === null && pending.length === 0 && timers.length === 0;
    if (rests && outcomes.length === 1 && outcomes[0] === "completed") return [];
    return [`${run.run} is ${state}, outcome ${JSON.stringify(outcomes)}, set aside: ${parked?.reason ?? "no"}`];
  });

/** The store's indexes hold nothing that is open. */
const nothingIsOpen: Check = ({ store }) => [
  ...store.unfinished("", 1000).map((address) => `${address} is unfinished`),
  ...store.lanes().flatMap((lane) => store.open(lane, "", 1000).map(({ effect }) => `${effect} is open`)),
  ...store.due(Number.MAX_SAFE_INTEGER, 1000).map(({ address, id }) => `${address} waits for ${id}`),
];

/** Mail that is not forgotten yet was taken in. */
const allMailWasTakenIn: Check = ({ store }) =>
  [...store.mail()].flatMap(({ position: [batch, place], mail }) => {
    const [appliedBatch, appliedPlace] = store.read(mail.to)?.applied ?? [0, 0];
    const isTakenIn = batch < appliedBatch || (batch === appliedBatch && place <= appliedPlace);
    return isTakenIn ? [] : [`mail ${batch}:${place} to ${mail.to} was not taken in`];
  });

/** Every run has one inbox item, the one that its journal names, and every item that is no notice is of a run. */
const everyRunHasOneInboxItem: Check = ({ runs, items: pages }) => {
  const items = pages.filter(({ notice }) => notice === null);
  const journalled = new Set(runs.flatMap(({ journal, run }) => results(journal).map((file) => `${file} of ${run}`)));
  const counts = countBy(items, ({ run }) => run);
  return [
    ...runs
      .filter(({ run }) => counts.get(run) !== 1)
      .map(({ run }) => `${run} has ${counts.get(run) ?? 0} inbox items`),
    ...items
      .filter(({ file, run }) => !journalled.has(`inbox/${file} of ${run}`))
      .map(({ file }) => `${file} stands in no journal`),
  ];
};

/** Every conflict and every suspected replay has one notice, the one that the journal of its actor names; and there is no other. */
const everyFlagHasItsNotice: Check = ({ store, runs, items }) => {
  const owed = runs.flatMap(({ run, journal }) =>
    flaggedIn(journal).map((_, at) => {
      const written = store.journal(noticeAddress(runIdOf(run), at + 1)).filter(({ event }) => event === "EFFECT_DONE");
      const files = written.map(({ data }) => NoticeWritten.parse(data).file);
      const found = items.filter((item) => item.run === run && item.notice === at + 1);
      return { name: `notice ${at + 1} of ${run}`, files, found: found.map(({ file }) => `inbox/${file}`) };
    }),
  );
  const notices = items.filter(({ notice }) => notice !== null).map(({ file }) => `inbox/${file}`);
  const known = new Set(owed.flatMap(({ found }) => found));
  return [
    ...owed
      .filter(({ files, found }) => found.length !== 1 || files.length !== 1 || files[0] !== found[0])
      .map(({ name, files, found }) => `${name} has ${found.length} pages, and ${files.length} in its journal`),
    ...notices.filter((file) => !known.has(file)).map((file) => `${file} is a notice of nothing`),
  ];
};

/** No outcome of an effect was taken in twice, and each run was worked on and sealed once. */
const noEffectIsDoubled: Check = ({ runs }) =>
  runs.flatMap(({ run, journal }) => {
    const outcomes = journal.filter(({ event }) => ["EFFECT_DONE", "SEALED", "AMENDED"].includes(event));
    const ids = new Set(outcomes.map(({ data }) => Outcome.parse(data).effect));
    const once = ["EFFECT_DONE", "SEALED"].every((name) => outcomes.filter(({ event }) => event === name).length === 1);
    return ids.size === outcomes.length && once
      ? []
      : [`${run} took in ${outcomes.map(({ event }) => event).join(", ")}`];
  });

/** The journal of a run is whole: its entries count up from 0. */
const everyJournalIsWhole: Check = ({ runs }) =>
  runs
    .filter(({ journal, record }) => journal.length !== record.sequence || journal.some(({ seq }, at) => seq !== at))
    .map(({ run }) => `the journal of ${run} has gaps`);

/** Every redelivery that was acknowledged is in the journal, and none that was not sent. A conflict is one once; its copies are duplicates. */
const everyRedeliveryIsCounted: Check = ({ runs }, sent) =>
  runs.flatMap((run) => {
    const reaches = sent.filter(({ taken }) => taken[0]?.run === run.run);
    const conflicts = reaches.filter(({ relation }) => relation === "conflict");
    const replays = reaches.filter(({ relation }) => relation === "replay");
    const copied = reaches.filter(({ relation }) => relation !== "replay");
    return [
      miscounted(
        run,
        "duplicate_received",
        sumOf(copied, acknowledged) - copied.length,
        sumOf(copied, attempted) - copied.length,
      ),
      miscounted(run, "conflict_received", conflicts.length, conflicts.length),
      miscounted(run, "replay_suspected", sumOf(replays, acknowledged), sumOf(replays, attempted)),
    ].flat();
  });

const acknowledged = ({ taken }: Sent): number => taken.length;
const attempted = ({ attempts }: Sent): number => attempts;
const sumOf = (all: readonly Sent[], numberOf: (one: Sent) => number): number =>
  all.reduce((sum, one) => sum + numberOf(one), 0);

function miscounted(run: Run, name: string, least: number, most: number): readonly string[] {
  const count = observed(run, name).length;
  return count >= least && count <= most ? [] : [`${run.run} has ${count} ${name}, not ${least} to ${most}`];
}

/** No temporary and no half-written file is left. */
const noFileIsHalfWritten: Check = ({ files }) =>
  files.filter((file) => /(?:\.tmp-|\.part$)/.test(file)).map((file) => `${file} was left behind`);

/** Every envelope and amendment that lies there is a leaf of the log. */
const everySealIsLogged: Check = ({ evidence, isLogged }) =>
  evidence.flatMap(({ file, verdict }) =>
    verdict.document === null || isLogged(verdict.document.integrity.seal_hash) ? [] : [`${file} is not logged`],
  );

export const runChecks: readonly Check[] = [
  everySealIsLogged,
  everyAcknowledgedDeliveryHasOneRun,
  everyRunIsOfOneDelivery,
  everyRunIsSealed,
  nothingIsOpen,
  allMailWasTakenIn,
  everyRunHasOneInboxItem,
  everyFlagHasItsNotice,
  noEffectIsDoubled,
  everyJournalIsWhole,
  everyRedeliveryIsCounted,
  noFileIsHalfWritten,
];

const results = (journal: Run["journal"]): readonly string[] =>
  journal.filter(({ event }) => event === "EFFECT_DONE").map(({ data }) => ItemWritten.parse(data).result.file);

function countBy<T>(all: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return counts;
}
