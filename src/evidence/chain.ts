/** The hash chain: one link a transition, each of the document's leaves in exactly one of them, in clear or as a salted commitment. */
import { quote } from "../core/canonical.ts";
import { labelledHash, sha256Base64url } from "./hashes.ts";
import { base64url, concat, shake256, utf8 } from "./platform.ts";

const SALT_BYTES = 16;
const SALTS = utf8("qoc.evidence/v1/salts");

/** What the first link's `prev` is a hash of. `amends` is canonical text. */
export type Genesis = {
  readonly schema: string;
  readonly evidence_id: string;
  readonly kind: string;
  readonly amends: string;
  readonly origin: string;
};

/** A link whose leaves are canonical text. Pointers stand in ascending UTF-16 order. */
export type LinkParts = {
  readonly seq: number;
  readonly step: string;
  readonly at: string;
  readonly open: readonly (readonly [pointer: string, json: string])[];
  readonly fields: readonly (readonly [pointer: string, commitment: string])[];
  readonly prev: string;
};

export const genesisHash = ({ schema, evidence_id, kind, amends, origin }: Genesis): string =>
  labelledHash(
    "qoc.evidence/v1/genesis",
    `{"amends":${amends},"evidence_id":${quote(evidence_id)},"kind":${quote(kind)},"origin":${quote(origin)},"schema":${quote(schema)}}`,
  );

export const linkHash = (linkText: string): string => labelledHash("qoc.evidence/v1/link", linkText);
export const sealHash = (sealText: string): string => labelledHash("qoc.evidence/v1/seal", sealText);

/** Four bytes, the highest first. */
export const uint32be = (count: number): Uint8Array =>
  Uint8Array.of(count >>> 24, (count >>> 16) & 0xff, (count >>> 8) & 0xff, count & 0xff);

/** The salts of one link in the order of its committed pointers, each in base64url. One SHAKE256 a link. */
export function saltsOf(key: Uint8Array, link: number, count: number): readonly string[] {
  if (count === 0) return [];
  const stream = shake256(concat(key, SALTS, uint32be(link)), SALT_BYTES * count);
  return Array.from({ length: count }, (_, index) =>
    base64url(stream.subarray(index * SALT_BYTES, (index + 1) * SALT_BYTES)),
  );
}

/** The salted disclosure of a leaf, as RFC 9901 writes one of an object's property. */
const disclosureOf = (salt: string, pointer: string, json: string): string =>
  base64url(utf8(`["${salt}",${quote(pointer)},${json}]`));

export const commitmentOf = (salt: string, pointer: string, json: string): string =>
  sha256Base64url(disclosureOf(salt, pointer, json));

/** The canonical text of a link. */
export function writeLink({ seq, step, at, open, fields, prev }: LinkParts): string {
  const committed = fields.map(([pointer, commitment]) => `${quote(pointer)}:"${commitment}"`).join(",");
  const clear = open.map(([pointer, json]) => `${quote(pointer)}:${json}`).join(",");
  return `{"at":${quote(at)},"fields":{${committed}},"open":{${clear}},"prev":"${prev}","seq":${seq},"step":${quote(step)}}`;
}
