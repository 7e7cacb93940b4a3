/** A desk's configuration as its ingress reads it: every setting resolved, made anew and whole at each reload. */
import os from "node:os";
import type { DeskConfig, WebhookConfig } from "./config/desk-config.ts";
import type { Entropy } from "./engine/ports.ts";
import type { DeskIngress, WebhookRuntime } from "./ingress/desk-ingress.ts";
import type { OpenDesk } from "./main-desk.ts";
import { version } from "./version.ts";

export function deskIngress(
  config: DeskConfig,
  { engine, known, judgeAside, bodyKey, agents }: OpenDesk,
  entropy: Entropy,
): DeskIngress {
  const { name } = config;
  return {
    name,
    origin: `localhost/${name}`,
    producer: { name, version, component: "daemon" },
    runner: { os: os.platform(), arch: os.arch(), node: process.versions.node },
    webhooks: new Map(
      config.webhooks.filter(({ enabled }) => enabled).map((webhook) => [webhook.name, runtimeOf(webhook, bodyKey)]),
    ),
    engine,
    known,
    entropy,
    judgeAside,
    bornWith: agents.bornWith,
    queue: agents.queue,
  };
}

function runtimeOf(
  { dedupe, map, provider, secrets, redaction, ...webhook }: WebhookConfig,
  bodyKey: Uint8Array,
): WebhookRuntime {
  const { name, public_url, body_limit_bytes, dedupe_window_ms, policy } = webhook;
  return {
    name,
    sender: provider,
    secrets: secrets.map((secret) => secret.reveal()),
    public_url,
    body_limit_bytes,
    dedupe_window_ms,
    dedupe: dedupe.kind === "path" ? { kind: "path", pointer: dedupe.path } : dedupe,
    map: {
      event: map.event,
      id: map.id ?? undefined,
      external_id: map.external_id ?? undefined,
      actor: map.actor ?? undefined,
      project: map.project ?? undefined,
      ref: map.ref ?? undefined,
      commit_sha: map.commit_sha ?? undefined,
      subject: map.subject ?? undefined,
      updated_at: map.updated_at ?? undefined,
    },
    policy,
    filter: redaction === null ? null : { rules: redaction, key: bodyKey },
  };
}
