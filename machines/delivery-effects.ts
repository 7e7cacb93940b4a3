/** What a delivery asks of the world: parameters only. Whoever performs an effect reads facts and bytes from journal and artifacts. */
import type { Policy } from "../src/core/delivery.ts";
import type { ApprovalPolicy } from "../src/core/agent-run.ts";
import type { RunId, Sha256 } from "../src/core/ids.ts";
import type { DeliveryContext, DraftKept } from "./delivery-context.ts";

type Part<K extends keyof DeliveryContext> = Pick<DeliveryContext, "run" | K>;

/** `writeInboxItem` or `runAgent`. `attempt` counts from 1. */
export type Work = {
  readonly type: "writeInboxItem" | "runAgent";
  readonly params: Part<"webhook" | "request" | "attempt"> & Pick<Policy, "task">;
};
export const workOf = ({ policy }: DeliveryContext): Work["type"] =>
  policy.action === "inbox" ? "writeInboxItem" : "runAgent";
export const workAsked = (context: DeliveryContext): Work => {
  const { run, webhook, request, attempt, policy } = context;
  return { type: workOf(context), params: { run, webhook, request, attempt, task: policy.task } };
};

/** Everything that a person is shown stands in the drafts' files and in the journal. */
export type ApprovalAsked = Part<"attempt">;
export const approvalAsked = ({ run, attempt }: DeliveryContext): ApprovalAsked => ({ run, attempt });

/**
 * The one draft to send. `decisions` are the artifacts of its approvals. `resumed`: an earlier attempt was cut off, so that the
 * connector is asked what it knows before anything is sent.
 */
export type DispatchAsked = Pick<DraftKept, "draft" | "file" | "digest" | "content"> & {
  readonly run: RunId;
  readonly decisions: readonly Sha256[];
  readonly resumed: boolean;
  readonly approval: ApprovalPolicy | null;
};
export function dispatchAsked({ run, drafts, asks_first, policy }: DeliveryContext): DispatchAsked {
  const next = drafts.find(isToSend);
  // A chart that comes here without one is a bug of ours, and parks the actor.
  if (next === undefined) throw new Error("no draft is approved and not sent");
  const { draft, file, digest, content, approvals } = next;
  const decisions = approvals.flatMap(({ artifacts }) => artifacts);
  return { run, draft, file, digest, content, decisions, resumed: asks_first, approval: policy.approval ?? null };
}
export const isToSend = ({ decided, outcome }: DraftKept): boolean => decided === "approved" && outcome === null;

/** The summary of an agent run, whatever became of it. */
export type ReportAsked = Part<"attempt" | "outcome" | "reason">;
export const reportAsked = ({ run, attempt, outcome, reason }: DeliveryContext): ReportAsked => ({
  run,
  attempt,
  outcome,
  reason,
});

/** The envelope is made from the journal up to and with the entry that observes `outcome_decided`. */
export type SealAsked = Part<"attempt">;
export const sealAsked = ({ run, attempt }: DeliveryContext): SealAsked => ({ run, attempt });

/** The amendment is made from the one entry that observes `amendment_owed` with this ordinal. */
export type AmendmentAsked = Part<"attempt" | "seal_hash"> & {
  readonly ordinal: number;
  readonly prev_seal_hash: string | null;
};
export const amendmentAsked = ({
  run,
  attempt,
  amended,
  seal_hash,
  last_seal_hash,
}: DeliveryContext): AmendmentAsked => ({
  run,
  attempt,
  ordinal: amended + 1,
  seal_hash,
  prev_seal_hash: last_seal_hash,
});

/** Everything that is to go is found by the journal. `flagged` are the notices that were given. */
export type ErasureAsked = Part<"attempt" | "flagged">;
export const erasureAsked = ({ run, attempt, flagged }: DeliveryContext): ErasureAsked => ({ run, attempt, flagged });

type Effect<P> = (at: unknown, params: P) => void;
const asks = (): void => undefined;

/** An effect does nothing in the machine: its name and parameters are the asking. */
export const effects: {
  readonly writeInboxItem: Effect<Work["params"]>;
  readonly runAgent: Effect<Work["params"]>;
  readonly askApproval: Effect<ApprovalAsked>;
  readonly dispatchOrder: Effect<DispatchAsked>;
  readonly writeReport: Effect<ReportAsked>;
  readonly sealRun: Effect<SealAsked>;
  readonly sealAmendment: Effect<AmendmentAsked>;
  readonly eraseRun: Effect<ErasureAsked>;
} = {
  writeInboxItem: asks,
  runAgent: asks,
  askApproval: asks,
  dispatchOrder: asks,
  writeReport: asks,
  sealRun: asks,
  sealAmendment: asks,
  eraseRun: asks,
};
