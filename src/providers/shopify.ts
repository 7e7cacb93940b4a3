/** Shopify: one HMAC over the body, in base64. Topic, shop and id stand in headers, which are not signed. */
import type { Facts } from "../core/delivery.ts";
import { factReader, factsOf, idOf, markOf, subjectOf } from "./facts.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import { hmacOfBody } from "./scheme.ts";

const SIGNATURE_HEADER = "x-shopify-hmac-sha256";
const DELIVERY_HEADER = "x-shopify-webhook-id";
const TOPIC_HEADER = "x-shopify-topic";
const SHOP_HEADER = "x-shopify-shop-domain";

export const shopify: Provider = {
  name: "shopify",
  schemes: [hmacOfBody(SIGNATURE_HEADER, "", "base64")],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    SIGNATURE_HEADER,
    DELIVERY_HEADER,
    TOPIC_HEADER,
    SHOP_HEADER,
    "x-shopify-event-id",
    "x-shopify-triggered-at",
  ],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize,
};

/** Ids have more digits than a double: they are read as they were written. */
function normalize(delivery: ReadDelivery): Facts {
  const { at, named, header } = factReader(delivery);
  const topic = header(TOPIC_HEADER);
  const shop = header(SHOP_HEADER);
  const id = named("/id", "/admin_graphql_api_id");
  const [root, verb] = topic?.split("/") ?? [];
  return factsOf("shopify", delivery, {
    event_type: topic,
    external_event_id: id,
    delivery_id: idOf(header(DELIVERY_HEADER)),
    project: shop,
    subject_key: subjectOf("shopify", shop, root ?? null, id),
    order: markOf(at("/updated_at"), verb === "create" ? 0 : 1),
  });
}
