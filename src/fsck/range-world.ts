/** What a thread of `qoc fsck` is born with, and what it makes of that. */
import { join } from "node:path";
import { signerOf, type EvidenceKeys } from "../adapters/key-files.ts";
import type { IndexRow } from "../engine/ports.ts";
import { knownKeyOf } from "../evidence/keys.ts";
import type { ActorWorld } from "./check-actor.ts";
import type { Range } from "./check-range.ts";

export const RANGE_ACTORS = 256;

/** Up to which ordinal there are actors, and how many ranges were taken: one number that all threads share. */
export type Ranges = { readonly last: number; readonly taken: SharedArrayBuffer };

/** The next one that nobody has taken; undefined when all are. */
export function nextRange({ last, taken }: Ranges): Range | undefined {
  const from = Atomics.add(new Int32Array(taken), 0, 1) * RANGE_ACTORS;
  return from < last ? { from, to: Math.min(last, from + RANGE_ACTORS) } : undefined;
}

/** Plain data. `keys` are PEMs; `indexRows` counts the rows of the index by ordinal. */
export type FsckWorkerData = {
  readonly dir: string;
  readonly origin: string;
  readonly keys: readonly string[];
  readonly signing: EvidenceKeys | undefined;
  readonly behind: ReadonlyMap<string, IndexRow>;
  readonly indexRows: SharedArrayBuffer;
  readonly ranges: Ranges;
};

export function worldOf({
  dir,
  origin,
  keys,
  signing,
  behind,
  indexRows,
}: Omit<FsckWorkerData, "ranges">): Omit<ActorWorld, "survey"> {
  const counts = new Uint32Array(indexRows);
  return {
    dir,
    evidence: join(dir, ".qoc", "evidence"),
    origin,
    keys: keys.flatMap((pem) => knownKeyOf(pem) ?? []),
    signer: signing && signerOf(signing),
    notes: new Map(),
    isBehind: (run) => behind.get(run),
    indexRows: (ordinal) => counts[ordinal] ?? 0,
  };
}
