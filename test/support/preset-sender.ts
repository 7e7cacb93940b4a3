/** A desk with one webhook of a preset, and requests signed as that sender signs them. */
import type { RawDelivery } from "../../src/core/delivery.ts";
import type { Instant } from "../../src/core/ids.ts";
import type { WebhookRuntime } from "../../src/ingress/desk-ingress.ts";
import { providers, type ProviderName } from "../../src/providers/index.ts";
import { sign } from "../../src/providers/sign.ts";
import { keyOf, webhook } from "./ingress-desk.ts";

const PUBLIC_URL = "https://hooks.example.com/webhook/equity-desk/hook";
export type Sent = { readonly headers?: Readonly<Record<string, string>>; readonly body: Uint8Array | string };

/** Fits every scheme that takes a text, and the Standard Webhooks form too. */
export const PRESET_SECRET = `whsec_${Buffer.from("a secret of thirty-two bytes, ok").toString("base64")}`;

/** For GitLab's older way, which takes no text that looks like a signing token. */
export const PRESET_TOKEN = "a-plain-token-of-gitlab";

export const presetWebhook = (name: ProviderName, settings: Partial<WebhookRuntime> = {}): WebhookRuntime => ({
  ...webhook(),
  name: "hook",
  sender: { kind: "preset", name },
  secrets: [keyOf(PRESET_SECRET), ...(name === "gitlab" ? [keyOf(PRESET_TOKEN)] : [])],
  public_url: PUBLIC_URL,
  body_limit_bytes: 25 * 1024 * 1024,
  dedupe: { kind: providers[name].dedupe },
  ...settings,
});

/** @throws when this sender cannot sign such a thing */
export function sentBy(
  name: ProviderName,
  { headers = {}, body }: Sent,
  at: Instant,
  public_url = PUBLIC_URL,
): RawDelivery {
  const bytes = Buffer.from(body);
  const named = Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]));
  const isSvix = named["svix-signature"] !== undefined;
  const id = isSvix ? named["svix-id"] : named["webhook-id"];
  const [strongest, ...weaker] = providers[name].schemes;
  // A sender with nothing to call a delivery by signs in the way that needs no id.
  const scheme =
    id === undefined ? ([strongest, ...weaker].find(({ id_headers }) => id_headers === null) ?? strongest) : strongest;
  const signed = sign(scheme, keyOf(scheme.algorithm === "token" ? PRESET_TOKEN : PRESET_SECRET), {
    body: bytes,
    id: id ?? "msg_1",
    at,
    public_url,
    content_type: named["content-type"],
  });
  if (signed.kind === "unsignable") throw new Error(signed.says);
  const added = Object.entries(signed.headers).map(([header, value]): [string, string] => [
    isSvix ? header.replace(/^webhook-/, "svix-") : header,
    value,
  ]);
  const all = { "content-type": "application/json", ...named, ...Object.fromEntries(added) };
  return {
    target: signed.target ?? new URL(public_url).pathname,
    headers: new Map(Object.entries(all).map(([header, value]) => [header, [value]])),
    body: bytes,
  };
}
