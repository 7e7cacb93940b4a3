/** The mail that begins a run: its birth, and the three events that take it to `recorded`. */
import type { DeliveryEvent, DeliveryInput } from "../core/delivery.ts";
import { evidenceIdOf, type EvidenceId, type Instant } from "../core/ids.ts";
import type { Entropy, IndexRow, Mail } from "../engine/ports.ts";
import type { Delivery } from "./delivery.ts";
import type { DeskIngress, WebhookRuntime } from "./desk-ingress.ts";
import { UUID7_RANDOM_BYTES, uuidAt } from "./uuid.ts";

const DISCLOSURE_KEY_BYTES = 32;

export function birthMail(
  desk: DeskIngress,
  webhook: WebhookRuntime,
  delivery: Delivery,
  secretIndex: number,
  now: Instant,
): Mail {
  return {
    to: delivery.address,
    at: now,
    by: "provider",
    birth: birthOf(desk, webhook, delivery, now),
    events: eventsOf(webhook, delivery, secretIndex),
    artifacts: [delivery.request, delivery.headers],
    index: rowsOf(desk.name, webhook.name, delivery),
  };
}

function birthOf(desk: DeskIngress, webhook: WebhookRuntime, delivery: Delivery, now: Instant): DeliveryInput {
  return {
    run: delivery.run,
    evidence_id: evidenceId(now, desk.entropy),
    workspace: desk.name,
    webhook: webhook.name,
    received_at: now,
    origin: desk.origin,
    producer: desk.producer,
    runner: desk.runner,
    policy: webhook.policy,
    request: delivery.request.ref,
    headers: delivery.headers.ref,
    disclosure_key: disclosureKey(desk.entropy),
  };
}

function eventsOf(webhook: WebhookRuntime, delivery: Delivery, secretIndex: number): readonly DeliveryEvent[] {
  const { facts, request, headers } = delivery;
  const bytes = [request.ref.sha256];
  const bytesAndHeaders = [request.ref.sha256, headers.ref.sha256];
  return [
    { type: "VERIFIED", scheme: facts.provider, secret_index: secretIndex, basis: bytesAndHeaders },
    // An id from a header is among the facts, so they rest on the headers too.
    { type: "NORMALIZED", facts, basis: bytesAndHeaders },
    {
      type: "RECORDED",
      order: "unknown",
      anchored: facts.commit_sha !== null,
      statement: statementOf(webhook, facts.event_type),
      basis: bytes,
    },
  ];
}

function statementOf({ name, policy }: WebhookRuntime, eventType: string | null): string {
  const because = eventType ?? `a delivery to ${name}`;
  switch (policy.action) {
    case "inbox":
      return `Write an inbox item because of ${because}`;
    case "run":
      return `Run ${policy.task ?? "a task"} because of ${because}`;
  }
}

function rowsOf(workspace: string, webhook: string, { body_key, facts }: Delivery): readonly IndexRow[] {
  const rows: IndexRow[] = [
    { name: "webhook", key: `${workspace}/${webhook}` },
    { name: "body", key: body_key },
  ];
  if (facts.subject_key !== null) rows.push({ name: "subject", key: `${workspace}/${facts.subject_key}` });
  return rows;
}

const evidenceId = (now: Instant, entropy: Entropy): EvidenceId =>
  evidenceIdOf(uuidAt(now, entropy.bytes(UUID7_RANDOM_BYTES)));

function disclosureKey(entropy: Entropy): string {
  const key = entropy.bytes(DISCLOSURE_KEY_BYTES);
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("base64url");
}
