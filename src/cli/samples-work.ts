/** Sample deliveries of the senders that track work: issues, incidents, errors, conversations. */
import { isoTime, JSON_TYPE, type Sample, unixTime, uuid } from "./sample.ts";

export const jira: Sample = {
  content_type: JSON_TYPE,
  event: "jira:issue_updated",
  event_header: null,
  id_header: "x-atlassian-webhook-identifier",
  new_id: uuid,
  headers: {},
  body: ({ event, now }) =>
    JSON.stringify({
      timestamp: now,
      webhookEvent: event,
      issue_event_type_name: "issue_assigned",
      user: { accountId: "557058:4107", displayName: "Ada" },
      issue: { id: "20417", key: "DESK-12", fields: { summary: "Ticks are off", project: { key: "DESK" } } },
      changelog: { id: "30155", items: [{ field: "assignee", fromString: null, toString: "Ada" }] },
    }),
};

export const pagerduty: Sample = {
  content_type: JSON_TYPE,
  event: "incident.triggered",
  event_header: null,
  id_header: null,
  new_id: (hex) => hex.slice(0, 26).toUpperCase(),
  headers: {},
  body: ({ id, event, now }) =>
    JSON.stringify({
      event: {
        id,
        event_type: event,
        resource_type: "incident",
        occurred_at: isoTime(now),
        agent: null,
        client: { name: "desk-monitor" },
        data: {
          id: "Q0DESK12INC",
          type: "incident",
          number: 12,
          title: "No prices for five minutes",
          status: "triggered",
          urgency: "high",
          service: { id: "PDESK01", summary: "Prices" },
        },
      },
    }),
};

export const slack: Sample = {
  content_type: JSON_TYPE,
  event: "message",
  event_header: null,
  id_header: null,
  new_id: (hex) => `Ev${hex.slice(0, 9).toUpperCase()}`,
  headers: {},
  body: ({ id, event, now }) =>
    JSON.stringify({
      type: "event_callback",
      team_id: "T0DESK01",
      api_app_id: "A0DESK01",
      event_id: id,
      event_time: unixTime(now),
      event: {
        type: event,
        channel: "C0DESK01",
        user: "U0DESK01",
        text: "Prices are back.",
        ts: `${unixTime(now)}.000100`,
        event_ts: `${unixTime(now)}.000100`,
      },
    }),
};

export const linear: Sample = {
  content_type: JSON_TYPE,
  event: "Issue",
  event_header: "linear-event",
  id_header: "linear-delivery",
  new_id: uuid,
  headers: {},
  body: ({ event, now }) =>
    JSON.stringify({
      type: event,
      action: "update",
      actor: { id: "0f6b7a1e-2f3c-4f7e-9b1a-5c0d9e8f7a61", name: "Ada" },
      organizationId: "c3b2a190-8f7e-4d6c-9b5a-4f3e2d1c0b9a",
      data: {
        id: "7a1e0f6b-3c2f-4e7f-8a9b-0d9e5c1f2b3c",
        title: "Ticks are off",
        team: { key: "DESK" },
        updatedAt: isoTime(now),
      },
      webhookTimestamp: now,
    }),
};

export const sentry: Sample = {
  content_type: JSON_TYPE,
  event: "issue",
  event_header: "sentry-hook-resource",
  id_header: "request-id",
  new_id: (hex) => hex,
  headers: {},
  body: () =>
    JSON.stringify({
      action: "created",
      actor: { type: "application", id: "sentry", name: "Sentry" },
      installation: { uuid: "4c1e6d1c-0b41-4a52-9a52-9c117f0a0e2b" },
      data: {
        issue: {
          id: "414100",
          title: "TypeError: price is undefined",
          status: "unresolved",
          project: { slug: "desk" },
        },
      },
    }),
};
