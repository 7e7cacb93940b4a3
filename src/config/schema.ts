/**
 * Every key of `desk.toml`, once, with its default and its reason. The values are texts and numbers as a person writes them;
 * `desk-config.ts` makes milliseconds and bytes of them. Rules that look at two keys stand in `rules.ts` and what it calls.
 */
import { z } from "zod";
import { BODY_BYTES_DEFAULT, BODY_BYTES_MAX, MAIL_WAITING_MAX } from "../core/limits.ts";
import { RULES_MAX } from "../redaction/rule.ts";
import { AgentSchema, ContextSchema } from "./agent-schema.ts";
import { CONNECTORS_MAX, ConnectorSchema, DraftSchema, NotifySchema } from "./connector-schema.ts";
import { forms, sizeText } from "./forms.ts";
import { InspectSchema, TelemetrySchema } from "./observe-schema.ts";
import { choice, duration, endpoint, size, TABLE, text, texts, url, whole } from "./value-kinds.ts";
import { ApprovalSchema, RiskSchema } from "./risk-schema.ts";
import { RedactionSchema } from "./redaction-schema.ts";
import { WebhookSchema } from "./webhook-schema.ts";

const NAME_REASON = "the workspace's name, the first part of every webhook's URL";

const Workspace = z.strictObject({ name: text(forms.name).optional().meta({ description: NAME_REASON }) }, TABLE);

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
  TABLE,
);

const ALLOWED_MAX = 256;
/** A note has at most 16 signatures, and the log's own is one. */
const WITNESSES_MAX = 8;

const Witness = z.strictObject(
  {
    url: url().meta({ description: "what it answers add-checkpoint below; https, or http on this machine" }),
    key: text(forms.witnessKey).meta({ description: "its vkey, as qoc witness init printed it" }),
  },
  TABLE,
);

const Evidence = z.strictObject(
  {
    public_allowlist: texts(forms.publicLeaf, ALLOWED_MAX).meta({
      description: "leaves of an envelope that a public pack opens; all others stay closed, each with a receipt",
    }),
    public_artifact_kinds: texts(forms.artifactKind, ALLOWED_MAX).meta({
      description: "artifacts whose hashes a public pack opens; a hash confirms a guess at the bytes",
    }),
    witness: z
      .array(Witness, "must be written [[evidence.witness]], with two brackets")
      .max(WITNESSES_MAX, `must have at most ${WITNESSES_MAX} items`)
      .default([]),
  },
  TABLE,
);

/** Tables that are written with two brackets. */
const tables = <T extends z.ZodType>(schema: T, name: string) =>
  z
    .array(schema, `must be written [[${name}]], with two brackets`)
    .max(CONNECTORS_MAX, `must have at most ${CONNECTORS_MAX} items`)
    .default([]);

export const DeskSchema = z.strictObject(
  {
    name: text(forms.name).optional().meta({ description: NAME_REASON }),
    workspace: Workspace.prefault({}),
    daemon: Daemon.prefault({}),
    evidence: Evidence.prefault({}),
    redaction: z
      .array(RedactionSchema, "must be written [[redaction]], with two brackets")
      .max(RULES_MAX, `must have at most ${RULES_MAX} items`)
      .default([]),
    agent: AgentSchema.prefault({}),
    context: ContextSchema.prefault({}),
    risk: RiskSchema.prefault({}),
    approval: ApprovalSchema.prefault({}),
    connector: tables(ConnectorSchema, "connector"),
    draft: tables(DraftSchema, "draft"),
    notify: tables(NotifySchema, "notify"),
    inspect: InspectSchema.prefault({}),
    telemetry: TelemetrySchema.prefault({}),
    webhook: z.array(WebhookSchema, "must be written [[webhook]], with two brackets").default([]),
  },
  TABLE,
);

/** A desk as written, defaults filled in. */
export type DeskText = z.output<typeof DeskSchema>;
