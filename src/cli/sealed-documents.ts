/** An envelope and its amendments in their order, by the log: what it names and nobody has shows, and what nobody logged too. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { amendmentIdOf } from "../evidence/amendment.ts";
import type { NumberedLeaf } from "../evidence/log/audit.ts";

const Head = z.object({
  evidence_id: z.string(),
  amends: z.object({ evidence_id: z.string() }).nullable(),
  generated_at: z.string(),
  artifacts: z.array(z.unknown()),
  observations: z.array(z.object({ name: z.string() })),
  integrity: z.object({ seal_hash: z.string() }),
});
type Head = z.infer<typeof Head>;

export type SealedDocument = {
  /** 0 is the envelope. Null where the log has a leaf of which nobody has the document. */
  readonly ordinal: number | null;
  readonly evidence_id: string | null;
  readonly seal_hash: string;
  readonly sealed_at: string | null;
  /** Null when it is not logged. */
  readonly index: number | null;
  readonly adds: { readonly observations: readonly string[]; readonly artifacts: number } | null;
};

/** How many amendments of an envelope lie there, going by their names, which follow from its id. */
export function amendmentsThere(evidenceId: string, isThere: (file: string) => boolean): number {
  let count = 0;
  while (isThere(`${amendmentIdOf(evidenceId, count + 1)}.json`)) count += 1;
  return count;
}

/**
 * `file` is an envelope or one of its amendments, and the others lie in its folder. Undefined when there is no envelope that can be read.
 * `leaves` are those of the log, if there is one.
 */
export function sealedDocuments(file: string, leaves: Iterable<NumberedLeaf>): readonly SealedDocument[] | undefined {
  const folder = path.dirname(file);
  const given = headOf(file);
  const base = given?.amends ? headOf(path.join(folder, `${given.amends.evidence_id}.json`)) : given;
  if (base === undefined) return undefined;
  const logged = loggedOf(base.integrity.seal_hash, leaves);
  const there = amendmentsThere(base.evidence_id, (name) => existsSync(path.join(folder, name)));
  // One that is away leaves a gap in the names; the log says how many there are at least.
  const count = Math.max(there, logged.size - 1);
  const amendments = Array.from({ length: count }, (_, at) =>
    headOf(path.join(folder, `${amendmentIdOf(base.evidence_id, at + 1)}.json`)),
  );
  const known = [base, ...amendments].flatMap((head, ordinal) => (head === undefined ? [] : { head, ordinal }));
  const seals = new Set(known.map(({ head }) => head.integrity.seal_hash));
  return [
    ...known.map(({ head, ordinal }) => documentOf(head, ordinal, logged.get(head.integrity.seal_hash) ?? null)),
    ...[...logged].filter(([seal]) => !seals.has(seal)).map(([seal, index]) => missing(seal, index)),
  ];
}

function headOf(file: string): Head | undefined {
  try {
    return Head.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

/** The seal and the amendments that name its leaf, each with its number. */
function loggedOf(seal: string, leaves: Iterable<NumberedLeaf>): ReadonlyMap<string, number> {
  const logged = new Map<string, number>();
  let base = -1;
  for (const { index, leaf } of leaves) {
    const isBase = leaf.kind === "seal" && leaf.seal === seal;
    if (isBase) base = index;
    if (isBase || (leaf.kind === "amendment" && leaf.of === base)) logged.set(leaf.seal, index);
  }
  return logged;
}

const documentOf = (head: Head, ordinal: number, index: number | null): SealedDocument => ({
  ordinal,
  evidence_id: head.evidence_id,
  seal_hash: head.integrity.seal_hash,
  sealed_at: head.generated_at,
  index,
  adds: { observations: head.observations.map(({ name }) => name), artifacts: head.artifacts.length },
});

const missing = (seal_hash: string, index: number): SealedDocument => ({
  ordinal: null,
  evidence_id: null,
  seal_hash,
  sealed_at: null,
  index,
  adds: null,
});
