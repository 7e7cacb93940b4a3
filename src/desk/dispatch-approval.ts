/** Whether an order that is about to be sent was approved, by the signatures alone: nothing is taken from what was found when they came in. */
import { approverKeyOf } from "../approval/approver-key.ts";
import type { Approver, Approvers } from "../approval/approvers.ts";
import { type Decision, readDecision, verifyDecision } from "../approval/decision.ts";
import type { ApprovalPolicy } from "../core/agent-run.ts";
import type { Sha256 } from "../core/ids.ts";
import type { DispatchAsked } from "./dispatch-asked.ts";

export type ApprovalGround = {
  readonly workspace: string;
  /** Who counts by now. A key that was taken from its approver since decides nothing any more. */
  readonly approvers: Pick<Approvers, "approvers" | "unsettled">;
  /** The bytes of a signed decision. */
  readonly artifact: (sha256: Sha256) => Uint8Array | undefined;
};

type Faulted = { readonly kind: "fault"; readonly reason: string };
const fault = (reason: string): Faulted => ({ kind: "fault", reason });

/** Why this order may not be sent; null when it was approved as its run asks. */
export function approvalFault(asked: DispatchAsked, ground: ApprovalGround): string | null {
  const { approval, decisions } = asked;
  if (approval === null) return "the run was begun without a rule of who approves its orders";
  if (approval.require === "local") return null;
  if (ground.approvers.unsettled !== null) return ground.approvers.unsettled;
  const signed = decisions.map((sha256) => signedBy(ground.artifact(sha256), asked, approval, ground));
  const wrong = signed.find((each) => each.kind === "fault");
  if (wrong !== undefined) return wrong.reason;
  const by = signed.filter((each) => each.kind === "approver");
  const count = Math.min(
    new Set(by.map(({ name }) => name)).size,
    new Set(by.map(({ fingerprint }) => fingerprint)).size,
  );
  if (count >= approval.approvers) return null;
  return `it has ${count} of the ${approval.approvers} signed approvals that it needs`;
}

function signedBy(
  bytes: Uint8Array | undefined,
  asked: DispatchAsked,
  { keys }: ApprovalPolicy,
  { workspace, approvers }: ApprovalGround,
): ({ readonly kind: "approver" } & Approver) | Faulted {
  if (bytes === undefined) return fault("a signed decision is not kept any more");
  const read = readDecision(bytes);
  if (read.kind === "malformed") return fault(`a signed decision cannot be read: ${read.reason}`);
  const approver = approvers.approvers.find(({ fingerprint }) => fingerprint === read.keyid);
  const key = approverKeyOf(approver?.publicKey ?? "");
  if (approver === undefined || key?.fingerprint !== approver.fingerprint || !keys.includes(approver.fingerprint))
    return fault("a signed decision is by a key that is no approver's of this run");
  const verified = verifyDecision(bytes, key);
  if (verified.kind === "refused") return fault(`a signed decision does not hold: ${verified.reason}`);
  if (!isApprovalOf(verified.decision, asked, workspace) || verified.decision.approver !== approver.name)
    return fault(`the decision that ${approver.name} signed is no approval of this order`);
  return { kind: "approver", ...approver };
}

const isApprovalOf = (
  { decision, workspace, run, draft, digest }: Decision,
  asked: DispatchAsked,
  desk: string,
): boolean =>
  decision === "approve" && workspace === desk && run === asked.run && draft === asked.draft && digest === asked.digest;
