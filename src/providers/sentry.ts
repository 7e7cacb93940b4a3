/**
 * Sentry's integration platform: one HMAC over the body in bare hex. The kind of thing an event is about is named in a header that
 * is not signed; the thing itself is found in the signed body, so that the header cannot make it another.
 */
import type { Facts } from "../core/delivery.ts";
import { eventName } from "./event-name.ts";
import { factReader, factsOf, idOf, subjectOf, type FactReader } from "./facts.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import { hmacOfBody } from "./scheme.ts";

const SIGNATURE_HEADER = "sentry-hook-signature";
const DELIVERY_HEADER = "request-id";
const RESOURCE_HEADER = "sentry-hook-resource";

export const sentry: Provider = {
  name: "sentry",
  schemes: [hmacOfBody(SIGNATURE_HEADER, "")],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    SIGNATURE_HEADER,
    DELIVERY_HEADER,
    RESOURCE_HEADER,
    "sentry-hook-timestamp",
  ],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize,
};

/** https://docs.sentry.io/integrations/integration-platform/webhooks/ */
const RESOURCES = [
  ["issue", "/data/issue/id"],
  ["error", "/data/error/event_id"],
  ["event_alert", "/data/event/event_id"],
  ["metric_alert", "/data/metric_alert/id"],
  ["comment", "/data/comment_id"],
  ["installation", "/data/installation/uuid"],
] as const;

/** No commit: a release is often named after one, and just as often not. No order: the one time that every event has is not signed. */
function normalize(delivery: ReadDelivery): Facts {
  const { at, named, header } = factReader(delivery);
  const [resource, id] = about(named);
  return factsOf("sentry", delivery, {
    event_type: eventName(header(RESOURCE_HEADER) ?? resource, at("/action")),
    external_event_id: id,
    delivery_id: idOf(header(DELIVERY_HEADER)),
    actor: named("/actor/id"),
    project: named(
      "/data/issue/project/slug",
      "/data/error/project",
      "/data/event/project",
      "/data/project_slug",
      "/installation/uuid",
    ),
    subject_key: subjectOf("sentry", resource, id),
  });
}

function about(named: FactReader["named"]): readonly [resource: string | null, id: string | null] {
  for (const [resource, pointer] of RESOURCES) {
    const id = named(pointer);
    if (id !== null) return [resource, id];
  }
  return [null, null];
}
