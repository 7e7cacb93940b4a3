/** What a person has to know to connect each sender, from the senders' own documents: one table for `qoc endpoints show` and the README. */
import type { ProviderName } from "../providers/index.ts";

export type SenderNotes = {
  /** Where the secret comes from. */
  readonly secret: string;
  /** What the signature covers. */
  readonly verified: string;
  /** What names the delivery, and whether that is signed. */
  readonly id: string;
  readonly not_claimed: string;
  /** What to choose there, for what qoc finds in it; whatever else comes is taken too. */
  readonly events: string;
  readonly content_type: string;
  /** How long it waits for the answer; null where its documents do not say. */
  readonly answer_within: string | null;
};

const JSON_ONLY = "application/json";

export const senderNotes = {
  qoc: {
    secret: "yours: `qoc init` generates one",
    verified: "body",
    id: "`X-Qoc-Delivery`, not signed; else the hash of the body",
    not_claimed: "when it was sent",
    events: "whatever you send",
    content_type: JSON_ONLY,
    answer_within: null,
  },
  github: {
    secret: "the webhook's secret",
    verified: "body",
    id: "`X-GitHub-Delivery`, not signed",
    not_claimed: "when it was sent; the event's name, a header",
    events:
      "push, pull_request, check_run, check_suite, workflow_run, workflow_job, status, deployment and merge_group name a commit",
    content_type: `${JSON_ONLY}; a form with its field payload is read too`,
    answer_within: "10 s; it sends nothing again by itself",
  },
  gitlab: {
    secret: "the signing token (`whsec_…`, GitLab 19.0), or the secret token",
    verified: "id, time (5 min), body; with the secret token nothing but the token",
    id: "`webhook-id`, signed; else `Idempotency-Key`",
    not_claimed: "with the secret token: that the body is GitLab's; a webhook that lists both is as weak as the token",
    events: "push, tag push, merge request, pipeline and job events name a commit",
    content_type: JSON_ONLY,
    answer_within: "10 s on GitLab.com; after four failures in a row it pauses the webhook",
  },
  bitbucket: {
    secret: "the webhook's secret; without one nothing is signed",
    verified: "body",
    id: "`X-Request-UUID`, not signed",
    not_claimed: "an anchor from a pull request: its hashes have 12 characters",
    events: "repo:push names commits; pullrequest:* abbreviates them",
    content_type: JSON_ONLY,
    answer_within: "10 s",
  },
  "bitbucket-server": {
    secret: "the webhook's secret",
    verified: "body",
    id: "`X-Request-Id`, not signed",
    not_claimed: "when it was sent",
    events: "repo:refs_changed and pr:* name commits",
    content_type: JSON_ONLY,
    answer_within: null,
  },
  jira: {
    secret: "the webhook's secret: admin webhooks, not Connect, OAuth or Forge",
    verified: "body",
    id: "`X-Atlassian-Webhook-Identifier`, not signed",
    not_claimed: "a commit: none is named",
    events: "jira:issue_updated, comment_created and the like",
    content_type: JSON_ONLY,
    answer_within: null,
  },
  pagerduty: {
    secret: "the secret of the v3 webhook subscription",
    verified: "body",
    id: "`event.id`, signed",
    not_claimed: "a commit: none is named",
    events: "incident.triggered, incident.resolved and the like",
    content_type: JSON_ONLY,
    answer_within: "5 s",
  },
  slack: {
    secret: "the app's signing secret",
    verified: "time (5 min), body",
    id: "`event_id`, signed",
    not_claimed: "a commit: none is named",
    events: "any event, interaction or slash command; the url_verification is answered",
    content_type: `${JSON_ONLY}, or a form`,
    answer_within: "3 s",
  },
  stripe: {
    secret: "the endpoint's `whsec_…`, whole",
    verified: "time (5 min), body",
    id: "`id`, signed",
    not_claimed: "an order: Stripe promises none",
    events: "any",
    content_type: JSON_ONLY,
    answer_within: null,
  },
  shopify: {
    secret: "the app's client secret",
    verified: "body",
    id: "`X-Shopify-Webhook-Id`, not signed",
    not_claimed: "when it was sent; topic and shop, both headers",
    events: "any topic",
    content_type: JSON_ONLY,
    answer_within: "5 s; after eight failures it deletes a subscription made by API",
  },
  linear: {
    secret: "the webhook's secret",
    verified: "body with its time (1 min)",
    id: "`Linear-Delivery`, not signed",
    not_claimed: "a commit: none is named",
    events: "any resource",
    content_type: JSON_ONLY,
    answer_within: "5 s",
  },
  sentry: {
    secret: "the integration's client secret",
    verified: "body",
    id: "`Request-ID`, not signed",
    not_claimed: "when it was sent: its time is a header that is not signed",
    events: "issue, error, event_alert, metric_alert, comment",
    content_type: JSON_ONLY,
    answer_within: null,
  },
  "standard-webhooks": {
    secret: "the sender's `whsec_…` (HMAC) or `whpk_…` (Ed25519)",
    verified: "id, time (5 min), body",
    id: "`webhook-id` or `svix-id`, signed",
    not_claimed: "a commit: the standard names none",
    events: "any",
    content_type: JSON_ONLY,
    answer_within: "15 to 30 s, as the standard advises",
  },
  twilio: {
    secret: "the account's auth token",
    verified: "the public URL, and the form's fields or the body's hash",
    id: "`I-Twilio-Idempotency-Token`, not signed",
    not_claimed: "when it was sent",
    events: "status callbacks of messages and calls",
    content_type: "application/x-www-form-urlencoded, or JSON",
    answer_within: "15 s",
  },
} as const satisfies Record<ProviderName, SenderNotes>;
