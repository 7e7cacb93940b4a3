/** What a new epoch begins with: whether all of it is there, and what only the store still says. */
import path from "node:path";
import { addressesIn, erasedSeals, sealsTold } from "./adapters/log-known.ts";
import type { NewLeaf } from "./adapters/log-plan.ts";
import { LogRefused } from "./adapters/log-refused.ts";
import { birthOf } from "./core/delivery-journal.ts";
import { machineOf } from "./core/ids.ts";
import type { Entry, Store } from "./engine/ports.ts";
import { textIn } from "./evidence/journal.ts";
import { markOf } from "./evidence/log/mark.ts";
import { sealedIn } from "./main-evidence-log.ts";

type Runs = Pick<Store, "addresses" | "read" | "journal">;

/**
 * Of each run that is erased, or about to be: its envelopes are gone, or some of them. What it had in the log stands in what is left of it,
 * or in its journal, which goes last.
 */
export function* erasedLeaves(store: Runs): Generator<readonly NewLeaf[]> {
  for (const address of addressesIn(store)) {
    const state = store.read(address)?.state ?? "";
    if (machineOf(address) !== "delivery" || !state.startsWith("eras")) continue;
    const journal = store.journal(address);
    const leaves = state === "erased" ? ofErased(journal) : ofErasing(journal);
    if (leaves !== undefined) yield leaves;
  }
}

function ofErased(journal: readonly Entry[]): readonly NewLeaf[] | undefined {
  const tombstone = journal[0]?.data ?? null;
  const seals = erasedSeals(tombstone);
  const leaves = sealLeaves(textIn(tombstone, "mark"), seals);
  return leaves && [...leaves, ...seals.map((seal) => ({ kind: "erasure", of_seal: seal }) as const)];
}

/** Its erasure is logged by the effect, which is done again. */
function ofErasing(journal: readonly Entry[]): readonly NewLeaf[] | undefined {
  const { disclosure_key, evidence_id } = birthOf(journal);
  return sealLeaves(markOf(Buffer.from(disclosure_key, "base64url"), evidence_id), sealsTold(journal));
}

function sealLeaves(
  mark: string | undefined,
  [base, ...amendments]: readonly string[],
): readonly NewLeaf[] | undefined {
  if (base === undefined || mark === undefined) return undefined;
  return [
    { kind: "received", mark },
    { kind: "seal", seal: base },
    ...amendments.map((seal) => ({ kind: "amendment", seal, of_seal: base }) as const),
  ];
}

/**
 * Before the first step, which there is no way back from: every document can be read, and each amendment has its envelope. `aside` are the
 * names of those that will not be logged.
 * @throws LogRefused
 */
export function requireSealed(evidence: string, store: Runs, aside: readonly string[]): void {
  const all = sealedIn(evidence);
  const bases = new Set(all.flatMap(({ amends, integrity }) => (amends === null ? integrity.seal_hash : [])));
  const alone = all.filter(
    ({ amends, evidence_id }) =>
      amends !== null && !bases.has(amends.seal_hash) && !aside.includes(`${evidence_id}.json`),
  );
  if (alone.length === 0) return;
  for (const leaves of erasedLeaves(store)) for (const leaf of leaves) if (leaf.kind === "seal") bases.add(leaf.seal);
  const first = alone.find(({ amends }) => amends !== null && !bases.has(amends.seal_hash));
  if (first !== undefined)
    throw new LogRefused(
      `${path.join(evidence, `${first.evidence_id}.json`)} amends an envelope that is not there: put that back from a backup`,
    );
}
