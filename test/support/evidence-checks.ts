/** What holds for the sealed evidence of a desk after any number of crashes. */
import { z } from "zod";
import { amendmentIdOf } from "../../src/evidence/amendment.ts";
import type { Envelope } from "../../src/evidence/envelope.ts";
import { observed, type Check } from "./audit-check.ts";
import type { StoppedDesk } from "./stopped-desk.ts";

const Sealed = z.object({ seal_hash: z.string() });

/** Every envelope and amendment verifies: signed by the desk's key, all artifacts at hand. */
const everythingVerifies: Check = ({ evidence }) =>
  evidence
    .filter(({ verdict }) => !verdict.ok || verdict.level !== "E2")
    .map(({ file, verdict }) => `${file} does not verify: ${verdict.level} ${verdict.codes.join(", ")}`);

/** Every run has the one envelope that its birth named and that its journal took in. */
const everyRunHasOneEnvelope: Check = (desk) => {
  const documents = documentsOf(desk);
  return desk.runs.flatMap(({ run, evidence_id, journal }) => {
    const hash = documents.get(`${evidence_id}.json`)?.integrity.seal_hash;
    const sealed = journal.find(({ event }) => event === "SEALED")?.data;
    return hash !== undefined && hash === Sealed.safeParse(sealed).data?.seal_hash
      ? []
      : [`${run} has no envelope, or another than its journal`];
  });
};

/** A run has an amendment for each redelivery that owed one, in order, each naming the one before it. */
const everyAmendmentIsThereInOrder: Check = (desk) => {
  const documents = documentsOf(desk);
  return desk.runs.flatMap((run) => {
    const base = documents.get(`${run.evidence_id}.json`);
    let before = base?.integrity.seal_hash;
    return observed(run, "amendment_owed").flatMap((_, at) => {
      const found = documents.get(`${amendmentIdOf(run.evidence_id, at + 1)}.json`);
      const follows =
        found?.amends?.ordinal === at + 1 &&
        found.amends.seal_hash === base?.integrity.seal_hash &&
        found.amends.prev_seal_hash === before;
      before = found?.integrity.seal_hash;
      return follows ? [] : [`amendment ${at + 1} of ${run.run} is missing or follows another`];
    });
  });
};

/** There is no evidence of anything else. */
const noEvidenceIsOrphaned: Check = ({ runs, evidence }) => {
  const named = new Set(
    runs.flatMap((run) => [
      `${run.evidence_id}.json`,
      ...observed(run, "amendment_owed").map((_, at) => `${amendmentIdOf(run.evidence_id, at + 1)}.json`),
    ]),
  );
  return evidence.filter(({ file }) => !named.has(file)).map(({ file }) => `${file} is evidence of no run`);
};

/** What was observed before the outcome stands in the envelope, once. */
const envelopesTellOfRedeliveries: Check = (desk) => {
  const documents = documentsOf(desk);
  return desk.runs.flatMap(({ run, evidence_id, journal }) => {
    const end = journal.findIndex(({ observations }) => observations.some(({ name }) => name === "outcome_decided"));
    const before = journal.slice(0, end).filter(({ event }) => event === "REDELIVERED").length;
    const told = documents.get(`${evidence_id}.json`)?.observations.filter(({ name }) => redeliveries.has(name)).length;
    return told === before ? [] : [`the envelope of ${run} tells of ${told ?? "no"} redeliveries, not of ${before}`];
  });
};

/** Each run was logged as received, and nothing of what was logged is missing. */
const nothingIsLeftOut: Check = ({ audit, runs }) => [
  ...audit.findings.map(({ code, index, about }) => `${code} of ${about}, leaf ${index ?? "none"}`),
  ...(audit.received === runs.length
    ? []
    : [`${audit.received} deliveries were logged as received, not ${runs.length}`]),
];

const redeliveries: ReadonlySet<string> = new Set(["duplicate_received", "conflict_received", "replay_suspected"]);

export const evidenceChecks: readonly Check[] = [
  everythingVerifies,
  everyRunHasOneEnvelope,
  everyAmendmentIsThereInOrder,
  noEvidenceIsOrphaned,
  envelopesTellOfRedeliveries,
  nothingIsLeftOut,
];

const documentsOf = ({ evidence }: StoppedDesk): ReadonlyMap<string, Envelope> =>
  new Map(
    evidence.flatMap(({ file, verdict }) => (verdict.document === null ? [] : [[file, verdict.document] as const])),
  );
