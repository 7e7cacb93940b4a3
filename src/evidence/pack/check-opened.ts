/** Checks of what is opened of artifacts, and the grade of each observation as far as its basis is opened. */
import type { IJsonValue } from "../../core/json.ts";
import { grade, type Graded, type Weighed } from "../check-artifacts.ts";
import type { Envelope } from "../envelope.ts";
import type { Finding } from "../verify-codes.ts";

/** Every leaf of the document, undefined where closed. */
type Leaves = ReadonlyMap<string, IJsonValue | undefined>;

const BASIS = /^(\/(?:observations|execution\/steps)\/[0-9]+)\/(?:basis_)?artifact_ids\/[0-9]+$/;

export function* checkOpened(leaves: Leaves, { artifacts }: Envelope, atHand: Weighed): Iterable<Finding> {
  const known = new Set<IJsonValue>(artifacts.map(({ id }) => id));
  for (const [pointer, id] of leaves) {
    const at = BASIS.exec(pointer)?.[1];
    if (at !== undefined && id !== undefined && !known.has(id)) yield { code: "BASIS_UNKNOWN", at };
  }
  for (const index of artifacts.keys()) {
    const at = `/artifacts/${index}`;
    const sent = leaves.get(`${at}/sha256`);
    const sha256 = typeof sent === "string" ? sent : undefined;
    const uri = leaves.get(`${at}/content_uri`);
    if (uri !== undefined && (sha256 === undefined ? !isHashUri(uri) : uri !== `urn:sha256:${sha256}`))
      yield { code: "URI_MISMATCH", at: `${at}/content_uri` };
    const found = sha256 === undefined ? undefined : atHand(sha256);
    const length = leaves.get(`${at}/bytes`);
    if (found !== undefined && (!found.fits || (length !== undefined && length !== found.length)))
      yield { code: "ARTIFACT_MISMATCH", at };
  }
}

const isHashUri = (value: IJsonValue): boolean => typeof value === "string" && /^urn:sha256:[0-9a-f]{64}$/.test(value);

/** An observation whose basis is closed in any part is B, whatever is at hand. */
export function gradeOpened(leaves: Leaves, envelope: Envelope, atHand: Weighed): readonly Graded[] {
  const opened = new Set(envelope.artifacts.map((_, index) => leaves.get(`/artifacts/${index}/sha256`)));
  const withheld = new Set(
    [...leaves].flatMap(([pointer, value]) => (value === undefined ? (BASIS.exec(pointer)?.[1] ?? []) : [])),
  );
  const graded = grade(envelope, (sha256) => (opened.has(sha256) ? atHand(sha256) : undefined));
  return graded.map(({ name, grade: found }, index) => ({
    name,
    grade: withheld.has(`/observations/${index}`) ? "B" : found,
  }));
}
