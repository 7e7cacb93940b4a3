/**
 * Jira's webhooks, of Cloud and of Data Center: one HMAC over the body, as WebSub writes it. The delivery's id stands outside of
 * what is signed. Connect and OAuth apps are signed otherwise, and Forge triggers not at all: neither is this sender.
 */
import type { Facts, OrderSignal } from "../core/delivery.ts";
import { eventName } from "./event-name.ts";
import { factReader, factsOf, idOf, nameable, subjectOf, type FactReader } from "./facts.ts";
import { orderMark } from "./order-mark.ts";
import type { Provider, ReadDelivery } from "./provider.ts";
import { hmacOfBody } from "./scheme.ts";

const SIGNATURE_HEADER = "x-hub-signature";
const DELIVERY_HEADER = "x-atlassian-webhook-identifier";

export const jira: Provider = {
  name: "jira",
  schemes: [hmacOfBody(SIGNATURE_HEADER, "sha256=")],
  acknowledgement: { status: 200, body: "receipt" },
  headers_kept: [
    "content-type",
    "content-length",
    "user-agent",
    SIGNATURE_HEADER,
    DELIVERY_HEADER,
    "x-atlassian-webhook-retry",
    "x-atlassian-webhook-flow",
    "x-atlassian-webhook-trace",
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
  const { at, named, header } = read;
  const event = at("/webhookEvent");
  const timestamp = named("/timestamp");
  const changelog = named("/changelog/id");
  return factsOf("jira", delivery, {
    event_type: typeOf(event, at("/issue_event_type_name")),
    external_event_id: changelog ?? momentOf(named("/issue/id"), timestamp),
    delivery_id: idOf(header(DELIVERY_HEADER)),
    actor: person(read, "/user") ?? authorOf(read, event),
    project: at("/issue/fields/project/key", "/project/key"),
    subject_key: subjectOf("jira", at("/issue/key")),
    order: orderOf(timestamp, changelog),
  });
}

/** The second name is given where it says more: `issue_updated` repeats `jira:issue_updated`, `issue_assigned` does not. */
const typeOf = (event: string | null, detail: string | null): string | null =>
  detail !== null && event?.endsWith(detail) === true ? event : eventName(event, detail);

const momentOf = (issue: string | null, timestamp: string | null): string | null =>
  issue === null || timestamp === null ? null : nameable(`${issue}:${timestamp}`);

/** Cloud has account ids; Data Center has login names. */
const person = ({ at }: FactReader, where: string): string | null =>
  at(`${where}/accountId`, `${where}/name`, `${where}/key`);

/** Events of comments and work logs name no user. Who deleted one is not said: its author may be another. */
const AUTHORS: ReadonlyMap<string | null, string> = new Map([
  ["comment_created", "/comment/author"],
  ["comment_updated", "/comment/updateAuthor"],
  ["worklog_created", "/worklog/author"],
  ["worklog_updated", "/worklog/updateAuthor"],
]);

function authorOf(read: FactReader, event: string | null): string | null {
  const where = AUTHORS.get(event);
  return where === undefined ? null : person(read, where);
}

/** By the event's own time in milliseconds; within one of them, by the entry that it made in the issue's history. */
function orderOf(timestamp: string | null, changelog: string | null): OrderSignal | null {
  if (timestamp === null) return null;
  const mark = orderMark(timestamp);
  return { kind: "mark", mark: changelog === null ? mark : `${mark}/${orderMark(changelog)}`, rank: 0 };
}
