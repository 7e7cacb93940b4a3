/** What holds for the drafts of a simulated world once it has come to rest: sent at most once, and none that was approved is lost. */
import { z } from "zod";
import { nameOf, orderAddress } from "../../src/core/ids.ts";
import { birthOf } from "../../src/core/delivery-journal.ts";
import { draftsKept } from "../../src/core/drafts-kept.ts";
import { actorsOf, erasedIn, runsOf, type Invariant, type Run } from "./sim-runs.ts";

const Asked = z.object({ run: z.string(), draft: z.number(), resumed: z.boolean() });

/** A draft is handed over without a question at most once, over all processes and all resumes; whoever hands it over again asks first. */
const noDraftIsSentTwice: Invariant = ({ begun }) => {
  const handed = begun
    .filter(({ call }) => call.name === "dispatchOrder")
    .map(({ call }) => Asked.parse(call.params))
    .filter(({ resumed }) => !resumed)
    .map(({ run, draft }) => `draft ${draft} of ${run}`);
  return handed.filter((each, at) => handed.indexOf(each) !== at).map((each) => `${each} was handed over twice`);
};

const WITHDRAWING = ["CANCEL", "RESUME", "approvalTimeout"];
/** Whether the journal of a run shows what took its drafts back. */
const wasWithdrawn = ({ journal }: Run): boolean =>
  journal.some(({ event }) => WITHDRAWING.some((each) => event.includes(each)));

/** Each draft that was approved has an outcome, or was taken back by what the journal shows. */
const noApprovedDraftIsLost: Invariant = (end) =>
  runsOf(end).flatMap((run) => {
    const { drafts } = draftsKept(run.record.snapshot);
    const approved = new Set(
      run.journal.flatMap(({ event, from, data }) => {
        const isHeard = event === "DECIDED" && from?.startsWith("awaiting-approval") === true;
        const told = isHeard ? Decided.safeParse(data).data : undefined;
        return told?.approved === true ? [told.draft] : [];
      }),
    );
    return drafts.flatMap(({ draft, decided, outcome }) => {
      const isSettled = decided === "approved" && outcome !== null;
      const isBack = decided === "withdrawn" && wasWithdrawn(run);
      return !approved.has(draft) || isSettled || isBack || decided === "rejected"
        ? []
        : [`draft ${draft} of ${run.address} is ${decided}, with ${outcome ?? "no outcome"}`];
    });
  });
const Decided = z.object({ draft: z.number(), approved: z.boolean() });

/** Each draft has an actor that came to the end that its run knows; there is no actor of anything else. */
const ordersAndRunsAgree: Invariant = (end) => {
  const orders = new Map(actorsOf(end, "order").map(({ address, record }) => [address, record.state]));
  const known = new Map(
    runsOf(end).flatMap(({ record, journal }) =>
      draftsKept(record.snapshot).drafts.map(({ draft, decided, outcome }) => [
        orderAddress(birthOf(journal).run, draft),
        outcome ?? decided,
      ]),
    ),
  );
  const erased = new Set(erasedIn(end).map(({ address }) => nameOf(address)));
  return [
    ...[...known].flatMap(([address, state]) =>
      orders.get(address) === state || (state === "withdrawn" && orders.get(address) === "expired")
        ? []
        : [`${address} is ${orders.get(address) ?? "not there"}, and its run says ${state ?? "nothing"}`],
    ),
    ...[...orders.keys()]
      .filter((address) => !known.has(address) && !erased.has(nameOf(address).split("/")[0] ?? ""))
      .map((address) => `${address} is of no draft`),
  ];
};

export const orderInvariants: readonly Invariant[] = [noDraftIsSentTwice, noApprovedDraftIsLost, ordersAndRunsAgree];
