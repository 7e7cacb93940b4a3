/** The bytes that a signature is over: a template filled with the id, the time and the body as they came. The body is never decoded. */
import type { RawDelivery } from "../core/delivery.ts";
import type { SignatureScheme } from "./scheme.ts";
import { unverified, type Unverified } from "./signature-fault.ts";
import { between, partsOf, templateFault, type Part } from "./signed-template.ts";
import { isWholeTime } from "./signed-time.ts";

/** Pieces, in order: a large body is not copied to be hashed. */
export type Content = readonly Uint8Array[];

/** What is signed beside the body, as the sender wrote it. */
export type Claims = { readonly kind: "claims"; readonly id: string | null; readonly time: string | null };

/** What a scheme's template comes to. `idExcludes`: what an id that has no other end must not hold. */
type Template = { readonly parts: readonly Part[]; readonly isFaulty: boolean; readonly idExcludes: readonly string[] };
const templates = new WeakMap<SignatureScheme, Template>();

const ID = /^[\x21-\x7e]{1,128}$/;

/**
 * Reads them from the headers of one family: those at `place`, like the signature's. A time in the signature's header is handed in;
 * one in the body is not here.
 */
export function readClaims(
  headers: RawDelivery["headers"],
  scheme: SignatureScheme,
  place: number,
  fieldTime: string | null,
): Claims | Unverified {
  const template = templateOf(scheme);
  if (template.isFaulty) return unverified("MALFORMED", "what is signed could be cut in more than one way");
  const id = scheme.id_headers === null ? null : soleValue(headers, scheme.id_headers[place], "MALFORMED", "id");
  if (isFault(id)) return id;
  if (id !== null && !isUnambiguous(id, template)) return unverified("MALFORMED", "the id holds what no signed id may");
  const time = timeOf(headers, scheme, place, fieldTime);
  if (isFault(time)) return time;
  if (time !== null && !isWholeTime(time)) return unverified("MALFORMED", "the signed time is not a whole number");
  return { kind: "claims", id, time };
}

const isFault = (read: string | null | Unverified): read is Unverified => typeof read === "object" && read !== null;

function timeOf(
  headers: RawDelivery["headers"],
  { timestamp }: SignatureScheme,
  place: number,
  fieldTime: string | null,
): string | null | Unverified {
  switch (timestamp?.from) {
    case undefined:
    case "body":
      return null;
    case "field":
      return fieldTime ?? unverified("NO_TIME", "the signature header has no time");
    case "header":
      return soleValue(headers, timestamp.names[place], "NO_TIME", "time");
  }
}

function soleValue(
  headers: RawDelivery["headers"],
  name: string | undefined,
  missing: "NO_TIME" | "MALFORMED",
  what: "id" | "time",
): string | Unverified {
  const [value, ...more] = (name === undefined ? undefined : headers.get(name)) ?? [];
  if (value === undefined) return unverified(missing, `the ${what} header is missing`);
  return more.length === 0 ? value : unverified("REPEATED", `the ${what} header is repeated`);
}

/**
 * Standard Webhooks: an id that may hold the full stop can be cut elsewhere, and one signature stands for two messages. The same
 * goes for whatever a template has beside its `{id}`, of which the nearest character is enough.
 */
const isUnambiguous = (id: string, { idExcludes }: Template): boolean =>
  ID.test(id) && !idExcludes.some((each) => id.includes(each));

export const contentOf = (scheme: SignatureScheme, body: Uint8Array, { id, time }: Claims): Content =>
  templateOf(scheme).parts.map((part) => {
    switch (part.kind) {
      case "literal":
        return part.bytes;
      case "body":
        return body;
      case "timestamp":
        return Buffer.from(time ?? "");
      case "id":
        return Buffer.from(id ?? "");
    }
  });

function templateOf(scheme: SignatureScheme): Template {
  const known = templates.get(scheme);
  if (known !== undefined) return known;
  const parts = partsOf(scheme.signed);
  const template = {
    parts,
    isFaulty: templateFault(scheme.signed) !== null,
    idExcludes: [".", ...between(parts, "id")],
  };
  templates.set(scheme, template);
  return template;
}
