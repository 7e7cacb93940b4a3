/**
 * Stripe. A retry is signed anew with a new time; while a secret rolls there are several `v1`. The secret is used as text, with the
 * `whsec_` it begins with.
 */
import type { Facts } from "../core/delivery.ts";
import { factReader, factsOf, idOf, subjectOf } from "./facts.ts";
import type { Payload } from "./payload.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import type { SignatureScheme } from "./scheme.ts";

const SIGNATURE_HEADER = "stripe-signature";

const v1: SignatureScheme = {
  algorithm: "sha256",
  encoding: "hex",
  headers: [SIGNATURE_HEADER],
  item_separator: ",",
  field_separator: "=",
  field: "v1",
  signed: "{timestamp}.{body}",
  timestamp: { from: "field", names: ["t"], unit: "s", tolerance_s: 300 },
  id_headers: null,
  secret: { encoding: "utf8", prefix: "", prefix_required: false },
};

export const stripe: Provider = {
  name: "stripe",
  schemes: [v1],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: ["content-type", "content-length", "user-agent", SIGNATURE_HEADER],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize,
};

/** No order: `created` counts whole seconds, and Stripe says that nothing may be inferred from the order of arrival. */
function normalize(delivery: ReadDelivery): Facts {
  const { at } = factReader(delivery);
  const id = at("/id");
  return factsOf("stripe", delivery, {
    event_type: at("/type"),
    external_event_id: id,
    delivery_id: idOf(id),
    actor: at("/account", "/request/id"),
    project: modeOf(delivery.payload),
    subject_key: subjectOf("stripe", at("/data/object/object"), at("/data/object/id")),
  });
}

/** A Stripe account has two worlds with the same names in them. */
function modeOf(payload: Payload): string | null {
  const live = payload.is("/livemode");
  if (live === null) return null;
  return live ? "live" : "test";
}
