/** A delivery and what it is told, with defaults, so that a test shows only what matters to it. */
import { delivery } from "../../machines/delivery.ts";
import { notice } from "../../machines/notice.ts";
import { subject } from "../../machines/subject.ts";
import type { DeliveryEvent, DeliveryInput, Facts, Policy, SubjectEvent } from "../../src/core/delivery.ts";
import {
  deliveryAddress,
  evidenceIdOf,
  noticeAddress,
  runIdOf,
  sha256Of,
  subjectAddress,
  type RunId,
} from "../../src/core/ids.ts";
import type { NoticeEvent } from "../../src/core/notice.ts";
import type { ArtifactRef, Json } from "../../src/core/observation.ts";
import { begin, PENDING, tell, type Actor } from "./machine-given.ts";

type Told<T extends DeliveryEvent["type"]> = Extract<DeliveryEvent, { type: T }>;

export const runOf = (n: number): RunId => runIdOf(`00000000-0000-8000-8000-${String(n).padStart(12, "0")}`);
export const RUN = runOf(1);
export const BODY = sha256Of("b".repeat(64));
export const HEADERS = sha256Of("c".repeat(64));
export const OTHER = sha256Of("d".repeat(64));
export const COMMIT = "e".repeat(40);
const BASIS = [BODY, HEADERS];

const artifact = (sha256: typeof BODY, kind: string): ArtifactRef => ({
  sha256,
  kind,
  media_type: "application/json",
  bytes: 2,
  class: "internal",
});

export const policyWith = (changes: Partial<Policy> = {}): Policy => ({
  action: "inbox",
  task: null,
  on_stale: "process",
  on_gap: "process",
  on_partial: "process",
  hold_timeout_ms: 60_000,
  context_timeout_ms: 30_000,
  approval_timeout_ms: 900_000,
  attempts_max: 3,
  backoff_ms: 1_000,
  ...changes,
});

export const inputWith = (policy: Partial<Policy> = {}, run: RunId = RUN): DeliveryInput => ({
  run,
  evidence_id: evidenceIdOf("00000000-0000-7000-8000-000000000001"),
  workspace: "desk",
  webhook: "risk",
  received_at: 0,
  origin: "localhost/desk",
  producer: { name: "desk", version: "0", component: "daemon" },
  runner: { os: "linux", arch: "x64", node: "20" },
  policy: policyWith(policy),
  request: artifact(BODY, "webhook_request"),
  headers: artifact(HEADERS, "webhook_headers"),
  disclosure_key: "k",
});

const FACTS: Facts = {
  provider: "qoc",
  event_type: "risk_breach",
  external_event_id: null,
  delivery_id: "d-1",
  actor: null,
  project: null,
  ref: null,
  commit_sha: null,
  subject_key: null,
  order: null,
  payload: "json",
};

export const VERIFIED: Told<"VERIFIED"> = { type: "VERIFIED", scheme: "qoc", secret_index: 0, basis: BASIS };
export const refused = (record: boolean): Told<"REFUSED"> => ({
  type: "REFUSED",
  code: "SIGNATURE_INVALID",
  record,
  basis: BASIS,
});
export const normalized = (facts: Partial<Facts> = {}): Told<"NORMALIZED"> => ({
  type: "NORMALIZED",
  facts: { ...FACTS, ...facts },
  basis: BASIS,
});
export const recorded = (changes: Partial<Told<"RECORDED">> = {}): Told<"RECORDED"> => ({
  type: "RECORDED",
  order: "in_order",
  anchored: true,
  statement: "Put risk_breach into the inbox",
  basis: BASIS,
  ...changes,
});
export const done = (): Told<"EFFECT_DONE"> => ({
  type: "EFFECT_DONE",
  effect: PENDING,
  step: null,
  artifacts: [],
  result: null,
});
export const failed = (retryable: boolean, reason = "no luck"): Told<"EFFECT_FAILED"> => ({
  type: "EFFECT_FAILED",
  effect: PENDING,
  reason,
  retryable,
  step: null,
  artifacts: [],
});
export const interrupted = (repeatable = false): Told<"INTERRUPTED"> => ({
  type: "INTERRUPTED",
  effect: PENDING,
  repeatable,
});
export const asked: Told<"ASKED"> = {
  type: "ASKED",
  of_run: null,
  reason: "have a look",
  statement: "Run risk-review because a person asked for it",
  basis: BASIS,
};
export const DIGEST = sha256Of("1".repeat(64));
export const DRAFT = sha256Of("2".repeat(64));
export const called = (tool = "read_file", refusal: string | null = null): Told<"TOOL_CALLED"> => ({
  type: "TOOL_CALLED",
  tool,
  ok: refusal === null,
  refusal,
  proposed: null,
  artifacts: [artifact(OTHER, "tool_arguments")],
});
export const proposes = (file = "orders/proposed/x.toml"): Told<"TOOL_CALLED"> => ({
  ...called("orders_propose"),
  proposed: { file, digest: DIGEST, content: DRAFT },
});
export const decided = (draft: number, approved: boolean, changes: Partial<Told<"DECIDED">> = {}): Told<"DECIDED"> => ({
  type: "DECIDED",
  draft,
  approved,
  digest: DIGEST,
  content: DRAFT,
  approver: "ada",
  reason: "as I see it",
  step: null,
  artifacts: [],
  ...changes,
});
export const settled = (
  draft: number,
  outcome: Told<"ORDER_SETTLED">["outcome"] = "executed",
): Told<"ORDER_SETTLED"> => ({
  type: "ORDER_SETTLED",
  effect: PENDING,
  draft,
  outcome,
  reason: outcome === "executed" ? null : "no luck",
  step: null,
  artifacts: [],
});
export const unclear = (draft: number): Told<"ORDER_UNCLEAR"> => ({
  type: "ORDER_UNCLEAR",
  effect: PENDING,
  draft,
  reason: "no answer",
  step: null,
  artifacts: [],
});
export const REPORTED: Told<"REPORTED"> = {
  type: "REPORTED",
  effect: PENDING,
  file: "snapshots/s.md",
  step: null,
  artifacts: [],
};
export const SEALED: Told<"SEALED"> = { type: "SEALED", effect: PENDING, seal_hash: "s0", file: "e.json" };
export const amended = (ordinal: number): Told<"AMENDED"> => ({
  type: "AMENDED",
  effect: PENDING,
  ordinal,
  seal_hash: `s${ordinal}`,
});
export const erase: Told<"ERASE"> = { type: "ERASE", reason: "asked to be forgotten" };
export const erased = (late = 0): Told<"ERASED"> => ({
  type: "ERASED",
  effect: PENDING,
  late,
  run: RUN,
  evidence_id: evidenceIdOf("00000000-0000-7000-8000-000000000001"),
  workspace: "desk",
  webhook: "risk",
  received_at: 0,
  sealed_at: 5,
  mark: "0".repeat(64),
  reason: "asked to be forgotten",
  seals: [{ evidence_id: "e", seal_hash: "s0", index: 1, erasure: 2, pack: "e.erased.json" }],
  edited: [],
  shared: 0,
});
export const cancel: Told<"CANCEL"> = { type: "CANCEL", reason: "wrong desk" };
export const resume: Told<"RESUME"> = { type: "RESUME", reason: "go on" };
export const resumeAs = (outcome: "executed" | "failed", draft = 1): Told<"RESUME"> => ({
  ...resume,
  settles: { draft, outcome },
});
export const release: Told<"RELEASE"> = { type: "RELEASE", reason: "no need to wait" };
export const predecessorArrived: Told<"PREDECESSOR_ARRIVED"> = { type: "PREDECESSOR_ARRIVED", by_run: runOf(2) };
export const contextArrived: Told<"CONTEXT_ARRIVED"> = {
  type: "CONTEXT_ARRIVED",
  commit_sha: COMMIT,
  by_run: runOf(2),
};
export const releasedAsNew: Told<"RELEASED_AS_NEW"> = {
  type: "RELEASED_AS_NEW",
  run: runOf(2),
  reason: "not a replay",
};

const redelivered = (same_id: boolean, same_bytes: boolean): Told<"REDELIVERED"> => ({
  type: "REDELIVERED",
  delivery_id: same_id ? "d-1" : "d-2",
  same_id,
  same_bytes,
  received_at: 5,
  facts: same_bytes ? null : FACTS,
  artifacts: same_bytes ? [] : [artifact(OTHER, "webhook_request")],
});
export const duplicate = redelivered(true, true);
/** As the ingress tells it of a run that it knows to be erased. */
export const nameless: Told<"REDELIVERED"> = { ...duplicate, delivery_id: "" };
export const conflict = redelivered(true, false);
export const replay = redelivered(false, true);

/** What an input or an event is once it lay on a disk. */
export const asJson = (value: unknown): Json => JSON.parse(JSON.stringify(value));

/** A delivery with this policy that was told all of these. */
export const delivered = (policy: Partial<Policy>, ...events: readonly DeliveryEvent[]): Actor =>
  tell(begin(delivery, deliveryAddress(RUN), asJson(inputWith(policy))), ...events);

/** A delivery that is executing. */
export const executing = (policy: Partial<Policy> = {}, ...events: readonly DeliveryEvent[]): Actor =>
  delivered(policy, VERIFIED, normalized(), recorded(), ...events);

export const arrived = (n: number, changes: Partial<SubjectEvent> = {}): SubjectEvent => ({
  type: "ARRIVED",
  run: runOf(n),
  delivery: deliveryAddress(runOf(n)),
  order: null,
  commit_sha: null,
  waits: false,
  ...changes,
});

/** A subject that was told all of these. */
export const followed = (...events: readonly SubjectEvent[]): Actor =>
  tell(begin(subject, subjectAddress("desk", "main"), null), ...events);

export const noticed: NoticeEvent = { type: "NOTICE", run: RUN, ordinal: 2, what: "id_conflict" };
export const written: NoticeEvent = { type: "EFFECT_DONE", effect: PENDING, file: "inbox/n.md" };

/** A notice that was told all of these. */
export const notified = (...events: readonly NoticeEvent[]): Actor =>
  tell(begin(notice, noticeAddress(RUN, 2), null), ...events);

/** The same outcome, of the effect with this id. */
export const outcomeOf = <E extends { readonly effect: string }>(effect: string, event: E): E => ({ ...event, effect });
