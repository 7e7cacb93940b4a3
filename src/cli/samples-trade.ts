/** Sample deliveries of the senders of payments, orders and messages, and of the standard that has no sender of its own. */
import { FORM_TYPE, isoTime, JSON_TYPE, type Sample, unixTime } from "./sample.ts";

export const stripe: Sample = {
  content_type: JSON_TYPE,
  event: "invoice.paid",
  event_header: null,
  id_header: null,
  new_id: (hex) => `evt_${hex.slice(0, 24)}`,
  headers: {},
  body: ({ id, event, now }) =>
    JSON.stringify({
      id,
      object: "event",
      api_version: "2026-02-25",
      created: unixTime(now),
      livemode: false,
      type: event,
      request: { id: "req_desk41", idempotency_key: null },
      data: { object: { id: "in_1Desk4107", object: "invoice", amount_paid: 4200, currency: "eur", status: "paid" } },
    }),
};

export const shopify: Sample = {
  content_type: JSON_TYPE,
  event: "orders/create",
  event_header: "x-shopify-topic",
  id_header: "x-shopify-webhook-id",
  new_id: (hex) => hex,
  headers: { "x-shopify-shop-domain": "quill-and-co.myshopify.com" },
  body: ({ now }) =>
    `{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508","name":"#4107",` +
    `"currency":"EUR","total_price":"42.00","updated_at":${JSON.stringify(isoTime(now))}}`,
};

export const standardWebhooks: Sample = {
  content_type: JSON_TYPE,
  event: "order.shipped",
  event_header: null,
  id_header: "webhook-id",
  new_id: (hex) => `msg_${hex.slice(0, 24)}`,
  headers: {},
  body: ({ event, now }) =>
    JSON.stringify({ type: event, timestamp: isoTime(now), data: { order: "4107", carrier: "post" } }),
};

export const twilio: Sample = {
  content_type: FORM_TYPE,
  event: "delivered",
  event_header: null,
  id_header: "i-twilio-idempotency-token",
  new_id: (hex) => hex,
  headers: {},
  body: ({ event }) =>
    new URLSearchParams({
      AccountSid: "AC00000000000000000000000000004107",
      MessageSid: "SM00000000000000000000000000000012",
      MessageStatus: event,
      From: "+15005550006",
      To: "+15005550009",
    }).toString(),
};
