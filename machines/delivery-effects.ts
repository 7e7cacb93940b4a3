/** What a delivery asks of the world: parameters only. Whoever performs an effect reads facts and bytes from journal and artifacts. */
import type { Policy } from "../src/core/delivery.ts";
import type { DeliveryContext } from "./delivery-context.ts";

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

export type ApprovalAsked = Part<"drafts">;
export const approvalAsked = ({ run, drafts }: DeliveryContext): ApprovalAsked => ({ run, drafts });

/** `approved` are the numbers of the drafts to dispatch. */
export type DispatchAsked = Part<"approved">;
export const dispatchAsked = ({ run, approved }: DeliveryContext): DispatchAsked => ({ run, approved });

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
  readonly dispatchOrders: Effect<DispatchAsked>;
  readonly sealRun: Effect<SealAsked>;
  readonly sealAmendment: Effect<AmendmentAsked>;
  readonly eraseRun: Effect<ErasureAsked>;
} = {
  writeInboxItem: asks,
  runAgent: asks,
  askApproval: asks,
  dispatchOrders: asks,
  sealRun: asks,
  sealAmendment: asks,
  eraseRun: asks,
};
