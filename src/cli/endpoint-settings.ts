/** Everything to enter at the sender of one webhook, and what it will be answered. */
import type { WebhookConfig } from "../config/desk-config.ts";
import { providerFor, type Sender } from "../providers/index.ts";
import type { CustomSender } from "../providers/provider.ts";
import { sampleFor } from "./samples.ts";
import { type SenderNotes, senderNotes } from "./sender-notes.ts";

export type EndpointSettings = {
  readonly webhook: string;
  readonly provider: string;
  /** To be entered at the sender. */
  readonly url: string;
  /** Null when the URL is the configured public one. */
  readonly reach: string | null;
  readonly content_type: string;
  /** Where the configuration reads them; never what they are. */
  readonly secrets: readonly string[];
  readonly secret: string;
  readonly signature_headers: readonly string[];
  readonly id: string;
  readonly event_header: string | null;
  readonly events: string;
  readonly verified: string;
  readonly not_claimed: string;
  readonly answer: string;
  readonly answer_within: string | null;
};

const REACH =
  "this is this machine's own address: put a tunnel or proxy before it, and set public_url to what it is called";

export function endpointSettings(webhook: WebhookConfig, localUrl: string): EndpointSettings {
  const { name, provider: sender, public_url, secrets } = webhook;
  const provider = providerFor(sender);
  const notes = notesFor(sender);
  const { status, body } = provider.acknowledgement;
  return {
    webhook: name,
    provider: provider.name,
    url: public_url === null ? localUrl : entered(public_url, localUrl),
    reach: public_url === null ? REACH : null,
    content_type: notes.content_type,
    secrets: secrets.map(({ source }) => source),
    secret: notes.secret.replaceAll("`", ""),
    signature_headers: [...new Set(provider.schemes.map(({ headers }) => headers[0]))],
    id: notes.id.replaceAll("`", ""),
    event_header: sampleFor(sender).event_header,
    events: notes.events,
    verified: notes.verified,
    not_claimed: notes.not_claimed,
    answer: `${status}, ${body === "twiml" ? "TwiML that says nothing" : "a receipt as JSON"}`,
    answer_within: notes.answer_within,
  };
}

/** A public URL that is scheme and host alone, or with a fragment, stands for the path here. */
const entered = (publicUrl: string, localUrl: string): string =>
  publicUrl.replace(/^(https?:\/\/[^/?#]+)(?=#|$)/i, (host) => host + new URL(localUrl).pathname);

function notesFor(sender: Sender): SenderNotes {
  switch (sender.kind) {
    case "preset":
      return senderNotes[sender.name];
    case "custom":
      return customNotes(sender.sender);
  }
}

function customNotes({ scheme, id_header }: CustomSender): SenderNotes {
  const { signed, timestamp, algorithm } = scheme;
  return {
    ...senderNotes.qoc,
    secret: algorithm === "ed25519" ? "the sender's public key" : "the one that the sender signs with",
    verified: algorithm === "token" ? "nothing but the token" : signed,
    id: id_header ?? "where [webhook.map] id points; else the hash of the body",
    not_claimed: timestamp === null ? "when it was sent" : "an order of deliveries",
    events: "whatever the sender sends",
    content_type: "whatever the sender sends",
  };
}
