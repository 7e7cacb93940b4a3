/** Who may send to a webhook: every preset of the providers, and `custom`, a sender that the webhook itself describes. */
import { assert } from "../core/assert.ts";
import { isProviderName, providerFor, type ProviderName, providers, type Sender } from "../providers/index.ts";
import { customSender } from "./custom-sender.ts";
import type { SchemeText } from "./scheme-schema.ts";

export type SenderName = ProviderName | "custom";

export const senderNames: readonly SenderName[] = [...Object.keys(providers).filter(isProviderName), "custom"];

export const isSenderName = (name: unknown): name is SenderName => senderNames.some((each) => each === name);

/** @param webhook one that was checked: a custom sender comes with its scheme */
export function senderOf(webhook: { readonly provider: SenderName; readonly scheme?: SchemeText | undefined }): Sender {
  const { provider, scheme } = webhook;
  if (provider !== "custom") return { kind: "preset", name: provider };
  assert(scheme !== undefined, "a checked webhook of a custom sender has a scheme");
  return { kind: "custom", sender: customSender(scheme) };
}

/** Whether its facts stand where the webhook's map says. Every other preset knows where they stand. */
export const readsMap = (name: SenderName): boolean => name === "qoc" || name === "custom";

/** Whether it signs the URL that it calls, which behind a proxy is not the one that arrives. */
export const signsUrl = (name: SenderName): boolean =>
  name !== "custom" && providerFor({ kind: "preset", name }).schemes.some(({ signed }) => signed === "twilio");
