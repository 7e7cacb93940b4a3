/** What an envelope and its amendments are sealed from, as it is read out of a run's journal: the same whenever it is read. */
import { birthOf } from "../core/delivery-journal.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import type { Amends, SealJob } from "./jobs.ts";

export type SealParts = Pick<SealJob, "birth" | "machine" | "entries" | "amends">;
type Made = Pick<ActorRecord, "machine" | "version" | "definition">;

/**
 * The journal up to and with the entry that decided the outcome; undefined while none did. Not up to the one that asked for the seal:
 * one that was written and reported as failed must come out the same when it is asked for again.
 */
export function envelopeParts(record: Made, journal: readonly Entry[]): SealParts | undefined {
  const decided = journal.findIndex(({ observations }) => observations.some(({ name }) => name === "outcome_decided"));
  if (decided < 0) return undefined;
  return { birth: birthOf(journal), machine: machineIn(record), entries: journal.slice(0, decided + 1), amends: null };
}

/** The one entry that owes the amendment of this ordinal; undefined when there is none. */
export function amendmentParts(
  record: Made,
  journal: readonly Entry[],
  { ordinal, seal_hash, prev_seal_hash }: Omit<Amends, "evidence_id">,
): SealParts | undefined {
  const owed = journal.filter(({ observations }) =>
    observations.some(({ name, value }) => name === "amendment_owed" && value === ordinal),
  );
  if (owed.length !== 1) return undefined;
  const birth = birthOf(journal);
  const amends = { evidence_id: birth.evidence_id, seal_hash, ordinal, prev_seal_hash };
  return { birth, machine: machineIn(record), entries: owed, amends };
}

const machineIn = ({ machine, version, definition }: Made): SealParts["machine"] => ({
  id: machine,
  version,
  definition,
});
