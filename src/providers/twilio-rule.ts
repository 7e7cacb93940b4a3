/**
 * Twilio signs the address that it was told to call, as it wrote it, with the fields of the form behind it; of any other body, the
 * address alone, which then carries the body's hash as `bodySHA256`. Its own libraries try the address with and without the port, and
 * with its query as sent and re-encoded (twilio.com/docs/usage/security, twilio-node `webhooks.ts`).
 */
import { hash } from "node:crypto";
import type { RawDelivery } from "../core/delivery.ts";
import { formFields, isForm, type FormFields } from "../core/form.ts";
import { unverified, type Unverified } from "./signature-fault.ts";
import type { Content } from "./signed-content.ts";

export const BODY_HASH = "bodySHA256";

/** Path and query as HTTP allows them; what a URL parser would drop or mend is refused. */
const TARGET = /^\/[\x21-\x7e]*$/;
/** Scheme and authority, and what follows. */
const ADDRESS = /^(https?:\/\/[^/?#]+)(.*)$/is;

export type TwilioContents = { readonly kind: "contents"; readonly contents: readonly Content[] };

/** Everything that the signature may be over. Each covers the whole body, as fields or by its hash. */
export function twilioContents(raw: RawDelivery, publicUrl: string | null): TwilioContents | Unverified {
  if (publicUrl === null) return unverified("MISMATCH", "public_url is not configured, and the signature covers it");
  const form = isForm(raw.headers.get("content-type")?.[0]);
  const fields = form ? formFields(raw.body) : null;
  if (fields === undefined) return unverified("MALFORMED", "the form cannot be read");
  if (!TARGET.test(raw.target)) return unverified("MALFORMED", "the request's path is not well formed");
  const addresses = addressesOf(publicUrl, raw.target);
  if (addresses.length === 0) return unverified("MISMATCH", "public_url is not an http or https URL");
  const sha256 = hash("sha256", raw.body, "hex");
  const covering = addresses.filter((address) => coversBody(address, form, sha256));
  if (covering.length === 0) return unverified("MISMATCH", "the address does not carry this body's hash");
  const written = Buffer.from(fields === null ? "" : fieldsText(fields));
  return { kind: "contents", contents: covering.map((address) => [Buffer.from(address), written]) };
}

/** The hash is checked even where the fields are signed: the media type is not, and must not choose what is. */
function coversBody(address: string, isFields: boolean, sha256: string): boolean {
  const named = new URL(address).searchParams.getAll(BODY_HASH);
  return named.length === 0 ? isFields : named.length === 1 && named[0] === sha256;
}

/** Names in order, each before each of its values; a value that is repeated counts once. */
export const fieldsText = (fields: FormFields): string =>
  [...fields]
    .toSorted(([a], [b]) => byCodeUnit(a, b))
    .flatMap(([name, values]) => [...new Set(values)].toSorted(byCodeUnit).map((value) => name + value))
    .join("");

const byCodeUnit = (a: string, b: string): number => {
  if (a === b) return 0;
  return a < b ? -1 : 1;
};

/** Every way to write the address, the one that was configured first; none when `publicUrl` is no address. */
export function addressesOf(publicUrl: string, target: string): readonly string[] {
  const [, authority, rest = ""] = ADDRESS.exec(publicUrl) ?? [];
  if (authority === undefined || !URL.canParse(publicUrl)) return [];
  const origins = originsOf(authority, new URL(publicUrl));
  const places = placesOf(rest, target).flatMap((place) => encodingsOf(`${authority}${place}`, place));
  const addresses = origins.flatMap((origin) => places.map((place) => origin + place));
  return [...new Set(addresses)].filter((address) => URL.canParse(address));
}

function originsOf(asGiven: string, url: URL): readonly string[] {
  const password = url.password === "" ? "" : `:${url.password}`;
  const user = url.username === "" && password === "" ? "" : `${url.username}${password}@`;
  const host = `${url.protocol}//${user}${url.hostname}`;
  const standard = url.protocol === "https:" ? "443" : "80";
  return [asGiven, host, `${host}:${url.port === "" ? standard : url.port}`];
}

/**
 * Path and query: those configured, and those of the request where none are. A request's query is looked at beside a configured one,
 * because Twilio adds the body's hash to it. A fragment (`#rc=2`) tells Twilio how to call, and may be signed or not.
 */
function placesOf(rest: string, target: string): readonly string[] {
  const at = rest.indexOf("#");
  const [configured, fragment] = at === -1 ? [rest, ""] : [rest.slice(0, at), rest.slice(at)];
  const places = withQuery(configured, target);
  return fragment === "" ? places : places.flatMap((place) => [place, place + fragment]);
}

function withQuery(configured: string, target: string): readonly string[] {
  if (configured === "") return [target];
  const [path, query] = splitQuery(configured);
  const [, sent] = splitQuery(target);
  if (sent === undefined) return [configured];
  const withSent = `${path}?${sent}`;
  return query === undefined ? [withSent] : [configured, withSent];
}

export function splitQuery(place: string): readonly [string, string | undefined] {
  const at = place.indexOf("?");
  return at === -1 ? [place, undefined] : [place.slice(0, at), place.slice(at + 1)];
}

/** As it is, as a URL parser writes it (`'` becomes `%27`), and with every pair of its query written anew (a blank becomes `%20`). */
function encodingsOf(address: string, place: string): readonly string[] {
  if (!URL.canParse(address)) return [place];
  const { pathname, search, hash: fragment, searchParams } = new URL(address);
  const pairs = [...searchParams].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const written = pathname + search + fragment;
  return pairs.length === 0 ? [place, written] : [place, written, `${pathname}?${pairs.join("&")}`];
}
