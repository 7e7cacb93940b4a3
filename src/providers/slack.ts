/**
 * Slack: events as JSON, interactivity as JSON in the field `payload` of a form, slash commands as the fields of a form. The
 * signature is over the bytes in each case, together with the time of the attempt.
 */
import type { Facts } from "../core/delivery.ts";
import { eventName } from "./event-name.ts";
import { factReader, factsOf, idOf, markOf, subjectOf, type FactReader } from "./facts.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import type { SignatureScheme } from "./scheme.ts";

const SIGNATURE_HEADER = "x-slack-signature";
const TIMESTAMP_HEADER = "x-slack-request-timestamp";

const v0: SignatureScheme = {
  algorithm: "sha256",
  encoding: "hex",
  headers: [SIGNATURE_HEADER],
  item_separator: null,
  field_separator: "=",
  field: "v0",
  signed: "v0:{timestamp}:{body}",
  timestamp: { from: "header", names: [TIMESTAMP_HEADER], unit: "s", tolerance_s: 300 },
  id_headers: null,
  secret: { encoding: "utf8", prefix: "", prefix_required: false },
};

export const slack: Provider = {
  name: "slack",
  schemes: [v0],
  acknowledgement: { status: 200, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    SIGNATURE_HEADER,
    TIMESTAMP_HEADER,
    "x-slack-retry-num",
    "x-slack-retry-reason",
  ],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: "payload",
  handshake: { pointer: "/type", value: "url_verification", echo: "/challenge" },
  sameness: null,
  normalize,
};

function normalize(delivery: ReadDelivery): Facts {
  const read = factReader(delivery);
  const { at } = read;
  const id = at("/event_id");
  const team = at("/team_id", "/team/id", "/user/team_id");
  return factsOf("slack", delivery, {
    event_type: typeOf(read),
    external_event_id: id,
    delivery_id: idOf(id),
    actor: at("/event/user", "/event/user/id", "/event/user_id", "/event/channel/creator", "/user/id", "/user_id"),
    project: team,
    subject_key: subjectOf("slack", team, channelOf(read)),
    order: markOf(at("/event/event_ts", "/event/ts", "/actions/0/action_ts", "/action_ts")),
  });
}

/** An event's own type; that of an interaction or a handshake; or the slash command, which has none. */
function typeOf({ at }: FactReader): string | null {
  const event = at("/event/type");
  return event === null ? at("/type", "/command") : eventName(event, at("/event/subtype"));
}

/** Senders' times are unique, and so order, within one channel only. */
const channelOf = ({ at }: FactReader): string | null =>
  at(
    "/event/channel",
    "/event/channel/id",
    "/event/channel_id",
    "/event/item/channel",
    "/channel/id",
    "/container/channel_id",
    "/channel_id",
  );
