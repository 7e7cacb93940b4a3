/** GitLab: project, group and system hooks. docs.gitlab.com/user/project/integrations/webhooks. */
import type { Facts } from "../core/delivery.ts";
import { BODY_BYTES_MAX } from "../core/limits.ts";
import { factsAt, textAt } from "./event-places.ts";
import { eventName } from "./event-name.ts";
import { factReader, factsOf, idOf, type FactReader } from "./facts.ts";
import { placesOf } from "./gitlab-events.ts";
import { repositoryUpdate } from "./gitlab-repository-update.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import type { SignatureScheme } from "./scheme.ts";
import { standardHmac } from "./standard-webhooks.ts";

const SIGNING_PREFIX = "whsec_";

/**
 * The signing token of GitLab 19.0: Standard Webhooks v1. `webhook-id` is constant over retries, the time is that of
 * the attempt.
 */
const signingToken: SignatureScheme = {
  ...standardHmac,
  headers: ["webhook-signature"],
  timestamp: { from: "header", names: ["webhook-timestamp"], unit: "s", tolerance_s: 300 },
  id_headers: ["webhook-id"],
  secret: { encoding: "base64", prefix: SIGNING_PREFIX, prefix_required: true },
};

/**
 * The older secret token: the header is the secret itself, and the body is not authenticated. A signing token is never one: it would
 * stand in a header as it is, and prove no body.
 */
const secretToken: SignatureScheme = {
  algorithm: "token",
  encoding: "hex",
  headers: ["x-gitlab-token"],
  item_separator: null,
  field_separator: null,
  field: null,
  signed: "{body}",
  timestamp: null,
  id_headers: null,
  secret: { encoding: "utf8", prefix: "", prefix_required: false, prefixes_refused: [SIGNING_PREFIX] },
};

export const gitlab: Provider = {
  name: "gitlab",
  // A request without a signature is judged by its token: a webhook that has secrets of both kinds is as weak as the token.
  schemes: [signingToken, secretToken],
  // The documentation asks for 200 or 201.
  acknowledgement: { status: 200, body: "receipt" },
  // X-Gitlab-Token is the secret itself.
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    "x-gitlab-event",
    "x-gitlab-event-uuid",
    "x-gitlab-webhook-uuid",
    "x-gitlab-instance",
    "idempotency-key",
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
  ],
  dedupe: "id+body",
  body_limit_bytes: BODY_BYTES_MAX,
  form_json: null,
  handshake: null,
  sameness: null,
  normalize,
};

/**
 * The kind of event is the body's `object_kind`, or `event_name` where there is none: it is one word for project, group
 * and system hooks, of which the last say no more than "System Hook" in their header, and it is signed where anything
 * is. Behind it stands what happened: `merge_request.open`, `pipeline.success`. A custom template can leave both out;
 * then the header is the name.
 */
function normalize(delivery: ReadDelivery): Facts {
  const read = factReader(delivery);
  const kind = read.at("/object_kind", "/event_name");
  const places = placesOf(kind);
  return factsOf("gitlab", delivery, {
    ...factsAt(places, "gitlab", read),
    ...(kind === "repository_update" ? repositoryUpdate(delivery.payload, read) : {}),
    event_type: kind === null ? read.header("x-gitlab-event") : (eventName(kind, textAt(read, places.action)) ?? kind),
    delivery_id: deliveryId(read),
  });
}

/** `X-Gitlab-Event-UUID` is none: hooks that set off each other share it. */
const deliveryId = (read: FactReader): string | null =>
  idOf(read.header("webhook-id")) ?? idOf(read.header("idempotency-key"));
