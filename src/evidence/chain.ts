/** The hash chain: one link a transition, each of the document's leaves in exactly one of them, in clear or as a salted commitment. */
import { createHash } from "node:crypto";
import { quote } from "../core/canonical.ts";
import { labelledHash, sha256Base64url } from "./hashes.ts";

const SALT_BYTES = 16;

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

/** The salts of one link in the order of its committed pointers, each in base64url. One SHAKE256 a link. */
export function saltsOf(key: Uint8Array, link: number, count: number): readonly string[] {
  if (count === 0) return [];
  const place = Buffer.alloc(4);
  place.writeUInt32BE(link);
  const stream = createHash("shake256", { outputLength: SALT_BYTES * count })
    .update(key)
    .update("qoc.evidence/v1/salts")
    .update(place)
    .digest();
  return Array.from({ length: count }, (_, index) =>
    stream.toString("base64url", index * SALT_BYTES, (index + 1) * SALT_BYTES),
  );
}

/** The salted disclosure of a leaf, as RFC 9901 writes one of an object's property. */
const disclosureOf = (salt: string, pointer: string, json: string): string =>
  Buffer.from(`["${salt}",${quote(pointer)},${json}]`).toString("base64url");

export const commitmentOf = (salt: string, pointer: string, json: string): string =>
  sha256Base64url(disclosureOf(salt, pointer, json));

/** The canonical text of a link. */
export function writeLink({ seq, step, at, open, fields, prev }: LinkParts): string {
  const committed = fields.map(([pointer, commitment]) => `${quote(pointer)}:"${commitment}"`).join(",");
  const clear = open.map(([pointer, json]) => `${quote(pointer)}:${json}`).join(",");
  return `{"at":${quote(at)},"fields":{${committed}},"open":{${clear}},"prev":"${prev}","seq":${seq},"step":${quote(step)}}`;
}
