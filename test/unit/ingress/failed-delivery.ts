/** Deliveries that fail, made by signing as a sender does, and what is found to be the cause. */
import type { RawDelivery } from "../../../src/core/delivery.ts";
import type { LikelyCause } from "../../../src/ingress/cause.ts";
import { likelyCauses, type SignedWebhook } from "../../../src/ingress/likely-cause.ts";
import { type ProviderName, providers } from "../../../src/providers/index.ts";
import { sign } from "../../../src/providers/sign.ts";
import { verify } from "../../../src/providers/verify.ts";
import { NOW } from "../../support/ingress-desk.ts";

export const SECRET = "kestrel-over-the-harbour-41";
export const STANDARD_SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
export const bytes = (text: string): Uint8Array => Buffer.from(text);

export const webhook = (provider: ProviderName, ...secrets: readonly string[]): SignedWebhook => ({
  name: "alerts",
  sender: { kind: "preset", name: provider },
  secrets: (secrets.length === 0 ? [SECRET] : secrets).map(bytes),
  public_url: provider === "twilio" ? "https://hooks.example.com" : null,
});

type SentGiven = {
  readonly provider: ProviderName;
  readonly secret?: Uint8Array;
  readonly body?: Uint8Array;
  readonly at?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly public_url?: string;
};

/** What the sender would send. */
export function sent({
  provider,
  secret = bytes(SECRET),
  body = bytes("{}"),
  at = NOW,
  headers = {},
  ...more
}: SentGiven) {
  const target = "/webhook/equity-desk/alerts";
  const request = { body, id: "msg_41", at, public_url: more.public_url ?? null, target };
  for (const scheme of providers[provider].schemes) {
    const made = sign(scheme, secret, request);
    if (made.kind === "signed") return rawOf({ ...made.headers, ...headers }, body, made.target ?? target);
  }
  throw new Error(`${provider} cannot sign this`);
}

export const rawOf = (
  headers: Readonly<Record<string, string>>,
  body: Uint8Array,
  target = "/webhook/equity-desk/alerts",
) => ({
  target,
  headers: new Map(Object.entries(headers).map(([name, value]): [string, string[]] => [name, [value]])),
  body,
});

/** The likeliest cause of what verification refuses. */
export function causeOf(raw: RawDelivery, at: SignedWebhook, others: readonly SignedWebhook[] = []): LikelyCause {
  return causesOf(raw, at, others)[0];
}
export function causesOf(raw: RawDelivery, at: SignedWebhook, others: readonly SignedWebhook[] = []) {
  if (at.sender.kind !== "preset") throw new Error("the tests have presets");
  const verdict = verify(raw, providers[at.sender.name].schemes, { ...at, now: NOW });
  if (verdict.kind === "verified") throw new Error("this delivery holds");
  return likelyCauses(raw, at, others, verdict.fault, NOW);
}
