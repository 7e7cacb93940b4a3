import type { AgentPolicy, ApprovalPolicy, ToolCall, WordOnOrder } from "./agent-run.ts";
import type { Tombstone } from "./erasure.ts";
import type { FileWritten } from "./files-written.ts";
import type { Address, EvidenceId, Instant, RunId, Sha256 } from "./ids.ts";
import type { ArtifactRef, ExecutionStep, Json } from "./observation.ts";
import type { OrderOutcome } from "./order.ts";
import type { Filtered } from "./redaction.ts";

/** One HTTP request as received: the sender's word, nothing of it checked. Header names are lower case; a repeated header has several values. */
export type RawDelivery = {
  /** Path and query as they were sent. */
  readonly target: string;
  readonly headers: ReadonlyMap<string, readonly string[]>;
  readonly body: Uint8Array;
};

/** How a delivery stands to the others about the same subject. */
export type OrderVerdict = "in_order" | "stale" | "gap" | "forked" | "unknown";

/** What a provider's normalizer found. Texts and numbers are the sender's, numbers verbatim as strings; absent is null. */
export type Facts = {
  readonly provider: string;
  readonly event_type: string | null;
  readonly external_event_id: string | null;
  readonly delivery_id: string;
  readonly actor: string | null;
  readonly project: string | null;
  readonly ref: string | null;
  readonly commit_sha: string | null;
  readonly subject_key: string | null;
  readonly order: OrderSignal | null;
  /** `form`: the fields of a form were read. `unparsable`: the bytes are kept as evidence, no field could be read. */
  readonly payload: "json" | "form" | "unparsable";
};

/** What of a delivery says where it stands in its series. A mark sorts by code unit; a chain names its predecessor. */
export type OrderSignal =
  | { readonly kind: "mark"; readonly mark: string; readonly rank: number }
  | {
      readonly kind: "chain";
      /** Null: there was nothing before. */
      readonly before: string | null;
      /** Null: nothing is left. Never both. */
      readonly after: string | null;
      /** The sender says that history was rewritten. */
      readonly forced: boolean;
      /** The sender's own time of the change, where it has one that the author of a commit cannot choose. */
      readonly mark: string | null;
    };

/** What the webhook's configuration wants, fixed when the run begins so that a reload never changes a run under way. */
export type Policy = {
  readonly action: "inbox" | "run";
  readonly task: string | null;
  readonly on_stale: "process" | "skip";
  readonly on_gap: "process" | "wait";
  readonly on_partial: "process" | "wait";
  /** For a predecessor. */
  readonly hold_timeout_ms: number;
  /** For a full commit hash. */
  readonly context_timeout_ms: number;
  readonly approval_timeout_ms: number;
  readonly attempts_max: number;
  readonly backoff_ms: number;
  /** The two of an agent run; absent for the inbox. */
  readonly agent?: AgentPolicy;
  readonly approval?: ApprovalPolicy;
  /** Names of the targets that are notified of this run; none when absent. */
  readonly notify?: readonly string[];
};

/** What a delivery actor is born with. It becomes the data of journal entry 0. */
export type DeliveryInput = {
  readonly run: RunId;
  readonly evidence_id: EvidenceId;
  readonly workspace: string;
  readonly webhook: string;
  readonly received_at: Instant;
  readonly origin: string;
  readonly producer: { readonly name: string; readonly version: string; readonly component: string };
  readonly runner: { readonly os: string; readonly arch: string; readonly node: string };
  readonly policy: Policy;
  readonly request: ArtifactRef;
  readonly headers: ArtifactRef;
  /** 32 random bytes in base64url: salts the envelope's commitments. Never logged, never a leaf. */
  readonly disclosure_key: string;
  /** Absent where the webhook stores what comes as it comes. */
  readonly filtered?: Filtered;
  /** Absent for a delivery: this run was asked for by a person, or by the agent of another run. */
  readonly by_hand?: ByHand;
};

/** `depth`: how many agents asked for one another before this run; 0 when a person did. */
export type ByHand = { readonly of_run: RunId | null; readonly depth: number };

export type Outcome = "completed" | "failed" | "denied" | "expired" | "superseded" | "cancelled" | "refused";

/** What a delivery actor is told. Times come from the step, ids and facts from the event. */
export type DeliveryEvent =
  | {
      readonly type: "VERIFIED";
      readonly scheme: string;
      readonly secret_index: number;
      readonly basis: readonly Sha256[];
    }
  | { readonly type: "REFUSED"; readonly code: string; readonly record: boolean; readonly basis: readonly Sha256[] }
  | {
      readonly type: "NORMALIZED";
      readonly facts: Facts;
      readonly basis: readonly Sha256[];
      readonly raw_bytes_committed?: Filtered["raw_bytes_committed"];
    }
  | {
      readonly type: "RECORDED";
      readonly order: OrderVerdict;
      readonly anchored: boolean;
      readonly statement: string;
      readonly basis: readonly Sha256[];
    }
  | { readonly type: "PREDECESSOR_ARRIVED"; readonly by_run: RunId }
  | { readonly type: "CONTEXT_ARRIVED"; readonly commit_sha: string; readonly by_run: RunId }
  | { readonly type: "RELEASE"; readonly reason: string }
  /** Begins a run that no delivery began. */
  | {
      readonly type: "ASKED";
      readonly of_run: RunId | null;
      readonly reason: string;
      readonly statement: string;
      readonly basis: readonly Sha256[];
    }
  | ({ readonly type: "TOOL_CALLED" } & ToolCall)
  | {
      readonly type: "EFFECT_DONE";
      readonly effect: string;
      readonly step: ExecutionStep | null;
      readonly artifacts: readonly ArtifactRef[];
      readonly result: Json;
      /** What really held an agent's process. */
      readonly confined?: Json;
      readonly wrote?: readonly FileWritten[];
    }
  | {
      readonly type: "EFFECT_FAILED";
      readonly effect: string;
      readonly reason: string;
      readonly retryable: boolean;
      readonly step: ExecutionStep | null;
      readonly artifacts: readonly ArtifactRef[];
      readonly confined?: Json;
    }
  | { readonly type: "INTERRUPTED"; readonly effect: string; readonly repeatable: boolean }
  /**
   * `digest` and `content`: of what was looked at, which is what will be sent. `approver`: whose key signed; null for a decision that
   * nobody signed. The artifacts are the draft as decided, and the signed decision.
   */
  | {
      readonly type: "DECIDED";
      readonly draft: number;
      readonly approved: boolean;
      readonly digest: Sha256;
      readonly content: Sha256;
      readonly approver: string | null;
      readonly reason: string;
      /** Of kind `human_approval`. */
      readonly step: ExecutionStep | null;
      readonly artifacts: readonly ArtifactRef[];
    }
  /** Of the one order that was being sent. The acknowledgement is among the artifacts. */
  | {
      readonly type: "ORDER_SETTLED";
      readonly effect: string;
      readonly draft: number;
      readonly outcome: Exclude<OrderOutcome, "unknown">;
      readonly reason: string | null;
      readonly step: ExecutionStep | null;
      readonly artifacts: readonly ArtifactRef[];
    }
  /** It may have been sent. */
  | {
      readonly type: "ORDER_UNCLEAR";
      readonly effect: string;
      readonly draft: number;
      readonly reason: string;
      readonly step: ExecutionStep | null;
      readonly artifacts: readonly ArtifactRef[];
    }
  /** The summary of an agent run is written. */
  | {
      readonly type: "REPORTED";
      readonly effect: string;
      readonly file: string;
      readonly step: ExecutionStep | null;
      readonly artifacts: readonly ArtifactRef[];
      readonly wrote?: readonly FileWritten[];
    }
  | { readonly type: "RESUME"; readonly reason: string; readonly settles?: WordOnOrder }
  | { readonly type: "CANCEL"; readonly reason: string }
  | { readonly type: "SEALED"; readonly effect: string; readonly seal_hash: string; readonly file: string }
  | {
      readonly type: "REDELIVERED";
      readonly delivery_id: string;
      readonly same_id: boolean;
      readonly same_bytes: boolean;
      readonly received_at: Instant;
      /** Of a conflict, which says something new; null where the bytes are known. */
      readonly facts: Facts | null;
      readonly artifacts: readonly ArtifactRef[];
      /** Of what the artifacts hold. */
      readonly filtered?: Filtered;
    }
  | { readonly type: "RELEASED_AS_NEW"; readonly run: RunId; readonly reason: string }
  | { readonly type: "AMENDED"; readonly effect: string; readonly ordinal: number; readonly seal_hash: string }
  | { readonly type: "ERASE"; readonly reason: string }
  /** `late`: how many redeliveries that came since the person asked were erased with the rest. */
  | ({ readonly type: "ERASED"; readonly effect: string; readonly late: number } & Tombstone);

/** What a subject actor is told: a delivery about it has been recorded. */
export type SubjectEvent = {
  readonly type: "ARRIVED";
  readonly run: RunId;
  readonly delivery: Address;
  readonly order: OrderSignal | null;
  readonly commit_sha: string | null;
  /** The delivery may come to be held, or is under way for long: it wants to be told what arrives later. */
  readonly waits: boolean;
};
