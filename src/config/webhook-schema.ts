/** `[[webhook]]`: every key of one endpoint. Rules between its keys stand in `webhook-rules.ts`. */
import { z } from "zod";
import { BODY_BYTES_MAX } from "../core/limits.ts";
import { RULES_MAX } from "../redaction/rule.ts";
import { TIMEOUT_MINUTES_MAX } from "./agent-schema.ts";
import { forms, sizeText } from "./forms.ts";
import { SchemeSchema } from "./scheme-schema.ts";
import { senderNames } from "./senders.ts";
import { choice, duration, pointer, size, TABLE, text, texts, url, whole } from "./value-kinds.ts";

const FieldMap = z.strictObject(
  {
    event: text(forms.pointer)
      .default("/event")
      .meta({ description: "where the payload says what kind of event it is" }),
    id: pointer("the sender's id of this delivery; without it the hash of the body is the id"),
    external_id: pointer("the sender's id of the event itself"),
    actor: pointer("who caused it"),
    project: pointer("the project or repository it belongs to"),
    ref: pointer("the branch or tag it is about"),
    commit_sha: pointer("the full commit hash that anchors the evidence; a short one never does"),
    subject: pointer("what it is about: deliveries with the same subject are put in order"),
    updated_at: pointer("the time that orders deliveries of one subject"),
  },
  TABLE,
);

const Secret = z.union([text(forms.secret), z.array(text(forms.secret)).min(1)], forms.secret.says);

export const WebhookSchema = z.strictObject(
  {
    name: text(forms.name).meta({ description: "the last part of the URL; no two webhooks of a workspace share it" }),
    provider: choice(senderNames).default("qoc").meta({
      description: "who sends, and with that how it signs and where its facts stand; [webhook.scheme] describes custom",
    }),
    public_url: url().optional().meta({
      description:
        "what the sender calls, where a proxy stands before the daemon; required with twilio, which signs it",
    }),
    secret: Secret.meta({
      description: 'what the sender signs with: "env:VAR", "file:PATH", or a list of them while one replaces another',
    }),
    action: choice(["inbox", "run"]).meta({ description: "inbox writes an item into inbox/; run starts the task" }),
    task: text(forms.task).optional().meta({ description: "the issue that a run works on; only with action run" }),
    timeout_minutes: whole(1, TIMEOUT_MINUTES_MAX)
      .optional()
      .meta({ description: "in place of the agent's timeout_minutes; only with action run" }),
    body_limit: size(sizeText(BODY_BYTES_MAX)).optional().meta({
      description: "in place of the daemon's body_limit, or of the most that this sender is known to send",
    }),
    dedupe: choice(["body", "id+body", "path"]).optional().meta({
      description:
        'what makes two deliveries one: "body", "id+body" or "path"; without it "id+body" where the sender has ids, else "body"',
    }),
    dedupe_path: pointer("where the payload holds what identifies it; only with dedupe path"),
    dedupe_window: duration("3650d").optional().meta({
      description:
        "a delivery that is known is a redelivery for so long, then a run of its own; without it, while the run is kept",
    }),
    on_stale: choice(["process", "skip"])
      .default("process")
      .meta({ description: "what to do with a delivery older than one already seen" }),
    on_gap: choice(["process", "wait"])
      .default("process")
      .meta({ description: "what to do when the delivery before this one is missing" }),
    on_partial: choice(["process", "wait"])
      .default("process")
      .meta({ description: "what to do when the full commit hash is missing" }),
    hold_timeout: duration("3650d").default("1h").meta({
      description: "how long on_gap waits for the delivery before this one; then it is processed, and says so",
    }),
    context_timeout: duration("3650d")
      .default("1h")
      .meta({ description: "how long on_partial waits for a full commit hash; then it is processed, and says so" }),
    approval_timeout: duration("3650d")
      .default("24h")
      .meta({ description: "how long a draft order waits for a person; then it is denied" }),
    attempts: whole(1, 100).default(5).meta({ description: "how often a failing effect is tried in all" }),
    backoff: duration("24h")
      .default("1s")
      .meta({ description: "the wait before the second attempt; it grows with each" }),
    enabled: z
      .boolean("must be true or false")
      .default(true)
      .meta({ description: "false closes the endpoint: senders get the same 404 as for an unknown one" }),
    storage: choice(["raw", "filtered"]).default("raw").meta({
      description:
        "what is stored: raw, the bytes as they came; filtered, what the rules of [[redaction]] leave of them",
    }),
    redact: texts(forms.name, RULES_MAX).meta({
      description: "the ids of the rules that it masks by; without it, all of them; only with storage filtered",
    }),
    map: FieldMap.prefault({}),
    scheme: SchemeSchema.optional(),
  },
  TABLE,
);

/** A webhook as written, defaults filled in. */
export type WebhookText = z.output<typeof WebhookSchema>;
