import { z } from "zod";
import type { ApprovalPolicy } from "../core/agent-run.ts";
import { isUuid, type RunId, runIdOf, type Sha256, sha256Of } from "../core/ids.ts";
import type { Json } from "../core/observation.ts";
import type { DraftRef } from "../core/order.ts";

/** What the effect `dispatchOrder` is asked. `decisions`: the signed ones, by hash. `resumed`: it was asked before, and may have been sent. */
export type DispatchAsked = DraftRef & {
  readonly run: RunId;
  readonly decisions: readonly Sha256[];
  readonly resumed: boolean;
  readonly approval: ApprovalPolicy | null;
};

const hash = z
  .string()
  .regex(/^[0-9a-f]{64}$/)
  .transform(sha256Of);
const Asked = z.strictObject({
  run: z.string().refine(isUuid).transform(runIdOf),
  draft: z.int().positive(),
  file: z.string(),
  digest: hash,
  content: hash,
  decisions: z.array(hash).readonly(),
  resumed: z.boolean(),
  approval: z
    .strictObject({
      require: z.enum(["signed", "local"]),
      approvers: z.int().positive(),
      keys: z.array(hash).readonly(),
    })
    .nullable(),
});

/** @throws for params that no machine of ours asks with: of such an order nothing can be said, not even which it is */
export const dispatchAskedIn = (params: Json): DispatchAsked => Asked.parse(params);
