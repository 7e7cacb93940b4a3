/** Linear: one HMAC over the body in bare hex. The time of the attempt stands in the body, so it is signed; the one in a header is not. */
import type { Facts } from "../core/delivery.ts";
import { eventName } from "./event-name.ts";
import { factReader, factsOf, idOf, markOf, subjectOf } from "./facts.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import { hmacOfBody, type SignatureScheme } from "./scheme.ts";

const SIGNATURE_HEADER = "linear-signature";
const DELIVERY_HEADER = "linear-delivery";

const hmacOfTimedBody: SignatureScheme = {
  ...hmacOfBody(SIGNATURE_HEADER, ""),
  timestamp: { from: "body", names: ["/webhookTimestamp"], unit: "ms", tolerance_s: 60 },
};

export const linear: Provider = {
  name: "linear",
  schemes: [hmacOfTimedBody],
  /** Anything but 200 is a failure to Linear. */
  acknowledgement: { status: 200, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    SIGNATURE_HEADER,
    DELIVERY_HEADER,
    "linear-event",
    "linear-timestamp",
  ],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: { kind: "without", member: "webhookTimestamp" },
  normalize,
};

function normalize(delivery: ReadDelivery): Facts {
  const { at, header } = factReader(delivery);
  const type = at("/type");
  const action = at("/action");
  const id = at("/data/id");
  return factsOf("linear", delivery, {
    event_type: eventName(type, action),
    external_event_id: id,
    delivery_id: idOf(header(DELIVERY_HEADER)),
    actor: at("/actor/id"),
    project: at("/organizationId", "/data/team/key"),
    subject_key: subjectOf("linear", type, id),
    order: markOf(at("/data/updatedAt"), rankOf(action)),
  });
}

/** What is created or removed says when it was last updated, which may be the time of another delivery about it. */
function rankOf(action: string | null): number {
  if (action === "create") return 0;
  return action === "remove" ? 2 : 1;
}
