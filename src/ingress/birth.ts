/** The mail that begins a run: its birth, and the three events that take it to `recorded`. */
import type { DeliveryEvent, DeliveryInput, Facts, Policy, SubjectEvent } from "../core/delivery.ts";
import {
  deliveryAddress,
  evidenceIdOf,
  subjectAddress,
  type EvidenceId,
  type Instant,
  type RunId,
  type Sha256,
} from "../core/ids.ts";
import type { Entropy, IndexRow, Mail, Through } from "../engine/ports.ts";
import { rawBytesCommitted } from "./commitment.ts";
import { carried, type Delivery } from "./delivery.ts";
import type { DeskIngress, WebhookRuntime } from "./desk-ingress.ts";
import { UUID7_RANDOM_BYTES, uuidAt } from "./uuid.ts";

const DISCLOSURE_KEY_BYTES = 32;

export function birthMail(
  desk: DeskIngress,
  webhook: WebhookRuntime,
  delivery: Delivery,
  run: RunId,
  now: Instant,
): Mail {
  const asked = policyFor(webhook, delivery);
  const policy = { ...asked, ...desk.bornWith(asked.action) };
  const birth = birthOf(desk, webhook.name, delivery, run, policy, now);
  return {
    to: deliveryAddress(run),
    through: throughOf(desk.name, webhook.name, delivery, run, policy),
    at: now,
    by: "provider",
    birth,
    events: eventsOf(birth, delivery),
    artifacts: carried(delivery),
    index: rowsOf(desk.name, webhook.name, delivery, run),
  };
}

/**
 * A handshake asks for no work: a person is told of it, whatever the webhook's deliveries are for. What is about nothing that could
 * bring a predecessor or a commit waits for none.
 */
function policyFor({ policy }: WebhookRuntime, { challenge, facts }: Delivery): Policy {
  const asked: Policy = challenge === null ? policy : { ...policy, action: "inbox", task: null };
  return facts.subject_key === null ? { ...asked, on_gap: "process", on_partial: "process" } : asked;
}

function birthOf(
  desk: DeskIngress,
  webhook: string,
  delivery: Delivery,
  run: RunId,
  policy: Policy,
  now: Instant,
): DeliveryInput {
  const evidence_id = evidenceId(now, desk.entropy);
  const disclosure_key = disclosureKey(desk.entropy);
  const { redactions, raw } = delivery;
  const born: DeliveryInput = {
    run,
    evidence_id,
    workspace: desk.name,
    webhook,
    received_at: now,
    origin: desk.origin,
    producer: desk.producer,
    runner: desk.runner,
    policy,
    request: delivery.request.ref,
    headers: delivery.headers.ref,
    disclosure_key,
  };
  if (redactions === null) return born;
  return { ...born, filtered: { redactions, raw_bytes_committed: rawBytesCommitted(disclosure_key, raw) } };
}

function eventsOf(
  { webhook, policy, filtered }: DeliveryInput,
  { facts, request, headers, secret_index }: Delivery,
): readonly DeliveryEvent[] {
  const bytes = [request.ref.sha256];
  const bytesAndHeaders = [request.ref.sha256, headers.ref.sha256];
  return [
    { type: "VERIFIED", scheme: facts.provider, secret_index, basis: bytesAndHeaders },
    normalized(facts, bytesAndHeaders, filtered),
    {
      type: "RECORDED",
      // Unless the subject knows better.
      order: "unknown",
      anchored: facts.commit_sha !== null,
      statement: statementOf(webhook, policy, facts.event_type),
      basis: bytes,
    },
  ];
}

/** An id from a header is among the facts, so they rest on the headers too. */
function normalized(facts: Facts, basis: readonly Sha256[], filtered: DeliveryInput["filtered"]): DeliveryEvent {
  if (filtered === undefined) return { type: "NORMALIZED", facts, basis };
  return { type: "NORMALIZED", facts, basis, raw_bytes_committed: filtered.raw_bytes_committed };
}

function statementOf(webhook: string, policy: Policy, eventType: string | null): string {
  const because = eventType ?? `a delivery to ${webhook}`;
  switch (policy.action) {
    case "inbox":
      return `Write an inbox item because of ${because}`;
    case "run":
      return `Run ${policy.task ?? "a task"} because of ${because}`;
  }
}

/**
 * A subject belongs to one webhook: two that are told of the same push keep their own order, and the second is not stale because
 * of the first.
 */
function throughOf(
  workspace: string,
  webhook: string,
  { facts }: Delivery,
  run: RunId,
  policy: Policy,
): Through | null {
  if (facts.subject_key === null) return null;
  const { order, commit_sha } = facts;
  const event: SubjectEvent = {
    type: "ARRIVED",
    run,
    delivery: deliveryAddress(run),
    order,
    commit_sha,
    // A run of an agent takes long enough to be told of what comes meanwhile.
    waits: policy.on_gap === "wait" || policy.on_partial === "wait" || policy.action === "run",
  };
  return { to: subjectAddress(workspace, `${webhook}/${facts.subject_key}`), event };
}

function rowsOf(
  workspace: string,
  webhook: string,
  { body_key, facts, first_run }: Delivery,
  run: RunId,
): readonly IndexRow[] {
  const rows: IndexRow[] = [
    { name: "webhook", key: `${workspace}/${webhook}` },
    { name: "body", key: body_key },
  ];
  if (facts.subject_key !== null) rows.push({ name: "subject", key: `${workspace}/${facts.subject_key}` });
  if (run !== first_run) rows.push({ name: "dedupe", key: first_run });
  return rows;
}

const evidenceId = (now: Instant, entropy: Entropy): EvidenceId =>
  evidenceIdOf(uuidAt(now, entropy.bytes(UUID7_RANDOM_BYTES)));

function disclosureKey(entropy: Entropy): string {
  const key = entropy.bytes(DISCLOSURE_KEY_BYTES);
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString("base64url");
}
