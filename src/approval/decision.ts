/**
 * What a person decided of one draft, signed with the person's own key. It names the workspace, the run, the draft and the digest of what will be
 * sent, so it stands for nothing else; it is an artifact of the run, and anyone with the public key can verify it offline.
 */
import { z } from "zod";
import { type ApproverKey, isApproverName } from "./approver-key.ts";
import { DECISION_TYPE, DECISIONS, REASON_LENGTH_MAX } from "./decision-words.ts";
import { type ApproverSigner, isSignedBy, readRecord, type ReadRecord, signRecord } from "./signed-record.ts";

export { DECISIONS, type DecisionWord, REASON_LENGTH_MAX } from "./decision-words.ts";

/** `at`: when it was signed, by the clock of the one who signed, ISO 8601 in UTC with milliseconds. */
const Decision = z.strictObject({
  schema: z.literal("qoc.decision/v1"),
  workspace: z.string().min(1).max(200),
  run: z.string().regex(/^[0-9a-f-]{36}$/),
  draft: z.number().int().min(1).max(1_000_000),
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  decision: z.enum(DECISIONS),
  reason: z.string().max(REASON_LENGTH_MAX),
  approver: z.string().refine(isApproverName),
  at: z.iso.datetime({ precision: 3 }).refine((at) => at.endsWith("Z")),
});
export type Decision = z.infer<typeof Decision>;

/** The bytes of the artifact. @throws for a decision that is not of the form: whoever signs has checked what was typed */
export const signDecision = (decision: Omit<Decision, "schema">, signer: ApproverSigner): Uint8Array =>
  signRecord(Decision.parse({ schema: "qoc.decision/v1", ...decision }), DECISION_TYPE, signer);

/** Reads strictly, trusts nothing: `isSignedBy` says who signed. */
export const readDecision = (bytes: Uint8Array): ReadRecord<Decision> => readRecord(bytes, DECISION_TYPE, Decision);

export type VerifiedDecision =
  | { readonly kind: "verified"; readonly decision: Decision }
  | { readonly kind: "refused"; readonly reason: string };

/** Whether these bytes are a decision, signed by this key. */
export function verifyDecision(bytes: Uint8Array, key: ApproverKey): VerifiedDecision {
  const read = readDecision(bytes);
  if (read.kind === "malformed") return { kind: "refused", reason: `This is no signed decision: ${read.reason}.` };
  if (read.keyid !== key.fingerprint) return { kind: "refused", reason: `It names another key: ${read.keyid}.` };
  if (!isSignedBy(read, key)) return { kind: "refused", reason: "The signature does not match." };
  return { kind: "verified", decision: read.record };
}
