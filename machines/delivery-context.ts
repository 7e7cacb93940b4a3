import type { DeliveryInput, OrderVerdict, Outcome, Policy } from "../src/core/delivery.ts";
import type { RunId, Sha256 } from "../src/core/ids.ts";
import type { DraftRef, OrderOutcome } from "../src/core/order.ts";

/** One who approved a draft, and the artifacts that say so: the signed decision, where there is one. */
export type Approval = { readonly by: string | null; readonly artifacts: readonly Sha256[] };

/**
 * A draft and what is decided of it. Digest and content are those that the latest approval was of, until then those that the agent
 * proposed. An approval of another digest takes the place of those before it.
 */
export type DraftKept = DraftRef & {
  readonly approvals: readonly Approval[];
  /** `withdrawn`: by the run itself, which ended or began anew. */
  readonly decided: "approved" | "rejected" | "withdrawn" | null;
  readonly outcome: OrderOutcome | null;
};

/** What guards and effects need. Facts and bytes stay in the journal and among the artifacts. */
export type DeliveryContext = {
  readonly run: RunId;
  readonly webhook: string;
  /** Null once the run is erased. */
  readonly request: Sha256 | null;
  readonly policy: Policy;
  /** No delivery began it. */
  readonly by_hand: boolean;
  readonly order: OrderVerdict;
  /** The delivery itself names a full commit. What a later one brings ends a wait, and anchors nothing afterwards. */
  readonly anchored: boolean;
  /** What the subject has told already (it may do so before the order is recorded), or what is waited for no more. */
  readonly predecessor_known: boolean;
  readonly context_known: boolean;
  /** From 1, of the effect under way. */
  readonly attempt: number;
  /** Numbered from 1, in their order. */
  readonly drafts: readonly DraftKept[];
  /** The draft that is being sent, or may have been sent; and whether an earlier attempt to send it was cut off. */
  readonly sending: number | null;
  readonly asks_first: boolean;
  /** What targets were notified of so far. */
  readonly notified: number;
  readonly duplicates: number;
  /** Redeliveries that a person is told of: conflicts and suspected replays. */
  readonly flagged: number;
  /** Amendments owed and sealed, numbered from 1. They are sealed one after the other, for each names the one before. */
  readonly owed: number;
  readonly amended: number;
  /** Redeliveries that were on their way when the erasure began: what they brought is erased too. */
  readonly late: number;
  readonly outcome: Outcome | null;
  readonly reason: string | null;
  readonly seal_hash: string | null;
  /** Of the envelope or of its latest amendment. */
  readonly last_seal_hash: string | null;
};

/** What is remembered of a delivery before it has said anything, and after its erasure. */
export const nothingKnown: Pick<
  DeliveryContext,
  "order" | "anchored" | "predecessor_known" | "context_known" | "attempt" | "drafts" | "sending" | "asks_first"
> = {
  order: "unknown",
  anchored: false,
  predecessor_known: false,
  context_known: false,
  attempt: 0,
  drafts: [],
  sending: null,
  asks_first: false,
};

export const contextOf = ({ run, webhook, request, policy, by_hand }: DeliveryInput): DeliveryContext => ({
  run,
  webhook,
  request: request.sha256,
  policy,
  by_hand: by_hand !== undefined,
  ...nothingKnown,
  notified: 0,
  duplicates: 0,
  flagged: 0,
  owed: 0,
  amended: 0,
  late: 0,
  outcome: null,
  reason: null,
  seal_hash: null,
  last_seal_hash: null,
});
