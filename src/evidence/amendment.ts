/** What an amendment derives from the envelope that it amends, so that sealing it again gives the same bytes. */
import { quote } from "../core/canonical.ts";
import { uint32be } from "./chain.ts";
import { labelledHash } from "./hashes.ts";
import { concat, hmacSha256, utf8 } from "./platform.ts";

/** A UUIDv8 (RFC 9562, 5.8) over the envelope's id and the ordinal. */
export function amendmentIdOf(evidenceId: string, ordinal: number): string {
  const hex = labelledHash("qoc.evidence/v1/amendment", `{"evidence_id":${quote(evidenceId)},"ordinal":${ordinal}}`);
  const variant = ((Number.parseInt(hex.slice(16, 18), 16) & 0x3f) | 0x80).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(18, 20)}-${hex.slice(20, 32)}`;
}

/** Who lacks the envelope's key can not guess it; who has it can open every amendment. */
export const amendmentKeyOf = (key: Uint8Array, ordinal: number): Uint8Array =>
  hmacSha256(key, concat(utf8("qoc.evidence/v1/amendment"), uint32be(ordinal)));
