/**
 * Every key of `desk.toml`, once, with its default and its reason. The values are texts and numbers as a person writes them;
 * `desk-config.ts` makes milliseconds and bytes of them. Rules that look at two keys stand in `rules.ts`.
 */
import { z } from "zod";
import { BODY_BYTES_DEFAULT, BODY_BYTES_MAX, MAIL_WAITING_MAX } from "../core/limits.ts";
import { durationMs, endpointOf, type Form, forms, sizeBytes, sizeText } from "./forms.ts";

const NAME_REASON = "the workspace's name, the first part of every webhook's URL";

const text = (form: Form) => z.string(form.says).regex(form.pattern, form.says).meta({ format: form.format });

const endpoint = (form: Form) =>
  text(form).refine((value) => !form.pattern.test(value) || value === "off" || endpointOf(value) !== null, {
    error: "must have a port from 0 to 65535",
  });

const duration = (most: string) =>
  text(forms.duration).refine((value) => (durationMs(value) ?? 0) <= (durationMs(most) ?? 0), {
    error: `must be at most ${most}`,
    params: { nearest: most },
  });

const size = (most: string) =>
  text(forms.size).refine((value) => (sizeBytes(value) ?? 0) <= (sizeBytes(most) ?? 0), {
    error: `must be at most ${most}`,
    params: { nearest: most },
  });

const whole = (least: number, most: number) => {
  const says = `must be a whole number from ${least} to ${most}`;
  return z.int(says).min(least, says).max(most, says);
};

const either = new Intl.ListFormat("en", { type: "disjunction" });

const choice = <const T extends readonly [string, ...string[]]>(values: T) =>
  z.enum(values, `must be ${either.format(values.map((value) => JSON.stringify(value)))}`);

const Workspace = z.strictObject(
  { name: text(forms.name).optional().meta({ description: NAME_REASON }) },
  "must be a table",
);

const Daemon = z.strictObject(
  {
    ingress: endpoint(forms.endpoint)
      .default("127.0.0.1:7430")
      .meta({ description: "where deliveries come in; it serves webhooks and /healthz, nothing else" }),
    console: endpoint(forms.console)
      .default("127.0.0.1:7431")
      .meta({ description: 'where the console and the API are, or "off"; never expose it' }),
    drain: duration("1h")
      .default("20s")
      .meta({ description: "how long a stop waits for what is under way; service managers kill after 30s or more" }),
    body_limit: size(sizeText(BODY_BYTES_MAX))
      .default(sizeText(BODY_BYTES_DEFAULT))
      .meta({ description: "the largest body a webhook takes; a webhook may set its own" }),
    mail_waiting_max: whole(1, 1_000_000)
      .default(MAIL_WAITING_MAX)
      .meta({ description: "deliveries acknowledged but not yet worked on; beyond it senders get 503 and come back" }),
    disk_free_min: size("1024GiB")
      .default("256MiB")
      .meta({ description: "with less free disk senders get 503, while there is room to finish what was taken" }),
    request_timeout: duration("1h")
      .default("10s")
      .meta({ description: "how long a whole request may take; senders give up after 3s to 30s" }),
    headers_timeout: duration("1h")
      .default("5s")
      .meta({ description: "how long the headers of a request may take; not longer than request_timeout" }),
    signature_failures_per_minute: whole(1, 1_000_000)
      .default(60)
      .meta({ description: "failed signatures allowed for each webhook and address; valid ones are never limited" }),
    log_level: choice(["fatal", "error", "warn", "info", "debug", "trace"])
      .default("info")
      .meta({ description: "the least that is logged; no level logs bodies, header values or secrets" }),
  },
  "must be a table",
);

const pointer = (reason: string) => text(forms.pointer).optional().meta({ description: reason });

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
  "must be a table",
);

const Secret = z.union([text(forms.secret), z.array(text(forms.secret)).min(1)], forms.secret.says);

const Webhook = z.strictObject(
  {
    name: text(forms.name).meta({ description: "the last part of the URL; no two webhooks of a workspace share it" }),
    secret: Secret.meta({
      description: 'what the sender signs with: "env:VAR", "file:PATH", or a list of them while one replaces another',
    }),
    action: choice(["inbox", "run"]).meta({ description: "inbox writes an item into inbox/; run starts the task" }),
    task: text(forms.task).optional().meta({ description: "the issue that a run works on; only with action run" }),
    body_limit: size(sizeText(BODY_BYTES_MAX)).optional().meta({ description: "in place of the daemon's body_limit" }),
    dedupe: choice(["body", "id+body", "path"]).default("body").meta({
      description:
        'what makes two deliveries one: "body", for senders without an id; "id+body"; or "path", what dedupe_path points at',
    }),
    dedupe_path: pointer("where the payload holds what identifies it; only with dedupe path"),
    on_stale: choice(["process", "skip"])
      .default("process")
      .meta({ description: "what to do with a delivery older than one already seen" }),
    on_gap: choice(["process", "wait"])
      .default("process")
      .meta({ description: "what to do when the delivery before this one is missing" }),
    on_partial: choice(["process", "wait"])
      .default("process")
      .meta({ description: "what to do when the full commit hash is missing" }),
    hold_timeout: duration("3650d")
      .default("1h")
      .meta({ description: "how long a delivery waits for what is missing; then it is processed, and says so" }),
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
    map: FieldMap.prefault({}),
  },
  "must be a table",
);

export const DeskSchema = z.strictObject(
  {
    name: text(forms.name).optional().meta({ description: NAME_REASON }),
    workspace: Workspace.prefault({}),
    daemon: Daemon.prefault({}),
    webhook: z.array(Webhook, "must be written [[webhook]], with two brackets").default([]),
  },
  "must be a table",
);

/** A desk as written, defaults filled in. */
export type DeskText = z.output<typeof DeskSchema>;
export type WebhookText = DeskText["webhook"][number];
