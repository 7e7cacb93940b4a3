/** The address that Twilio would call for this body, and what it would sign: the other half of `twilio-rule.ts`. */
import { hash } from "node:crypto";
import { formFields, FORM_MEDIA_TYPE, isForm } from "../core/form.ts";
import type { Content } from "./signed-content.ts";
import { addressesOf, BODY_HASH, fieldsText, splitQuery } from "./twilio-rule.ts";

export type TwilioCall = {
  readonly kind: "call";
  readonly content: Content;
  /** Path and query for the request. */
  readonly target: string;
  readonly content_type: string;
};
export type NoCall = { readonly kind: "none"; readonly says: string };

const JSON_MEDIA_TYPE = "application/json";
/** How a JSON text of more than one value begins; no sender's form does. */
const JSON_OPENING = /^[\t\n\r ]*[[{]/;
const OPENING_BYTES = 64;

export function twilioCall(
  body: Uint8Array,
  publicUrl: string | null,
  target: string | undefined,
  contentType: string | undefined,
): TwilioCall | NoCall {
  if (publicUrl === null) return { kind: "none", says: "Twilio signs its public_url, and none is configured" };
  const [address] = addressesOf(publicUrl, target ?? "/");
  if (address === undefined) return { kind: "none", says: "public_url is not an http or https URL" };
  const media = contentType ?? (looksLikeJson(body) ? JSON_MEDIA_TYPE : FORM_MEDIA_TYPE);
  const fields = isForm(media) ? formFields(body) : null;
  if (fields === undefined) return { kind: "none", says: "the body is not a form" };
  const called = fields === null ? withBodyHash(address, body) : address;
  return {
    kind: "call",
    content: [Buffer.from(called), Buffer.from(fields === null ? "" : fieldsText(fields))],
    target: targetOf(called, target),
    content_type: media,
  };
}

const looksLikeJson = (body: Uint8Array): boolean =>
  JSON_OPENING.test(Buffer.from(body.subarray(0, OPENING_BYTES)).toString("latin1"));

const withBodyHash = (address: string, body: Uint8Array): string =>
  `${address}${address.includes("?") ? "&" : "?"}${BODY_HASH}=${hash("sha256", body, "hex")}`;

/** A proxy may stand between: the path is that of the request where it is known, the query always that of the address. */
function targetOf(address: string, target: string | undefined): string {
  const [, query] = splitQuery(address);
  const path = target === undefined ? new URL(address).pathname : splitQuery(target)[0];
  return query === undefined ? path : `${path}?${query}`;
}
