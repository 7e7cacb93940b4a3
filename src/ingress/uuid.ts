import type { Instant } from "../core/ids.ts";

/** RFC 9562: lays the version and the variant over 32 hex digits. */
function uuidOver(hex: string, version: 7 | 8): string {
  const variant = (0x8 | (Number.parseInt(hex.charAt(16), 16) & 0x3)).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${version}${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** UUIDv8: the leading 128 bits of a digest, less the six that the form takes. */
export const uuidOfDigest = (hex: string): string => uuidOver(hex, 8);

export const UUID7_RANDOM_BYTES = 10;

/** UUIDv7: sorts by time, to the millisecond. */
export const uuidAt = (at: Instant, random: Uint8Array): string =>
  uuidOver(at.toString(16).padStart(12, "0") + hexOf(random), 7);

const hexOf = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, UUID7_RANDOM_BYTES).toString("hex");
