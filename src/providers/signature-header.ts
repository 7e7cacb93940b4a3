/** The header that holds signatures, from its lines to the bytes that are to be compared. All of it is the sender's word. */
import type { SignatureScheme } from "./scheme.ts";
import { unverified, type Unverified } from "./signature-fault.ts";
import { decodeBase64, decodeHex, wireBytes } from "./strict-decoding.ts";

/** Far more than any rotation needs; each item of Ed25519 costs a verification. */
const SIGNATURES_MAX = 16;
const SIGNATURE_HEADER_CHARS_MAX = 4096;

export type SentSignatures = {
  readonly kind: "sent";
  /** At least one, each of exactly the length that the algorithm gives. Of a `token`, the header's bytes. */
  readonly signatures: readonly Uint8Array[];
  /** Where the scheme's time is a field of this header. */
  readonly time: string | null;
};

/** Items that cannot be read, or that have another name, are skipped: senders add versions before receivers know them. */
export function readSignatures(lines: readonly string[], scheme: SignatureScheme): SentSignatures | Unverified {
  const { item_separator: separator } = scheme;
  if (lines.length > 1 && separator === null) return unverified("REPEATED", "the signature header is repeated");
  const value = lines.join(separator ?? "");
  if (value.length > SIGNATURE_HEADER_CHARS_MAX) return unverified("MALFORMED", "the signature header is too long");
  const items = separator === null ? [value] : itemsOf(value, separator);
  if (items.length > SIGNATURES_MAX) return unverified("MALFORMED", "the signature header has too many items");
  const signatures: Uint8Array[] = [];
  const times: string[] = [];
  for (const item of items) {
    const { name, text } = fieldOf(item, scheme);
    const signature = name === fieldName(scheme) ? decodeSignature(text, scheme) : undefined;
    if (signature !== undefined) signatures.push(signature);
    if (isTime(name, scheme)) times.push(text);
  }
  if (times.length > 1) return unverified("MALFORMED", "the signature header has more than one time");
  if (signatures.length === 0) return unverified("MALFORMED", "the signature header holds no readable signature");
  return { kind: "sent", signatures, time: times[0] ?? null };
}

/** RFC 9110, section 5.6.1: blanks around an item, and empty items, count for nothing. */
const itemsOf = (value: string, separator: string): readonly string[] =>
  value
    .split(separator)
    .map((item) => item.trim())
    .filter((item) => item !== "");

type Field = { readonly name: string | null; readonly text: string };

/** Lower case. Where signatures have no names, an item is the signature as it stands. */
const fieldName = ({ field }: SignatureScheme): string | null => field?.toLowerCase() ?? null;

function fieldOf(item: string, { field, field_separator: separator }: SignatureScheme): Field {
  const at = field === null || separator === null ? -1 : item.indexOf(separator);
  if (separator === null || at === -1) return { name: null, text: item };
  return { name: item.slice(0, at).toLowerCase(), text: item.slice(at + separator.length) };
}

const isTime = (name: string | null, { timestamp }: SignatureScheme): boolean =>
  name !== null && timestamp?.from === "field" && timestamp.names.some((known) => known.toLowerCase() === name);

const SIGNATURE_BYTES = { sha1: 20, sha256: 32, sha512: 64, ed25519: 64 } as const;

function decodeSignature(text: string, { algorithm, encoding }: SignatureScheme): Uint8Array | undefined {
  if (algorithm === "token") return text === "" ? undefined : wireBytes(text);
  const bytes = SIGNATURE_BYTES[algorithm];
  switch (encoding) {
    case "hex":
      return text.length === 2 * bytes ? decodeHex(text) : undefined;
    case "base64": {
      const decoded = text.length === 4 * Math.ceil(bytes / 3) ? decodeBase64(text) : undefined;
      return decoded?.length === bytes ? decoded : undefined;
    }
  }
}
