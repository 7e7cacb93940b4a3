/** Checks of the chain against the document: genesis to head, every leaf once, in clear or under the commitment that it gives. */
import { atPointer, isArray, type IJsonObject, type IJsonValue } from "../core/json.ts";
import { canonical } from "../core/canonical.ts";
import { commitmentOf, genesisHash, linkHash, saltsOf } from "./chain.ts";
import type { Envelope, Link } from "./envelope.ts";
import { isOpen, leavesOf } from "./leaves.ts";
import { base64url } from "./platform.ts";
import type { Finding, VerifyCode } from "./verify-codes.ts";

const finding = (code: VerifyCode, at: string): Finding => ({ code, at });
const placeOf = (index: number): string => `/integrity/hash_chain/${index}`;

/** `links` are the canonical texts of the chain's links. */
export function* checkLinks(links: readonly string[], { integrity, ...document }: Envelope): Iterable<Finding> {
  const { hash_chain, seal, head_entry_hash } = integrity;
  let expected = genesisHash({
    schema: document.schema,
    evidence_id: document.evidence_id,
    kind: document.kind,
    amends: canonical(document.amends),
    origin: seal.origin,
  });
  for (const [index, text] of links.entries()) {
    const link = hash_chain[index];
    if (link?.seq !== index) yield finding("LINK_OUT_OF_ORDER", placeOf(index));
    if (link?.prev !== expected) yield finding("LINK_BROKEN", placeOf(index));
    expected = linkHash(text);
  }
  if (head_entry_hash !== expected) yield finding("HEAD_MISMATCH", "/integrity/head_entry_hash");
  if (seal.head_entry_hash !== expected) yield finding("HEAD_MISMATCH", "/integrity/seal/head_entry_hash");
  if (seal.chain_length !== hash_chain.length) yield finding("CHAIN_LENGTH_MISMATCH", "/integrity/seal/chain_length");
  const committed = hash_chain.reduce((sum, { fields }) => sum + fields.size, 0);
  if (seal.field_count !== committed) yield finding("FIELD_COUNT_MISMATCH", "/integrity/seal/field_count");
}

export function* checkLeaves(tree: IJsonObject, { integrity, observations }: Envelope): Iterable<Finding> {
  const leaves = leavesOf(new Map([...tree].filter(([name]) => name !== "integrity")));
  const nameOf = (index: number): string | undefined => observations[index]?.name;
  const seen = new Set<string>();
  for (const [index, link] of integrity.hash_chain.entries()) {
    for (const [pointer, json] of shownBy(link, index, integrity.disclosure_key, leaves)) {
      const leaf = leaves.get(pointer);
      const at = `${placeOf(index)} ${pointer}`;
      if (seen.has(pointer)) yield finding("POINTER_REPEATED", at);
      seen.add(pointer);
      if (leaf === undefined) yield finding("POINTER_DANGLING", at);
      else if (isOpen(pointer, leaf, nameOf) !== link.open.has(pointer)) yield finding("LEAF_MISCLASSED", at);
      else if (json !== leaf) yield finding(link.open.has(pointer) ? "OPEN_MISMATCH" : "COMMITMENT_MISMATCH", at);
    }
  }
  for (const pointer of leaves.keys()) if (!seen.has(pointer)) yield finding("LEAF_UNCOVERED", pointer);
}

export function* checkPlaces({ integrity, observations, generated_at }: Envelope): Iterable<Finding> {
  const { hash_chain, seal } = integrity;
  const linkOf = new Map(hash_chain.flatMap((link) => [...link.open.keys()].map((pointer) => [pointer, link])));
  for (const [index, { state, at }] of observations.entries()) {
    const link = linkOf.get(`/observations/${index}/id`);
    if (link?.step !== state || link.at !== at) yield finding("OBSERVATION_MISPLACED", `/observations/${index}`);
  }
  if (seal.sealed_at !== generated_at || hash_chain.at(-1)?.at !== generated_at)
    yield finding("TIME_MISMATCH", "/generated_at");
}

/** The canonical texts of the links. */
export function linkTexts(tree: IJsonObject): readonly string[] {
  const links: IJsonValue | undefined = atPointer(tree, "/integrity/hash_chain");
  return isArray(links) ? links.map((link) => canonical(link)) : [];
}

/** Each pointer of a link with the text of the leaf that it vouches for; undefined for a commitment to something else. */
function* shownBy(
  { open, fields }: Link,
  index: number,
  key: Uint8Array,
  leaves: ReadonlyMap<string, string>,
): Iterable<readonly [pointer: string, json: string | undefined]> {
  for (const [pointer, value] of open) yield [pointer, canonical(value)];
  const salts = saltsOf(key, index, fields.size);
  let place = 0;
  for (const [pointer, sent] of fields) {
    const leaf = leaves.get(pointer);
    const ours = leaf === undefined ? undefined : commitmentOf(salts[place] ?? "", pointer, leaf);
    yield [pointer, ours === base64url(sent) ? leaf : undefined];
    place += 1;
  }
}
