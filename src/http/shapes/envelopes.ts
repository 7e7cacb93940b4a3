/** Sealed evidence. */
import { z } from "zod";
import { OUTCOMES } from "./runs.ts";
import { list, Next, Time } from "./values.ts";

export const EnvelopesQuery = z.strictObject({
  workspace: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
});

export const EnvelopeItem = z.object({
  run: z.string(),
  workspace: z.string(),
  webhook: z.string(),
  evidence_id: z.string(),
  outcome: z.enum(OUTCOMES).nullable(),
  sealed_at: Time.nullable(),
  /** Below the desk; of an erased run, the pack that stayed. */
  file: z.string().nullable(),
  erased: z.boolean(),
});
export type EnvelopeItem = z.infer<typeof EnvelopeItem>;
export const EnvelopesPage = z.object({ items: list(EnvelopeItem), next: Next, looked: z.number() });
export type EnvelopesPage = z.infer<typeof EnvelopesPage>;

/** A file as base64 of its exact bytes. */
export const EvidenceFile = z.object({ name: z.string(), base64: z.base64() });
export type EvidenceFile = z.infer<typeof EvidenceFile>;
/** What a verifier takes, so that a page can verify a run's evidence by itself: `qoc.runs.evidence/1`. */
export const RunEvidence = z.object({
  run: z.string(),
  envelope: EvidenceFile,
  amendments: list(EvidenceFile),
  /** The log's receipt for the envelope, once written. */
  receipt: EvidenceFile.nullable(),
  /** Public keys of the desk, as `qoc envelope verify --key` takes them. */
  keys: list(EvidenceFile),
  /** The command that does the same without this page. */
  command: z.string(),
});
export type RunEvidence = z.infer<typeof RunEvidence>;
