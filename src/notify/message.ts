/** A message as it is sent: Standard Webhooks (standardwebhooks.com), signed with `v1`, which is HMAC-SHA256. */
import { createHmac } from "node:crypto";
import type { Secret } from "../config/secrets.ts";
import type { Instant } from "../core/ids.ts";

export type SignedMessage = {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
};

/** @param at of this attempt, not of what is told: receivers refuse old ones. Undefined when the secret is no `whsec_` one. */
export function signMessage(id: string, at: Instant, body: Uint8Array, secret: Secret): SignedMessage | undefined {
  const key = keyOf(secret);
  if (key === undefined) return undefined;
  const timestamp = String(Math.floor(at / 1000));
  const signature = createHmac("sha256", key).update(`${id}.${timestamp}.`).update(body).digest("base64");
  return {
    headers: { "webhook-id": id, "webhook-timestamp": timestamp, "webhook-signature": `v1,${signature}` },
    body,
  };
}

const PREFIX = "whsec_";
/** In bytes, as the standard has it. */
const KEY_MIN = 24;
const KEY_MAX = 64;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function keyOf(secret: Secret): Uint8Array | undefined {
  const text = new TextDecoder().decode(secret.reveal());
  const encoded = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : "";
  if (!BASE64.test(encoded)) return undefined;
  const key = Buffer.from(encoded, "base64");
  return key.length < KEY_MIN || key.length > KEY_MAX ? undefined : key;
}
