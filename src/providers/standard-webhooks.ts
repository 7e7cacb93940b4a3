/** Standard Webhooks (standardwebhooks.com), and Svix, whose headers have other names and the same meaning. */
import { factsOf, factReader, idOf, markOf } from "./facts.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import type { SignatureScheme } from "./scheme.ts";

const SIGNATURE_HEADERS = ["webhook-signature", "svix-signature"] as const;
const ID_HEADERS = ["webhook-id", "svix-id"] as const;
const TIMESTAMP_HEADERS = ["webhook-timestamp", "svix-timestamp"] as const;

/** `v1`: HMAC-SHA256, with the key in base64 behind `whsec_`. */
export const standardHmac: SignatureScheme = {
  algorithm: "sha256",
  encoding: "base64",
  headers: SIGNATURE_HEADERS,
  item_separator: " ",
  field_separator: ",",
  field: "v1",
  signed: "{id}.{timestamp}.{body}",
  timestamp: { from: "header", names: TIMESTAMP_HEADERS, unit: "s", tolerance_s: 300 },
  id_headers: ID_HEADERS,
  secret: { encoding: "base64", prefix: "whsec_", prefix_required: false },
};

/** `v1a`: Ed25519, with the sender's public key in base64 behind `whpk_`. */
export const standardEd25519: SignatureScheme = {
  ...standardHmac,
  algorithm: "ed25519",
  field: "v1a",
  secret: { encoding: "base64", prefix: "whpk_", prefix_required: true },
};

export const standardWebhooks: Provider = {
  name: "standard-webhooks",
  schemes: [standardHmac, standardEd25519],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    ...SIGNATURE_HEADERS,
    ...ID_HEADERS,
    ...TIMESTAMP_HEADERS,
  ],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize: (delivery) => {
    const { at } = factReader(delivery);
    const id = signedId(delivery);
    return factsOf("standard-webhooks", delivery, {
      event_type: at("/type", "/event_type"),
      external_event_id: id,
      delivery_id: id,
      // The header's time is that of the attempt; the event's own stands in the body.
      order: markOf(at("/timestamp")),
    });
  },
};

/** The id of the family whose signature was verified: one of the other family may stand beside it, signed by nobody. */
function signedId(delivery: ReadDelivery): string | null {
  const place = SIGNATURE_HEADERS.findIndex((name) => delivery.headers.has(name));
  const name = ID_HEADERS[place];
  return name === undefined ? null : idOf(factReader(delivery).header(name));
}
