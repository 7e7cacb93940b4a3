/** What a sender would send: the other half of `verify.ts`, over the same descriptors. For trying out an endpoint, and for tests. */
import { createSecretKey } from "node:crypto";
import type { Instant } from "../core/ids.ts";
import { privateKeyOf, signEd25519 } from "./ed25519.ts";
import type { SignatureScheme } from "./scheme.ts";
import { keyBytes, STANDARD_PRIVATE_KEY } from "./secret-keys.ts";
import { macOf } from "./signature-match.ts";
import { contentOf, readClaims, type Content } from "./signed-content.ts";
import { isWholeTime, timeInBody } from "./signed-time.ts";
import { wireBytes } from "./strict-decoding.ts";
import { twilioCall } from "./twilio-sign.ts";

export type ToSign = {
  readonly body: Uint8Array;
  /** Used where the scheme signs an id. */
  readonly id: string | null;
  readonly at: Instant;
  readonly public_url: string | null;
  /** Path and query of the request, where the scheme signs them and `public_url` has none. */
  readonly target?: string | undefined;
  /** Where it matters, which is for Twilio alone; without it the body's first character says whether it is JSON. */
  readonly content_type?: string | undefined;
};
export type Signed = {
  readonly kind: "signed";
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The path and query that must be sent; null where any will do. */
  readonly target: string | null;
};
/** `says` quotes nothing of the secret. */
export type Unsignable = { readonly kind: "unsignable"; readonly says: string };

const unsignable = (says: string): Unsignable => ({ kind: "unsignable", says });

/** @param secret as the sender has it: where a receiver has a public key, this is the private one (`whsk_`) */
export function sign(scheme: SignatureScheme, secret: Uint8Array, request: ToSign): Signed | Unsignable {
  if (scheme.signed === "twilio") return signTwilio(scheme, secret, request);
  const time = timeOf(scheme, request);
  if (time.kind === "unsignable") return time;
  const sent = new Map<string, readonly [string]>();
  const [idHeader] = scheme.id_headers ?? [];
  if (idHeader !== undefined && request.id !== null) sent.set(idHeader, [request.id]);
  if (scheme.timestamp?.from === "header" && time.text !== null) sent.set(scheme.timestamp.names[0], [time.text]);
  const claims = readClaims(sent, scheme, 0, time.text);
  if (claims.kind === "unverified") return unsignable(claims.detail);
  const signature = signatureOf(scheme, secret, contentOf(scheme, request.body, claims));
  if (signature.kind === "unsignable") return signature;
  const headers = Object.fromEntries([...sent].map(([name, [value]]) => [name, value]));
  return {
    kind: "signed",
    headers: { ...headers, [scheme.headers[0]]: headerOf(scheme, signature.text, time.text) },
    target: null,
  };
}

function signTwilio(scheme: SignatureScheme, secret: Uint8Array, request: ToSign): Signed | Unsignable {
  const call = twilioCall(request.body, request.public_url, request.target, request.content_type);
  if (call.kind === "none") return unsignable(call.says);
  const signature = signatureOf(scheme, secret, call.content);
  if (signature.kind === "unsignable") return signature;
  const headers = { "content-type": call.content_type, [scheme.headers[0]]: headerOf(scheme, signature.text, null) };
  return { kind: "signed", headers, target: call.target };
}

type Text = { readonly kind: "text"; readonly text: string };

function timeOf(
  { timestamp }: SignatureScheme,
  { at, body }: ToSign,
): { readonly kind: "time"; readonly text: string | null } | Unsignable {
  if (timestamp === null) return { kind: "time", text: null };
  if (timestamp.from !== "body")
    return { kind: "time", text: `${Math.floor(timestamp.unit === "s" ? at / 1000 : at)}` };
  const inBody = timeInBody(body, timestamp.names);
  return inBody !== null && isWholeTime(inBody)
    ? { kind: "time", text: null }
    : unsignable(`the body holds no time as a whole number at ${timestamp.names.join(" or ")}`);
}

function signatureOf(scheme: SignatureScheme, secret: Uint8Array, content: Content): Text | Unsignable {
  const { algorithm } = scheme;
  switch (algorithm) {
    case "token":
      return tokenOf(scheme, secret);
    case "ed25519": {
      const seed = keyBytes(secret, { ...scheme.secret, prefix: STANDARD_PRIVATE_KEY, prefix_required: false });
      const key = seed.kind === "bytes" ? privateKeyOf(seed.bytes) : undefined;
      if (key === undefined) return unsignable(`the secret is not an Ed25519 private key (${STANDARD_PRIVATE_KEY})`);
      return { kind: "text", text: signEd25519(key, Buffer.concat(content)).toString(scheme.encoding) };
    }
    case "sha1":
    case "sha256":
    case "sha512": {
      const key = keyBytes(secret, scheme.secret);
      if (key.kind === "unfit") return unsignable(`the secret does not fit: ${key.says}`);
      const mac = macOf(algorithm, createSecretKey(key.bytes), content);
      return { kind: "text", text: mac.toString(scheme.encoding) };
    }
  }
}

function tokenOf(scheme: SignatureScheme, secret: Uint8Array): Text | Unsignable {
  const key = keyBytes(secret, scheme.secret);
  if (key.kind === "unfit") return unsignable(`the secret does not fit: ${key.says}`);
  const text = Buffer.from(key.bytes).toString("latin1");
  return wireBytes(text) === undefined ? unsignable("the secret cannot stand in a header") : { kind: "text", text };
}

function headerOf(scheme: SignatureScheme, signature: string, time: string | null): string {
  const { field, field_separator, item_separator, timestamp } = scheme;
  const item = field === null ? signature : `${field}${field_separator ?? ""}${signature}`;
  if (timestamp?.from !== "field" || time === null) return item;
  return `${timestamp.names[0]}${field_separator ?? ""}${time}${item_separator ?? ""}${item}`;
}
