/** What holds for a simulated world once it has come to rest. Each is one sentence, and gives the places where it does not hold. */
import type { Address } from "../../src/core/ids.ts";
import { machines } from "../../machines/index.ts";
import { deliveryAddress, nameOf } from "../../src/core/ids.ts";
import { birthOf, factsOf } from "../../src/core/delivery-journal.ts";
import { reasonOf } from "../../src/core/assert.ts";
import { sha256OfBytes } from "../../src/ingress/artifacts.ts";
import type { Flag } from "../../src/ingress/redelivery.ts";
import { evidenceInvariants } from "./sim-evidence-invariants.ts";
import { noticeInvariants, pagesOf, type Page } from "./sim-notice-invariants.ts";
import { orderInvariants } from "./sim-order-invariants.ts";
import { erasureInvariants } from "./sim-erasure-invariants.ts";
import { actorsOf, erasedIn, runsOf, valuesOf, type Invariant, type Run } from "./sim-runs.ts";
import { isAccepted, isFirst, type Attempt } from "./sim-senders.ts";
import { isReplay } from "./sim-webhooks.ts";
import type { SimEnd } from "./sim-world.ts";

/** Once the faults stop, everything comes to rest: nothing is owed, waited for, set aside or unanswered. */
const everythingComesToRest: Invariant = (end) => [
  ...(end.isAtRest ? [] : ["the world did not come to rest"]),
  ...everyoneIn(end)
    .filter(({ record }) => !record.resting || record.parked !== null)
    .map(({ address, record }) => `${address} is ${record.state}${record.parked === null ? "" : ", set aside"}`),
];

/** Every run is sealed, with one outcome. */
const everyRunIsSealed: Invariant = (end) =>
  runsOf(end)
    .filter(({ record, journal }) => record.state !== "sealed" || valuesOf(journal, "outcome_decided").length !== 1)
    .map(({ address, record }) => `${address} is ${record.state}`);

/** All accepted deliveries of one identity belong to one run. */
const everyIdentityHasOneRun: Invariant = (end) =>
  [...grouped(end.attempts.filter(isAccepted).filter(isOfWhole(end)), ({ message }) => message.identity)]
    .map(([identity, all]) => [identity, new Set(all.map(runOf))] as const)
    .filter(([, runs]) => runs.size !== 1)
    .map(([identity, runs]) => `${identity} belongs to ${[...runs].join(", ")}`);

/** No run is of two identities, and there is no run of none. */
const everyRunHasOneIdentity: Invariant = (end) => {
  const identities = grouped(end.attempts.filter(isAccepted), runOf);
  return runsOf(end).flatMap(({ address }) => {
    const named = new Set(identities.get(address)?.map(({ message }) => message.identity));
    return named.size === 1 ? [] : [`${address} is of ${[...named].join(", ") || "nothing"}`];
  });
};

/** A delivery that was acknowledged as new is what its run was born with, to the byte. */
const whatIsAcknowledgedAsNewIsTheBirth: Invariant = (end) =>
  end.attempts
    .filter(isFirst)
    .filter(isOfWhole(end))
    .flatMap((attempt) => {
      const run = runOf(attempt);
      const journal = (run && end.state.journals.get(run)) ?? [];
      if (journal.length === 0) return [`${attempt.message.identity} was acknowledged and has no run`];
      const { request, received_at } = birthOf(journal);
      const isIt = request.sha256 === shaOf(attempt) && received_at === attempt.at;
      return isIt && end.state.artifacts.has(request.sha256)
        ? []
        : [`${attempt.message.identity} is not what its run was born with`];
    });

/** A redelivery that was acknowledged is in the journal of its run, once for each time, and nothing is there that was not sent. */
const everyRedeliveryIsInTheJournal: Invariant = (end) =>
  runsOf(end).flatMap(({ address, journal }) => {
    const told = countOf(journal.filter(({ event }) => event === "REDELIVERED").map(({ data }) => keyOf(data)));
    const acknowledged = countOf(
      end.attempts.filter((each) => isAccepted(each) && !isFirst(each) && runOf(each) === address).map(redeliveryKeyOf),
    );
    const lost = [...acknowledged].filter(([key, count]) => (told.get(key) ?? 0) < count);
    const made = [...told].filter(([key, count]) => count > sentAs(end.attempts, key));
    return [
      ...lost.map(([key]) => `${address} does not know of ${key}`),
      ...made.map(([key]) => `${address} knows of ${key}, which was not sent so often`),
    ];
  });

/**
 * A redelivery is what it is beside what its run knows: a duplicate, a conflict or a suspected replay. Bytes that conflicted are known
 * from then on; those of a refused attempt may be, or not.
 */
const everyRedeliveryIsJudgedByWhatIsKnown: Invariant = (end) =>
  end.attempts.flatMap((attempt, place) => {
    const run = runOf(attempt);
    if (!isAccepted(attempt) || isFirst(attempt) || run === undefined || !isOfWhole(end)(attempt)) return [];
    const before = end.attempts.slice(0, place).filter((other) => shaOf(other) === shaOf(attempt));
    const isOfBirth = birthOf(end.state.journals.get(run) ?? []).request.sha256 === shaOf(attempt);
    const isKnown = isOfBirth || before.some((other) => runOf(other) === run);
    const asKnown = isReplay(attempt.message) ? "suspected_replay" : null;
    const may = isKnown ? [asKnown] : before.length > 0 ? [asKnown, "id_conflict"] : ["id_conflict"];
    const flag = flagOf(attempt);
    return may.includes(flag) ? [] : [`${attempt.message.identity} was taken for ${flag}, not ${may.join(" or ")}`];
  });

/** A journal counts up from 0, and the record knows how far. */
const everyJournalIsContiguous: Invariant = (end) =>
  everyoneIn(end)
    .filter(({ record, journal }) => {
      const first = record.sequence - journal.length;
      return (first === 0) === (record.state === "erased") || journal.some(({ seq }, at) => seq !== first + at);
    })
    .map(({ address }) => `the journal of ${address} has gaps`);

/** Each entry begins in the state in which the one before it ended. */
const everyJournalIsOneRoad: Invariant = (end) =>
  everyoneIn(end).flatMap(({ address, journal }) =>
    journal
      .filter(({ from, event }, at) => from !== (journal[at - 1]?.to ?? null) && !(at === 0 && event === "ERASED"))
      .map(({ seq }) => `${address} jumps at ${seq}`),
  );

/** An effect is performed only under the id, by the name, that a committed entry asked for it. */
const effectsRunUnderTheirIds: Invariant = (end) => {
  const asked = new Map(
    everyoneIn(end).flatMap(({ journal }) =>
      journal.flatMap(({ effects }) => effects.map(({ id, name }) => [id, name])),
    ),
  );
  return end.begun
    .filter(({ call }) => asked.get(call.id) !== call.name && !hasForgotten(end, call.address))
    .map(({ call }) => `${call.name} was performed as ${call.id}`);
};

/** A process performs an effect at most once: trying again is another effect. */
const noProcessRepeatsAnEffect: Invariant = ({ begun }) =>
  [...grouped(begun, ({ life }) => life).values()].flatMap((all) => repeated(all.map(({ call }) => call.id)));

/** No outcome of an effect is taken in twice, and a run is sealed once. */
const noOutcomeIsDoubled: Invariant = (end) =>
  runsOf(end).flatMap(({ address, journal }) => {
    const outcomes = journal.filter(({ data }) => fieldOf(data, "effect") !== undefined);
    const isOnce = new Set(outcomes.map(({ data }) => fieldOf(data, "effect"))).size === outcomes.length;
    const sealed = outcomes.filter(({ event }) => event === "SEALED").length;
    return isOnce && sealed === 1 ? [] : [`${address} took in ${outcomes.map(({ event }) => event).join(", ")}`];
  });

const ONCE: ReadonlySet<string> = new Set(["runAgent", "dispatchOrder"]);

/** What must not be done twice is begun at most once, over all processes. */
const whatMustNotBeRepeatedIsNot: Invariant = ({ begun }) =>
  repeated(begun.filter(({ call }) => ONCE.has(call.name)).map(({ call }) => call.id));

/** A run that completed has its one inbox item; no run has two. Notices are no items. */
const everyRunHasItsInboxItem: Invariant = (end) => {
  const counts = countOf(itemsOf(end).map(({ run }) => run));
  return runsOf(end).flatMap(({ address, journal }) => {
    const { run, policy } = birthOf(journal);
    const count = counts.get(run) ?? 0;
    const isDone = policy.action === "inbox" && valuesOf(journal, "outcome_decided")[0] === "completed";
    return count > 1 || (isDone && count !== 1) ? [`${address} has ${count} inbox items`] : [];
  });
};

/** An inbox item shows what was sent, to the letter. */
const everyInboxItemShowsItsDelivery: Invariant = (end) => {
  const items = itemsOf(end);
  return runsOf(end).flatMap(({ address, journal }) => {
    const { run, request } = birthOf(journal);
    const body = Buffer.from(end.state.artifacts.get(request.sha256) ?? []).toString();
    const wrong = items.filter((item) => item.run === run && !(body !== "" && item.text.includes(body)));
    return wrong.map(() => `the inbox item of ${address} shows something else`);
  });
};

/** A subject was told of each run that it is the subject of, once, and the run took over what it said of the order. */
const subjectsAndRunsAgree: Invariant = (end) => {
  const told = actorsOf(end, "subject").flatMap(({ journal }) =>
    journal
      .filter(({ event }) => event === "ARRIVED")
      .map(({ data, observations }) => [fieldOf(data, "run"), observations[0]?.value] as const),
  );
  const doubled = repeated(told.map(([run]) => String(run)));
  const ordered = new Map(told);
  return runsOf(end)
    .filter(({ journal }) => (factsOf(journal)?.subject_key ?? null) !== null && journal[0]?.by === "provider")
    .filter(
      ({ address, journal }) => (ordered.get(nameOf(address)) ?? "unknown") !== valuesOf(journal, "order_checked")[0],
    )
    .map(({ address }) => `${address} and its subject do not agree`)
    .concat(doubled);
};

/** Who waited for something went on because of it, or because its time was up, or by a person: and says which. */
const everyWaitHasItsEnd: Invariant = (end) =>
  runsOf(end).flatMap(({ address, journal }) => {
    const [held, released] = [valuesOf(journal, "held"), valuesOf(journal, "released")];
    const isCancelled = valuesOf(journal, "outcome_decided")[0] === "cancelled";
    return held.length === released.length + (isCancelled && held.length > released.length ? 1 : 0)
      ? []
      : [`${address} was held ${held.length} times and released ${released.length} times`];
  });

const invariants: readonly Invariant[] = [
  subjectsAndRunsAgree,
  everyWaitHasItsEnd,
  everythingComesToRest,
  everyRunIsSealed,
  everyIdentityHasOneRun,
  everyRunHasOneIdentity,
  whatIsAcknowledgedAsNewIsTheBirth,
  everyRedeliveryIsInTheJournal,
  everyRedeliveryIsJudgedByWhatIsKnown,
  everyJournalIsContiguous,
  everyJournalIsOneRoad,
  effectsRunUnderTheirIds,
  noOutcomeIsDoubled,
  noProcessRepeatsAnEffect,
  whatMustNotBeRepeatedIsNot,
  everyRunHasItsInboxItem,
  everyInboxItemShowsItsDelivery,
  ...noticeInvariants,
  ...evidenceInvariants,
  ...erasureInvariants,
  ...orderInvariants,
];

const MACHINES = Object.keys(machines);

/** Empty when all is well: the name of each invariant that is broken, and the first places. */
export const brokenIn = (end: SimEnd): readonly string[] =>
  invariants.flatMap((invariant) =>
    placesOf(invariant, end)
      .slice(0, 3)
      .map((place) => `${invariant.name}: ${place}`),
  );

/** A world can be so broken that it cannot be read. */
function placesOf(invariant: Invariant, end: SimEnd): readonly string[] {
  try {
    return invariant(end);
  } catch (error) {
    return [reasonOf(error)];
  }
}

const everyoneIn = (end: SimEnd): readonly Run[] => MACHINES.flatMap((machine) => actorsOf(end, machine));
const itemsOf = (end: SimEnd): readonly Page[] => pagesOf(end).filter(({ notice }) => notice === null);

const repeated = (ids: readonly string[]): readonly string[] =>
  [...countOf(ids)].filter(([, count]) => count > 1).map(([id, count]) => `${id} was begun ${count} times`);

const erasedAddresses = (end: SimEnd): ReadonlySet<Address> => new Set(erasedIn(end).map(({ address }) => address));
/** A run that is erased, or one of its orders, whose journal went with it. */
const hasForgotten = (end: SimEnd, address: Address): boolean =>
  erasedAddresses(end).has(address) || end.state.actors.get(address)?.state === "erased";
/** Whether what was sent came to a run that still is whole. */
const isOfWhole =
  (end: SimEnd) =>
  (attempt: Attempt): boolean => {
    const run = runOf(attempt);
    return run === undefined || !erasedAddresses(end).has(run);
  };

const runOf = ({ answer }: Attempt): Address | undefined =>
  answer?.kind === "accepted" ? deliveryAddress(answer.run) : undefined;
const shaOf = ({ message }: Attempt): string => sha256OfBytes(Buffer.from(message.body));

const fieldOf = (data: unknown, name: string): unknown =>
  typeof data === "object" && data !== null ? Reflect.get(data, name) : undefined;

/** What tells one redelivery from another: how it stood to the run, and when it came. */
const keyOf = (data: unknown): string =>
  ["same_id", "same_bytes", "received_at"].map((name) => `${name} ${String(fieldOf(data, name))}`).join(", ");

const flagOf = ({ answer }: Attempt): Flag | null => (answer?.kind === "accepted" ? answer.flag : null);

function redeliveryKeyOf(attempt: Attempt): string {
  const { at } = attempt;
  const flag = flagOf(attempt);
  return keyOf({ same_id: flag !== "suspected_replay", same_bytes: flag !== "id_conflict", received_at: at });
}

/** How many attempts can have been told so: those that were accepted as it, and those without an answer of that time. */
const sentAs = (attempts: readonly Attempt[], key: string): number =>
  attempts.filter((each) => key.endsWith(` ${each.at}`)).length;

function grouped<K, T>(all: readonly T[], keyOfOne: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) groups.set(keyOfOne(one), [...(groups.get(keyOfOne(one)) ?? []), one]);
  return groups;
}

const countOf = (keys: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...grouped(keys, (key) => key)].map(([key, all]) => [key, all.length]));
