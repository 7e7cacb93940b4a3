/** Whether a decision that was handed in counts: pure, over what the run was born with and what its draft is now. */
import type { ApprovalPolicy } from "../core/agent-run.ts";
import type { Instant, RunId, Sha256 } from "../core/ids.ts";
import { approverKeyOf } from "./approver-key.ts";
import type { Approver } from "./approvers.ts";
import { type Decision, type DecisionWord, readDecision } from "./decision.ts";
import { isSignedBy } from "./signed-record.ts";

/** How far the clock of the one who signed may be from ours. */
export const SIGNED_AGE_MS_MAX = 10 * 60 * 1000;

/** What was handed in. `digest` is of what the person looked at; `signed` the bytes of a signed decision. */
export type Submitted = {
  readonly decision: DecisionWord;
  readonly digest: string;
  readonly reason: string;
  readonly signed: Uint8Array | null;
};

/** What it is held against. `digest`: of the draft as it is now. `unsettled`: why no approver of the desk counts. */
export type Ground = {
  readonly policy: ApprovalPolicy;
  readonly approvers: readonly Approver[];
  readonly unsettled: string | null;
  readonly workspace: string;
  readonly run: RunId;
  readonly draft: number;
  readonly digest: Sha256;
  readonly now: Instant;
};

export type JudgeCode =
  | "DRAFT_CHANGED"
  | "SIGNATURE_MISSING"
  | "DECISION_MALFORMED"
  | "DECISION_OF_ANOTHER"
  | "APPROVER_UNKNOWN"
  | "KEY_NOT_OF_RUN"
  | "SIGNATURE_WRONG"
  | "CLOCK_SKEW"
  | "APPROVERS_UNSETTLED";

export type Judged =
  /** `artifact`: the signed decision as it goes into the evidence; null for one that nobody signed. */
  | { readonly kind: "accepted"; readonly approver: string | null; readonly artifact: Uint8Array | null }
  | { readonly kind: "refused"; readonly code: JudgeCode; readonly says: string };

type Refused = Extract<Judged, { readonly kind: "refused" }>;
const refused = (code: JudgeCode, says: string): Refused => ({ kind: "refused", code, says });

export function judgeDecision(submitted: Submitted, ground: Ground): Judged {
  if (submitted.digest !== ground.digest)
    return refused("DRAFT_CHANGED", "The draft is not what was looked at: it was edited since. Look at it again.");
  const { signed } = submitted;
  if (signed !== null) return judgeSigned(signed, submitted, ground);
  if (ground.policy.require === "local") return { kind: "accepted", approver: null, artifact: null };
  return refused("SIGNATURE_MISSING", "This run takes only decisions that an approver signed with a key of their own.");
}

/** The signature is checked before what it says is believed. */
function judgeSigned(signed: Uint8Array, submitted: Submitted, ground: Ground): Judged {
  const read = readDecision(signed);
  if (read.kind === "malformed")
    return refused("DECISION_MALFORMED", `The signed decision cannot be read: ${read.reason}.`);
  if (ground.unsettled !== null) return refused("APPROVERS_UNSETTLED", ground.unsettled);
  const approver = ground.approvers.find(({ fingerprint }) => fingerprint === read.keyid);
  if (approver?.name !== read.record.approver)
    return refused("APPROVER_UNKNOWN", "The key is of no approver of this desk under that name.");
  if (!ground.policy.keys.includes(approver.fingerprint))
    return refused(
      "KEY_NOT_OF_RUN",
      `The key of ${approver.name} was not an approver's when this run began, so it decides nothing of this run.`,
    );
  const key = approverKeyOf(approver.publicKey);
  if (key === undefined || !isSignedBy(read, key))
    return refused("SIGNATURE_WRONG", `The signature is not of the key of ${approver.name}.`);
  return mismatch(read.record, submitted, ground) ?? { kind: "accepted", approver: approver.name, artifact: signed };
}

/** A decision stands for what it names and nothing else. */
function mismatch(decision: Decision, submitted: Submitted, ground: Ground): Refused | undefined {
  const differing = [
    { is: decision.workspace === ground.workspace, what: "another desk" },
    { is: decision.run === ground.run, what: "another run" },
    { is: decision.draft === ground.draft, what: "another draft" },
    { is: decision.digest === ground.digest, what: "a draft of another digest" },
    { is: decision.decision === submitted.decision, what: "the other decision" },
    { is: decision.reason === submitted.reason, what: "another reason" },
  ].find(({ is }) => !is);
  if (differing !== undefined) return refused("DECISION_OF_ANOTHER", `What was signed is for ${differing.what}.`);
  const apart = Math.abs(Date.parse(decision.at) - ground.now);
  if (apart <= SIGNED_AGE_MS_MAX) return undefined;
  return refused(
    "CLOCK_SKEW",
    `It was signed at ${decision.at}, more than ${SIGNED_AGE_MS_MAX / 60_000} minutes from now by the daemon's clock. Sign it again.`,
  );
}
