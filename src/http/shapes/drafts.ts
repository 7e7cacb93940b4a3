/** Drafts of a run and the decisions over them. */
import { z } from "zod";
import { DECISIONS, REASON_LENGTH_MAX } from "../../approval/decision.ts";
import { Field, Hash, list, Time } from "./values.ts";

/** The decision that closed it; `by` is null of one that nobody signed. */
const DecisionMade = z.object({ approved: z.boolean(), by: z.string().nullable(), reason: z.string(), at: Time });

/** `digest` and what is beside it are null while the file cannot be read; `reason` says why. */
export const DraftView = z.object({
  draft: z.number(),
  state: z.string(),
  file: z.string(),
  digest: Hash.nullable(),
  digest_proposed: Hash,
  changed: z.boolean(),
  says: z.string().nullable(),
  fields: list(Field),
  /** The limits that hold for it, a sentence each. */
  limits: list(z.string()),
  reason: z.string().nullable(),
  /** Who has approved the digest that was approved last; of one that nobody signed, null. */
  approved_by: list(z.string().nullable()),
  /** Null while it is open, and of one that no person decided. */
  decision: DecisionMade.nullable(),
});
export type DraftView = z.infer<typeof DraftView>;

export const DraftsView = z.object({
  run: z.string(),
  workspace: z.string(),
  state: z.string(),
  asked_by: z.object({ run: z.string(), webhook: z.string(), task: z.string().nullable() }),
  approval: z
    .object({ require: z.enum(["signed", "local"]), approvers: z.number(), keys: list(Hash).optional() })
    .nullable(),
  expires_at: Time.nullable(),
  items: list(DraftView),
});
export type DraftsView = z.infer<typeof DraftsView>;

const SIGNED_LENGTH_MAX = 24 * 1024;

/** `digest`: of exactly what was looked at. `signed`: base64 of a DSSE envelope that an approver's key signed. */
export const DecisionBody = z.strictObject({
  draft: z.number().int().min(1).max(1_000_000),
  decision: z.enum(DECISIONS),
  digest: Hash,
  reason: z.string().trim().max(REASON_LENGTH_MAX).default(""),
  signed: z.base64().max(SIGNED_LENGTH_MAX).optional(),
});
export type DecisionBody = z.infer<typeof DecisionBody>;

export const DecisionAnswer = z.object({
  run: z.string(),
  draft: z.number(),
  decision: z.enum(DECISIONS),
  approver: z.string().nullable(),
  digest: z.string(),
  state: z.string(),
  says: z.string(),
});
export type DecisionAnswer = z.infer<typeof DecisionAnswer>;
