/** Twilio's messages and calls. Its signature covers the public URL of the webhook, so that URL must be configured. */
import type { OrderSignal } from "../core/delivery.ts";
import { factReader, factsOf, idOf, markOf, nameable, subjectOf } from "./facts.ts";
import type { Provider, ReadDelivery } from "./provider.ts";

const SIGNATURE_HEADER = "x-twilio-signature";
const DELIVERY_HEADER = "i-twilio-idempotency-token";

/** How far an object has come, by the statuses that Twilio documents. One way to end is not behind another. */
const STAGES = {
  message: [
    ["scheduled"],
    ["accepted"],
    ["queued"],
    ["sending", "receiving"],
    ["sent", "received"],
    ["delivered", "undelivered", "failed", "canceled"],
    ["read"],
  ],
  call: [
    ["queued"],
    ["initiated"],
    ["ringing"],
    ["in-progress"],
    ["completed", "busy", "no-answer", "failed", "canceled"],
  ],
} as const satisfies Record<string, readonly (readonly string[])[]>;

export const twilio: Provider = {
  name: "twilio",
  schemes: [
    {
      algorithm: "sha1",
      encoding: "base64",
      headers: [SIGNATURE_HEADER],
      item_separator: null,
      field_separator: null,
      field: null,
      signed: "twilio",
      timestamp: null,
      id_headers: null,
      secret: { encoding: "utf8", prefix: "", prefix_required: false },
    },
  ],
  acknowledgement: { status: 200, body: "twiml" },
  headers_kept: ["content-type", "content-length", "user-agent", SIGNATURE_HEADER, DELIVERY_HEADER],
  dedupe: "id+body",
  body_limit_bytes: null,
  form_json: null,
  handshake: null,
  sameness: { kind: "fields" },
  normalize: (delivery) => {
    const { at, header } = factReader(delivery);
    const object = objectOf(delivery);
    const project = at("/AccountSid");
    return factsOf("twilio", delivery, {
      event_type: object && eventOf(object),
      external_event_id: object && object.sid,
      delivery_id: idOf(header(DELIVERY_HEADER)),
      actor: at("/From"),
      project,
      subject_key: object && subjectOf("twilio", project, object.sid),
      order: object && orderOf(object),
    });
  },
};

type TwilioObject = {
  readonly kind: keyof typeof STAGES;
  readonly sid: string;
  readonly status: string | null;
};

/** A delivery is about the message that it names, and else about the call. */
function objectOf(delivery: ReadDelivery): TwilioObject | null {
  const { at } = factReader(delivery);
  const message = at("/MessageSid", "/SmsSid");
  if (message !== null) return { kind: "message", sid: message, status: at("/MessageStatus", "/SmsStatus") };
  const call = at("/CallSid");
  return call === null ? null : { kind: "call", sid: call, status: at("/CallStatus") };
}

/** `message.delivered`, `call.completed`; without a status `message` or `call`. */
const eventOf = ({ kind, status }: TwilioObject): string =>
  status === null ? kind : (nameable(`${kind}.${status}`) ?? kind);

/** All of one object have one mark, so that the status alone orders them. A status that is not known orders nothing. */
function orderOf({ kind, sid, status }: TwilioObject): OrderSignal | null {
  const stages: readonly (readonly string[])[] = STAGES[kind];
  const rank = status === null ? -1 : stages.findIndex((stage) => stage.includes(status));
  return rank === -1 ? null : markOf(sid, rank);
}
