/** GitHub: HMAC-SHA256 of the raw body, no signed time, no retries; docs.github.com/webhooks. The older sha1 signature is not looked at. */
import type { Facts } from "../core/delivery.ts";
import { BODY_BYTES_MAX } from "../core/limits.ts";
import { eventName } from "./event-name.ts";
import { factsAt } from "./event-places.ts";
import { factReader, factsOf, idOf } from "./facts.ts";
import { placesOf } from "./github-events.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import { hmacOfBody } from "./scheme.ts";

const SIGNATURE_HEADER = "x-hub-signature-256";
const EVENT_HEADER = "x-github-event";
const DELIVERY_HEADER = "x-github-delivery";

export const github: Provider = {
  name: "github",
  schemes: [hmacOfBody(SIGNATURE_HEADER, "sha256=")],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    EVENT_HEADER,
    DELIVERY_HEADER,
    "x-github-hook-id",
    "x-github-hook-installation-target-id",
    "x-github-hook-installation-target-type",
    SIGNATURE_HEADER,
  ],
  dedupe: "id+body",
  body_limit_bytes: BODY_BYTES_MAX,
  form_json: "payload",
  handshake: null,
  sameness: null,
  normalize,
};

/** `pull_request.synchronize`, and `push` alone. The action of a `repository_dispatch` is its caller's, and can be too long to be part of a name. */
function normalize(delivery: ReadDelivery): Facts {
  const read = factReader(delivery);
  const event = read.header(EVENT_HEADER);
  return factsOf("github", delivery, {
    ...factsAt(placesOf(event), "github", read),
    event_type: event && (eventName(event, read.named("/action")) ?? event),
    delivery_id: idOf(read.header(DELIVERY_HEADER)),
  });
}
