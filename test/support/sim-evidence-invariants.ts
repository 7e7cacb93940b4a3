/** What holds for the evidence of a simulated world once it has come to rest. */
import { sha256Of } from "../../src/core/ids.ts";
import { birthOf } from "../../src/core/delivery-journal.ts";
import { amendmentIdOf } from "../../src/evidence/amendment.ts";
import { verify } from "../../src/evidence/verify.ts";
import { packsIn } from "./sim-erasure-invariants.ts";
import { erasedIn, runsOf, valuesOf, type Invariant, type Run } from "./sim-runs.ts";
import type { SimEnd } from "./sim-world.ts";

/** What was sealed once was never to be sealed with other bytes. */
const envelopesNeverChange: Invariant = ({ disk }) => disk.outrages;

/** Every envelope and amendment verifies: signed by the desk's key, with all artifacts at hand. */
const everythingVerifies: Invariant = ({ disk, state }) =>
  [...disk.evidence].flatMap(([name, bytes]) => {
    if (name.endsWith(".erased.json")) return [];
    const verdict = verify(bytes, {
      keys: [disk.publicKey],
      origin: "localhost/equity-desk",
      artifact: (sha256) => state.artifacts.get(sha256Of(sha256)),
    });
    return verdict.ok ? [] : [`${name}: ${verdict.level} ${verdict.codes.join(", ")}`];
  });

/** Each run has the one envelope that its birth named, as its journal took it in. */
const everyRunHasItsEnvelope: Invariant = (end) =>
  runsOf(end).flatMap(({ address, journal }) => {
    const hash = sealHashIn(end, birthOf(journal).evidence_id);
    const sealed = journal.find(({ event }) => event === "SEALED")?.data;
    return hash !== undefined && JSON.stringify(sealed ?? "").includes(hash)
      ? []
      : [`${address} has no envelope of its own`];
  });

/** The amendments of a run count up from 1, one for each that was owed, each behind the one before. */
const amendmentsAreContiguous: Invariant = (end) =>
  runsOf(end).flatMap((run) => {
    const { evidence_id } = birthOf(run.journal);
    const base = sealHashIn(end, evidence_id);
    let prev = base;
    return owedBy(run).flatMap((owed, at) => {
      const found = documentOf(end, amendmentIdOf(evidence_id, at + 1));
      const { ordinal, seal_hash, prev_seal_hash } = found?.amends ?? {};
      const isNext = owed === at + 1 && ordinal === owed && seal_hash === base && prev_seal_hash === prev;
      prev = found?.integrity.seal_hash;
      return isNext ? [] : [`amendment ${at + 1} of ${run.address} is missing or out of order`];
    });
  });

/** There is no evidence of anything else. */
const noEvidenceIsOrphaned: Invariant = (end) => {
  const named = new Set(
    runsOf(end).flatMap((run) => {
      const { evidence_id } = birthOf(run.journal);
      return [evidence_id, ...owedBy(run).map((_, at) => amendmentIdOf(evidence_id, at + 1))];
    }),
  );
  const packs = new Set(erasedIn(end).flatMap(({ journal }) => packsIn(journal)));
  return [...end.disk.evidence.keys()].filter(
    (name) => !named.has(name.slice(0, -".json".length)) && !packs.has(`.qoc/evidence/${name}`),
  );
};

export const evidenceInvariants: readonly Invariant[] = [
  envelopesNeverChange,
  everythingVerifies,
  everyRunHasItsEnvelope,
  amendmentsAreContiguous,
  noEvidenceIsOrphaned,
];

const owedBy = ({ journal }: Run): readonly unknown[] => valuesOf(journal, "amendment_owed");

type Sealed = {
  readonly amends: { readonly ordinal: number; readonly seal_hash: string; readonly prev_seal_hash: string } | null;
  readonly integrity: { readonly seal_hash: string };
};

function documentOf({ disk }: SimEnd, id: string): Sealed | undefined {
  const bytes = disk.evidence.get(`${id}.json`);
  if (bytes === undefined) return undefined;
  const document: Sealed = JSON.parse(Buffer.from(bytes).toString());
  return document;
}

const sealHashIn = (end: SimEnd, id: string): string | undefined => documentOf(end, id)?.integrity.seal_hash;
