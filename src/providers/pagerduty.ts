/**
 * PagerDuty's v3 webhooks. One header may hold several signatures, any of which may match. What orders and names an event stands in
 * the signed body; no event of this sender names a commit.
 */
import type { Facts } from "../core/delivery.ts";
import { factReader, factsOf, idOf, markOf, subjectOf, type FactReader } from "./facts.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import { hmacOfBody, type SignatureScheme } from "./scheme.ts";

const SIGNATURE_HEADER = "x-pagerduty-signature";

const v1: SignatureScheme = {
  ...hmacOfBody(SIGNATURE_HEADER, ""),
  item_separator: ",",
  field_separator: "=",
  field: "v1",
};

export const pagerduty: Provider = {
  name: "pagerduty",
  schemes: [v1],
  acknowledgement: { status: 202, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    SIGNATURE_HEADER,
    "x-webhook-id",
    "x-webhook-subscription",
  ],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize,
};

function normalize(delivery: ReadDelivery): Facts {
  const read = factReader(delivery);
  const { at } = read;
  const event = at("/event/event_type");
  const id = at("/event/id");
  return factsOf("pagerduty", delivery, {
    event_type: event,
    external_event_id: id,
    delivery_id: idOf(id),
    actor: at("/event/agent/id", "/event/client/name"),
    project: at(at("/event/data/type") === "service" ? "/event/data/id" : "/event/data/service/id"),
    subject_key: subject(read),
    order: markOf(at("/event/occurred_at"), rankOf(event)),
  });
}

/** Notes, responders and the like are events of the incident that they stand in, under ids of their own. */
function subject({ at }: FactReader): string | null {
  const incident = at("/event/data/incident/id");
  return incident === null
    ? subjectOf("pagerduty", at("/event/data/type"), at("/event/data/id"))
    : subjectOf("pagerduty", "incident", incident);
}

const FIRST = 0;
const BETWEEN = 1;
const LAST = 2;

/** Within one millisecond an incident is triggered before anything else. Of resolving and opening again either may be the later. */
function rankOf(event: string | null): number {
  if (event === "incident.triggered") return FIRST;
  return event === "incident.resolved" || event === "incident.reopened" ? LAST : BETWEEN;
}
