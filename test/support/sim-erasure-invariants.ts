/** What holds for the runs that people had erased in a simulated world. */
import { tombstoneIn } from "../../src/core/delivery-journal.ts";
import { nameOf, type Address } from "../../src/core/ids.ts";
import { verifyPack } from "../../src/evidence/pack/verify-pack.ts";
import type { Entry } from "../../src/engine/ports.ts";
import { sha256OfBytes } from "../../src/ingress/artifacts.ts";
import { erasedIn, type Invariant } from "./sim-runs.ts";
import type { SimEnd } from "./sim-world.ts";

export const packsIn = (journal: readonly Entry[]): readonly string[] =>
  tombstoneIn(journal)?.seals.flatMap(({ pack }) => pack ?? []) ?? [];

/** What was sent to a run, and hashes of it: each must be nowhere but where another run, or a person's own file, has it. */
function wordsFor({ attempts }: SimEnd, address: Address): readonly string[] {
  return attempts.flatMap(({ answer, message: { body, id } }) => {
    if (answer?.kind !== "accepted" || `delivery/${answer.run}` !== address) return [];
    return [JSON.stringify(body), body, sha256OfBytes(Buffer.from(body)), ...(id === null ? [] : [`"${id}"`])];
  });
}

/** Of an erased run neither record, journal, index, waiting mail nor evidence holds anything that was sent to it, nor a hash of that. */
const erasedRunsHoldNothing: Invariant = (end) =>
  erasedIn(end).flatMap(({ address, record, journal }) => {
    const packs = new Set(packsIn(journal).map((file) => file.slice(".qoc/evidence/".length)));
    const kept = JSON.stringify([
      record,
      journal,
      [...end.state.index.values()].filter(({ hit }) => hit.address === address),
      [...end.store.mail()].filter(({ mail }) => mail.to === address),
      [...end.disk.evidence].filter(([name]) => packs.has(name)).map(([, bytes]) => Buffer.from(bytes).toString()),
    ]);
    return wordsFor(end, address)
      .filter((word) => kept.includes(word))
      .map((word) => `${address} still holds ${word}`);
  });

/** No bytes are kept that only an erased run was sent. */
const erasedBytesAreGone: Invariant = (end) => {
  const named = JSON.stringify([...end.state.journals.values()]);
  return erasedIn(end).flatMap(({ address }) =>
    wordsFor(end, address)
      .filter((word) => /^[0-9a-f]{64}$/.test(word) && !named.includes(word))
      .filter((word) => [...end.state.artifacts.keys()].some((sha256) => sha256 === word))
      .map((word) => `the bytes ${word} of ${address} are still there`),
  );
};

/** A page of an erased run is there only as a person has edited it. */
const erasedPagesAreEdited: Invariant = (end) => {
  const runs = new Set(erasedIn(end).map(({ address }) => nameOf(address)));
  return [...end.disk.inbox].flatMap(([name, bytes]) => {
    const text = Buffer.from(bytes).toString();
    const run = /^run: "?([0-9a-f-]{36})/m.exec(text)?.[1] ?? "";
    return runs.has(run) && !text.endsWith("\nSeen.\n") ? [`${name} of an erased run is still there`] : [];
  });
};

/** Each seal of an erased run has a pack that verifies and opens nothing, an erasure in the log, and no document any more. */
const erasedEvidenceVerifies: Invariant = ({ disk, ...end }) =>
  erasedIn({ disk, ...end }).flatMap(({ address, journal }) => {
    const seals = tombstoneIn(journal)?.seals ?? [];
    const wrong = seals.filter(({ evidence_id, seal_hash, pack }) => {
      const bytes = disk.evidence.get(`${evidence_id}.erased.json`);
      if (bytes === undefined || pack === null) return true;
      const { ok, level, evidence_id: of, closed, erased } = verifyPack(bytes, { keys: [disk.publicKey] });
      const isSound = ok && level === "E2" && of === evidence_id && erased === closed && erased > 0;
      return !isSound || disk.evidence.has(`${evidence_id}.json`) || !disk.erasures.has(seal_hash);
    });
    return [
      ...(seals.length === 0 ? [`${address} has no seal`] : []),
      ...wrong.map(({ evidence_id }) => `${evidence_id} of ${address} is not erased as it should be`),
    ];
  });

export const erasureInvariants: readonly Invariant[] = [
  erasedRunsHoldNothing,
  erasedBytesAreGone,
  erasedPagesAreEdited,
  erasedEvidenceVerifies,
];
