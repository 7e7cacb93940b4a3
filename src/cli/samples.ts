/** What `qoc send` sends when it is told nothing else: one sample a preset, and one for whatever a desk describes itself. */
import type { ProviderName, Sender } from "../providers/index.ts";
import type { CustomSender } from "../providers/provider.ts";
import { JSON_TYPE, type Sample } from "./sample.ts";
import { bitbucket, bitbucketServer, github, gitlab } from "./samples-code.ts";
import { shopify, standardWebhooks, stripe, twilio } from "./samples-trade.ts";
import { jira, linear, pagerduty, sentry, slack } from "./samples-work.ts";

/** A desk's own sender sends no id unless it is told to: the hash of the body is the id then. */
const qoc: Sample = {
  content_type: JSON_TYPE,
  event: "price_alert",
  event_header: null,
  id_header: "x-qoc-delivery",
  new_id: null,
  headers: {},
  body: null,
};

export const samples = {
  qoc,
  github,
  gitlab,
  bitbucket,
  "bitbucket-server": bitbucketServer,
  jira,
  pagerduty,
  slack,
  stripe,
  shopify,
  linear,
  sentry,
  "standard-webhooks": standardWebhooks,
  twilio,
} as const satisfies Record<ProviderName, Sample>;

export function sampleFor(sender: Sender): Sample {
  switch (sender.kind) {
    case "preset":
      return samples[sender.name];
    case "custom":
      return customSample(sender.sender);
  }
}

/** An id that is signed is needed, and one that has a header of its own is useful. */
const customSample = ({ scheme, id_header, event_header }: CustomSender): Sample => ({
  ...qoc,
  event_header,
  id_header,
  new_id: id_header === null && scheme.id_headers === null ? null : (hex) => hex,
});
