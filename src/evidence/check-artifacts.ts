/** Checks of artifacts and of what rests on them, and the grade of each observation. */
import type { Envelope } from "./envelope.ts";
import { sha256Hex } from "./hashes.ts";
import type { Finding } from "./verify-codes.ts";

/** A: recomputable from bytes at hand. B: its basis is committed, but withheld or of no use without a secret. C: no basis. */
export type Grade = "A" | "B" | "C";
export type Graded = { readonly name: string; readonly grade: Grade };
/** The bytes of an artifact where the reader has them. */
export type AtHand = (sha256: string) => Uint8Array | undefined;
/** How many bytes are at hand for a hash, and whether they are its own. */
export type Weighed = (sha256: string) => { readonly length: number; readonly fits: boolean } | undefined;

/** Asks for each hash once and keeps no bytes: a hostile document may name one large artifact very many times. */
export function weighing(atHand: AtHand): Weighed {
  const known = new Map<string, ReturnType<Weighed>>();
  return (sha256) => {
    if (!known.has(sha256)) {
      const bytes = atHand(sha256);
      known.set(sha256, bytes && { length: bytes.length, fits: sha256Hex(bytes) === sha256 });
    }
    return known.get(sha256);
  };
}

/** What cannot be recomputed from any bytes, because a secret went into it. */
const NEEDS_SECRET: ReadonlySet<string> = new Set(["signature_verified", "raw_bytes_committed"]);

export function* checkIds({ artifacts, observations, execution }: Envelope): Iterable<Finding> {
  const lists = [
    { items: artifacts, letter: "a", at: "/artifacts" },
    { items: observations, letter: "o", at: "/observations" },
    { items: execution.steps, letter: "s", at: "/execution/steps" },
  ];
  for (const { items, letter, at } of lists)
    for (const [index, { id }] of items.entries())
      if (id !== `${letter}${index + 1}`) yield { code: "ID_UNEXPECTED", at: `${at}/${index}/id` };
  const known = new Set(artifacts.map(({ id }) => id));
  const resting = [
    ...observations.map(({ basis_artifact_ids }, index) => ({ ids: basis_artifact_ids, at: `/observations/${index}` })),
    ...execution.steps.map(({ artifact_ids }, index) => ({ ids: artifact_ids, at: `/execution/steps/${index}` })),
  ];
  for (const { ids, at } of resting) if (ids.some((id) => !known.has(id))) yield { code: "BASIS_UNKNOWN", at };
}

export function* checkBytes({ artifacts }: Envelope, atHand: Weighed): Iterable<Finding> {
  for (const [index, { sha256, content_uri, bytes }] of artifacts.entries()) {
    if (content_uri !== `urn:sha256:${sha256}`) yield { code: "URI_MISMATCH", at: `/artifacts/${index}/content_uri` };
    const found = atHand(sha256);
    if (found !== undefined && (found.length !== bytes || !found.fits))
      yield { code: "ARTIFACT_MISMATCH", at: `/artifacts/${index}` };
  }
}

export function grade({ artifacts, observations }: Envelope, atHand: Weighed): readonly Graded[] {
  const hashes = new Map(artifacts.map(({ id, sha256 }) => [id, sha256]));
  const matches = (id: string): boolean => {
    const sha256 = hashes.get(id);
    return sha256 !== undefined && atHand(sha256)?.fits === true;
  };
  return observations.map(({ name, basis_artifact_ids }) => {
    if (basis_artifact_ids.length === 0) return { name, grade: "C" };
    return { name, grade: !NEEDS_SECRET.has(name) && basis_artifact_ids.every(matches) ? "A" : "B" };
  });
}
