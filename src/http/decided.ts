/** What became of a decision, read from the run's own journal: whether it counted, and if not, what had come before it. */
import { z } from "zod";
import { isDeepStrictEqual } from "node:util";
import type { DeliveryEvent } from "../core/delivery.ts";
import { type Instant, nameOf } from "../core/ids.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import type { DraftKept } from "./draft-views.ts";

type Decided = Extract<DeliveryEvent, { readonly type: "DECIDED" }>;
const DecidedData = z.object({
  draft: z.number(),
  approved: z.boolean(),
  approver: z.string().nullable(),
  reason: z.string(),
});

/** A sentence for the one who decided; undefined when these entries, written since it was posted, do not show that it counted. */
export function becameOf(event: Decided, after: ActorRecord, since: readonly Entry[]): string | undefined {
  const { type: _type, ...told } = event;
  const entry = since.find(({ event: name, data }) => name === "DECIDED" && isDeepStrictEqual(data, told));
  const claims = entry?.observations.map(({ name }) => name) ?? [];
  const { draft, approved } = event;
  if (claims.includes("approval_decided")) {
    const state = after.state.startsWith("awaiting-approval")
      ? "others of this run are still open"
      : `the run is ${after.state}`;
    return `Draft ${draft} is ${approved ? "approved" : "rejected"}; ${state}.`;
  }
  return claims.includes("approval_given")
    ? `The approval of draft ${draft} counts; another approver is wanted.`
    : undefined;
}

/** Why nobody can decide this draft any more, or yet. */
export function whyClosed(kept: DraftKept, record: ActorRecord, journal: readonly Entry[]): string {
  const run = nameOf(record.address);
  if (record.parked !== null) return `run ${run} is set aside, only resume moves it: ${record.parked.reason}`;
  const by = decidedBy(kept.draft, journal);
  if (by !== undefined)
    return `draft ${kept.draft} was ${by.approved ? "approved" : "rejected"} before, by ${by.approver ?? "somebody who did not sign"}`;
  if (journal.some(({ event }) => event === "CANCEL")) return `run ${run} was cancelled`;
  if (journal.some(({ from, event }) => isExpiry(from, event)))
    return `the time to decide draft ${kept.draft} is over: it expired`;
  return `run ${run} is ${record.state}: its drafts are decided once its agent is done`;
}

type DecisionFound = z.infer<typeof DecidedData> & { readonly at: Instant };

/** The decision that closed this draft. */
export function decidedBy(draft: number, journal: readonly Entry[]): DecisionFound | undefined {
  for (const { event, data, at, observations } of journal) {
    if (event !== "DECIDED" || !observations.some(({ name }) => name === "approval_decided")) continue;
    const told = DecidedData.safeParse(data).data;
    if (told?.draft === draft) return { ...told, at };
  }
  return undefined;
}

/** XState's own name of a delayed transition, in the state that waits for decisions. */
const isExpiry = (from: string | null, event: string): boolean =>
  from !== null && from.startsWith("awaiting-approval") && event.includes("approvalTimeout");
