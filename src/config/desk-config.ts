/** A desk's configuration as the rest of the program knows it: checked, with units in the names, nothing left to look up. */
import type { Policy } from "../core/delivery.ts";
import { assert } from "../core/assert.ts";
import { type AgentConfig, agentConfig, agentPolicy, type ContextConfig, contextConfig } from "./agent-config.ts";
import { agentWarnings } from "./agent-rules.ts";
import {
  type ApprovalConfig,
  type ConnectorConfig,
  connectorConfig,
  type DraftKindConfig,
  draftKindConfig,
  type NotifyConfig,
  notifyConfig,
  type RiskConfig,
  riskConfig,
} from "./order-config.ts";
import { providerFor, type Sender } from "../providers/index.ts";
import { durationMs, type Endpoint, endpointOf, sizeBytes } from "./forms.ts";
import type { RedactionRule } from "../redaction/rule.ts";
import { redactionOf, unusedRules } from "./redactions.ts";
import type { DeskText } from "./schema.ts";
import type { Secret } from "./secrets.ts";
import { senderOf } from "./senders.ts";
import type { Setting } from "./settings.ts";
import type { WebhookText } from "./webhook-schema.ts";

export type DeskConfig = {
  readonly name: string;
  readonly daemon: DaemonConfig;
  readonly evidence: EvidenceConfig;
  readonly agent: AgentConfig;
  readonly context: ContextConfig;
  readonly risk: RiskConfig;
  readonly approval: ApprovalConfig;
  readonly connectors: readonly ConnectorConfig[];
  readonly drafts: readonly DraftKindConfig[];
  readonly notify: readonly NotifyConfig[];
  /** In the order of the file, those that are not enabled too. */
  readonly webhooks: readonly WebhookConfig[];
  /** Every key with its value and origin, for people. */
  readonly settings: readonly Setting[];
  /** What is most likely not meant, and yet no contradiction: sentences for people. */
  readonly warnings: readonly string[];
};

/** What a public pack may open, and who watches the log. */
export type EvidenceConfig = {
  /** JSON Pointers to leaves of an envelope, `*` standing for any index. */
  readonly public_allowlist: readonly string[];
  readonly public_artifact_kinds: readonly string[];
  /** Who is asked to cosign the log's checkpoints; `key` is a vkey of type 0x04. */
  readonly witness: readonly { readonly url: string; readonly key: string }[];
};

export type LogLevel = DeskText["daemon"]["log_level"];

export type DaemonConfig = {
  readonly ingress: Endpoint;
  /** Null when it is off. */
  readonly console: Endpoint | null;
  readonly drain_ms: number;
  readonly body_limit_bytes: number;
  readonly mail_waiting_max: number;
  readonly disk_free_min_bytes: number;
  readonly request_timeout_ms: number;
  readonly headers_timeout_ms: number;
  readonly signature_failures_per_minute: number;
  readonly log_level: LogLevel;
  /** Whether the bridge to Stately's hosted inspector may be used. */
  readonly stately: boolean;
  /** Lets a scraper read `/metrics` on the console's port; null: none can. */
  readonly metrics_token: Secret | null;
  /** The OTLP/HTTP endpoint that spans are sent to; null: none are made. */
  readonly traces: string | null;
};

/** What makes two deliveries one. `path` is a JSON Pointer into the payload. */
export type Dedupe =
  | { readonly kind: "body" }
  | { readonly kind: "id+body" }
  | { readonly kind: "path"; readonly path: string };

/** JSON Pointers (RFC 6901) into the payload; null for a field that is not to be looked for. */
export type FieldMap = {
  readonly event: string;
  readonly id: string | null;
  readonly external_id: string | null;
  readonly actor: string | null;
  readonly project: string | null;
  readonly ref: string | null;
  readonly commit_sha: string | null;
  readonly subject: string | null;
  readonly updated_at: string | null;
};

export type WebhookConfig = {
  readonly name: string;
  readonly enabled: boolean;
  readonly provider: Sender;
  /** What the sender calls, where that is not what arrives here. */
  readonly public_url: string | null;
  /** At least one, none of them empty; any of them may have signed. */
  readonly secrets: readonly Secret[];
  readonly body_limit_bytes: number;
  readonly dedupe: Dedupe;
  /** How long a known delivery is a redelivery; null: as long as its run is kept. */
  readonly dedupe_window_ms: number | null;
  readonly map: FieldMap;
  /** What a run keeps for its whole life. */
  readonly policy: Policy;
  /** What is masked before anything is stored; null: nothing, and what comes is stored as it comes. */
  readonly redaction: readonly RedactionRule[] | null;
};

/** The two lists by the places of webhooks and of targets in theirs. */
export type BareSecrets = {
  readonly byWebhook: readonly (readonly Secret[])[];
  readonly byTarget: readonly (readonly Secret[])[];
  readonly metricsToken: Secret | null;
};

/** Every rule and every secret has been checked. */
export function deskConfig(
  desk: DeskText,
  { byWebhook, byTarget, metricsToken }: BareSecrets,
  settings: readonly Setting[],
): DeskConfig {
  const name = desk.name ?? desk.workspace.name;
  assert(name !== undefined, "a checked desk has a name");
  const daemon = daemonConfig(desk, metricsToken);
  const agent = agentConfig(desk.agent);
  const webhooks = desk.webhook.map((webhook, i) => ({
    ...webhookConfig(webhook, byWebhook[i] ?? [], daemon),
    policy: { ...policyOf(webhook), ...agentPolicy(webhook, agent) },
    redaction: redactionOf(webhook, desk.redaction),
  }));
  const { approval, evidence } = desk;
  const risk = riskConfig(desk.risk);
  return {
    name,
    daemon,
    evidence,
    agent,
    context: contextConfig(desk.context),
    risk,
    approval,
    connectors: desk.connector.map(connectorConfig),
    drafts: desk.draft.map(draftKindConfig),
    notify: desk.notify.map((target, i) => notifyConfig(target, byTarget[i]?.[0])),
    webhooks,
    settings,
    warnings: [...unusedRules(desk.redaction, webhooks), ...agentWarnings({ agent, approval, risk })],
  };
}

function daemonConfig({ daemon, inspect, telemetry }: DeskText, metricsToken: Secret | null): DaemonConfig {
  return {
    ingress: checked(endpointOf(daemon.ingress)),
    console: daemon.console === "off" ? null : checked(endpointOf(daemon.console)),
    drain_ms: checked(durationMs(daemon.drain)),
    body_limit_bytes: checked(sizeBytes(daemon.body_limit)),
    mail_waiting_max: daemon.mail_waiting_max,
    disk_free_min_bytes: checked(sizeBytes(daemon.disk_free_min)),
    request_timeout_ms: checked(durationMs(daemon.request_timeout)),
    headers_timeout_ms: checked(durationMs(daemon.headers_timeout)),
    signature_failures_per_minute: daemon.signature_failures_per_minute,
    log_level: daemon.log_level,
    stately: inspect.stately,
    metrics_token: metricsToken,
    traces: telemetry.traces ?? null,
  };
}

function webhookConfig(
  webhook: WebhookText,
  secrets: readonly Secret[],
  daemon: DaemonConfig,
): Omit<WebhookConfig, "redaction" | "policy"> {
  assert(secrets.length > 0, "a checked webhook has a secret");
  const { name, enabled, body_limit, dedupe_window } = webhook;
  const provider = senderOf(webhook);
  const known = providerFor(provider);
  return {
    name,
    enabled,
    provider,
    public_url: webhook.public_url ?? null,
    secrets,
    body_limit_bytes:
      body_limit === undefined ? (known.body_limit_bytes ?? daemon.body_limit_bytes) : checked(sizeBytes(body_limit)),
    dedupe: dedupeOf(webhook.dedupe ?? known.dedupe, webhook.dedupe_path),
    dedupe_window_ms: dedupe_window === undefined ? null : checked(durationMs(dedupe_window)),
    map: fieldMap(webhook.map),
  };
}

function policyOf(webhook: WebhookText): Policy {
  const { action, task, on_stale, on_gap, on_partial } = webhook;
  return {
    action,
    task: task ?? null,
    on_stale,
    on_gap,
    on_partial,
    hold_timeout_ms: checked(durationMs(webhook.hold_timeout)),
    context_timeout_ms: checked(durationMs(webhook.context_timeout)),
    approval_timeout_ms: checked(durationMs(webhook.approval_timeout)),
    attempts_max: webhook.attempts,
    backoff_ms: checked(durationMs(webhook.backoff)),
  };
}

function dedupeOf(kind: Dedupe["kind"], path: string | undefined): Dedupe {
  if (kind !== "path") return { kind };
  assert(path !== undefined, "dedupe by path has a path");
  return { kind, path };
}

function fieldMap(map: WebhookText["map"]): FieldMap {
  return {
    event: map.event,
    id: map.id ?? null,
    external_id: map.external_id ?? null,
    actor: map.actor ?? null,
    project: map.project ?? null,
    ref: map.ref ?? null,
    commit_sha: map.commit_sha ?? null,
    subject: map.subject ?? null,
    updated_at: map.updated_at ?? null,
  };
}

/** The schema's patterns accept nothing that these readers do not. */
function checked<T>(value: T | null): T {
  assert(value !== null, "a checked value has its form");
  return value;
}
