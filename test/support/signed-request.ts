/** Requests as a verifier gets them, and the same with one bit turned over: whatever a signature covers must then be refused. */
import type { RawDelivery } from "../../src/core/delivery.ts";
import type { Provider } from "../../src/providers/provider.ts";
import type { SignatureScheme } from "../../src/providers/scheme.ts";
import { verify, type VerifyWorld } from "../../src/providers/verify.ts";

export type Attempt = { readonly raw: RawDelivery; readonly world: VerifyWorld };
/** What was turned over; never a value, which may be a secret. */
export type Flip = { readonly says: string; readonly attempt: Attempt };

export const rawOf = (
  body: Uint8Array | string,
  headers: Readonly<Record<string, string | readonly string[]>>,
  target = "/webhook/desk/hook",
): RawDelivery => ({
  target,
  headers: new Map(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), typeof value === "string" ? [value] : value]),
  ),
  body: Buffer.from(body),
});

export const worldOf = (secrets: readonly (Uint8Array | string)[], world: Partial<VerifyWorld> = {}): VerifyWorld => ({
  public_url: null,
  now: 0,
  ...world,
  secrets: secrets.map((secret) => Buffer.from(secret)),
});

/** The index of the secret, or the fault. */
export function judge({ raw, world }: Attempt, schemes: Provider["schemes"]): number | string {
  const verdict = verify(raw, schemes, world);
  return verdict.kind === "verified" ? verdict.secretIndex : verdict.fault;
}

export function flipped(bytes: Uint8Array, bit: number): Buffer {
  const copy = Buffer.from(bytes);
  copy[bit >> 3] = (copy[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return copy;
}

/** Every bit of a short part; of a long one the ends and a spread between them. */
export function bitsOf(bytes: number, atMost = Number.POSITIVE_INFINITY): readonly number[] {
  const bits = bytes * 8;
  if (bits <= atMost) return Array.from({ length: bits }, (_, bit) => bit);
  return Array.from({ length: atMost }, (_, step) => Math.round((step * (bits - 1)) / (atMost - 1)));
}

/**
 * One bit of the body, of a secret, of the target where that is signed, and of every header named.
 * @param decides of the items of a list, those that make it verify: what stands in others may be anything
 */
export function* flipsOf(
  attempt: Attempt,
  scheme: SignatureScheme,
  headers: readonly string[],
  decides: (item: string) => boolean = () => true,
): Generator<Flip> {
  const { raw, world } = attempt;
  for (const bit of bitsOf(raw.body.length, 64)) {
    if (scheme.signed === "twilio" && isNeutralInForm(raw.body, bit)) continue;
    yield { says: `bit ${bit} of the body`, attempt: { world, raw: { ...raw, body: flipped(raw.body, bit) } } };
  }
  const [secret = Buffer.alloc(0)] = world.secrets;
  for (const bit of bitsOf(secret.length))
    yield { says: `bit ${bit} of the secret`, attempt: { raw, world: { ...world, secrets: [flipped(secret, bit)] } } };
  if (scheme.signed === "twilio")
    for (const [says, target] of flippedTexts(raw.target))
      yield { says: `${says} of the target`, attempt: { world, raw: { ...raw, target } } };
  for (const name of headers) {
    const value = raw.headers.get(name)?.[0] ?? "";
    for (const [says, other] of flippedTexts(value)) {
      if (scheme.headers.includes(name) && isNeutralInHeader(value, other, scheme, decides)) continue;
      const changed = new Map([...raw.headers, [name, [other]] as const]);
      yield { says: `${says} of ${name}`, attempt: { world, raw: { ...raw, headers: changed } } };
    }
  }
}

function* flippedTexts(text: string): Generator<readonly [string, string]> {
  const bytes = Buffer.from(text, "latin1");
  for (const bit of bitsOf(bytes.length)) yield [`bit ${bit}`, flipped(bytes, bit).toString("latin1")];
}

/** The name of a signature, and a digit of hex, mean the same in capitals. Base64 and tokens do not. */
function isNeutralInHeader(
  value: string,
  other: string,
  scheme: SignatureScheme,
  decides: (item: string) => boolean,
): boolean {
  const at = Array.from(value).findIndex((char, index) => char !== other[index]);
  const item = itemAt(value, at, scheme.item_separator);
  if (!decides(item.text)) return true;
  if (scheme.algorithm === "token" || value.toLowerCase() !== other.toLowerCase()) return false;
  const nameEnds = scheme.field_separator === null ? -1 : item.text.indexOf(scheme.field_separator);
  return scheme.encoding === "hex" || at - item.start < nameEnds;
}

function itemAt(
  value: string,
  at: number,
  separator: string | null,
): { readonly text: string; readonly start: number } {
  const before = separator === null ? -1 : value.lastIndexOf(separator, at);
  const start = before === -1 ? 0 : before + (separator?.length ?? 0);
  const end = separator === null ? -1 : value.indexOf(separator, start);
  return { text: value.slice(start, end === -1 ? undefined : end), start };
}

/** Twilio signs the fields that a form holds, not how they are written: `%2b` is `%2B`. */
function isNeutralInForm(body: Uint8Array, bit: number): boolean {
  const [before, after] = [Buffer.from(body).toString("latin1"), flipped(body, bit).toString("latin1")];
  const at = bit >> 3;
  const isEscape = /%[0-9a-f]$/i.test(before.slice(0, at + 1)) || /%[0-9a-f]{2}$/i.test(before.slice(0, at + 1));
  return isEscape && before.toLowerCase() === after.toLowerCase();
}
