/** Runs as the API tells of them. */
import { z } from "zod";
import { Hash, list, Next, Reason, Time } from "./values.ts";

/** What moves a run next, when it does not move by itself at once. */
export const WaitingFor = z.enum(["predecessor", "context", "retry", "effect", "approval", "operator"]);
export type WaitingFor = z.infer<typeof WaitingFor>;
export const OUTCOMES = ["completed", "failed", "denied", "expired", "superseded", "cancelled", "refused"] as const;

/** The fixed form of one item of `qoc.runs.list/1` as the command line prints it: scripts rely on these keys and on nothing else. */
export const RunView = z.object({
  run: z.string(),
  workspace: z.string(),
  webhook: z.string(),
  delivery_id: z.string().nullable(),
  state: z.string(),
  outcome: z.enum(OUTCOMES).nullable(),
  waiting_for: WaitingFor.nullable(),
  duplicates: z.number(),
  evidence_id: z.string(),
  received_at: Time,
  sealed_at: Time.nullable(),
});
export type RunView = z.infer<typeof RunView>;

/** What a list shows beside the fixed form. */
export const RunItem = RunView.extend({
  event_type: z.string().nullable(),
  subject: z.string().nullable(),
  task: z.string().nullable(),
  /** When what it waits for is given up or tried again. */
  waiting_until: Time.nullable(),
  parked: z.boolean(),
});
export type RunItem = z.infer<typeof RunItem>;

/** `looked` runs were read for this page, so `looked - items.length` are hidden by the filter. */
export const RunsPage = z.object({ items: list(RunItem), next: Next, looked: z.number() });
export type RunsPage = z.infer<typeof RunsPage>;

export const PAGE_RUNS_MAX = 500;
const flag = z
  .enum(["true", "false", ""])
  .default("false")
  .transform((value) => value !== "false");
export const RunsQuery = z.strictObject({
  workspace: z.string().optional(),
  webhook: z.string().optional(),
  /** A state or its beginning up to a dot: `held` finds `held.for-context`. */
  state: z.string().optional(),
  since: z.iso
    .datetime({ offset: true })
    .transform((iso) => Date.parse(iso))
    .optional(),
  stuck: flag,
  needs_me: flag,
  limit: z.coerce.number().int().min(1).max(PAGE_RUNS_MAX).default(50),
  cursor: z.string().optional(),
});

export const Observation = z.object({ name: z.string(), value: z.unknown(), basis: list(Hash) });

export const JournalRow = z.object({
  seq: z.number(),
  at: Time,
  event: z.string(),
  from: z.string().nullable(),
  to: z.string(),
  by: z.string(),
  observations: list(Observation),
});
export type JournalRow = z.infer<typeof JournalRow>;

/** One draft in short; `/api/runs/RUN/drafts` has the whole. */
export const DraftShort = z.object({ draft: z.number(), file: z.string(), became: z.string() });
export type DraftShort = z.infer<typeof DraftShort>;

const ErasedSeal = z.object({
  evidence_id: z.string(),
  seal_hash: z.string(),
  index: z.number(),
  erasure: z.number(),
  pack: z.string().nullable(),
});
/** What became of a run that a person had erased. */
export const ErasedView = z.object({
  at: Time,
  reason: z.string(),
  seals: list(ErasedSeal),
  edited: list(z.string()),
  shared: z.number(),
});
export type ErasedView = z.infer<typeof ErasedView>;

/** One run with its journal: `qoc.runs.show/1`. The keys of the fixed form come first. */
export const RunDetail = RunView.extend({
  event_type: z.string().nullable(),
  subject: z.string().nullable(),
  ref: z.string().nullable(),
  commit_sha: z.string().nullable(),
  waiting_until: Time.nullable(),
  task: z.string().nullable(),
  drafts: list(DraftShort),
  snapshot: z.string().nullable(),
  inbox_item: z.string().nullable(),
  envelope: z.string().nullable(),
  parked: z.object({ reason: z.string(), at: Time }).nullable(),
  erased: ErasedView.nullable(),
  journal: list(JournalRow),
});
export type RunDetail = z.infer<typeof RunDetail>;

export const Why = z.object({ paragraph: z.string(), commands: list(z.string()) });
export type Why = z.infer<typeof Why>;
export const RunWhy = Why.extend({ run: z.string(), state: z.string() });

/** What came of an operator's word. With `dry_run` nothing was told. */
export const Acted = z.object({
  run: z.string(),
  action: z.enum(["resume", "cancel", "release"]),
  dry_run: z.boolean(),
  from: z.string(),
  state: z.string(),
  new_run: z.string().nullable(),
  says: z.string(),
});
export type Acted = z.infer<typeof Acted>;

export const EraseBody = z.strictObject({ reason: Reason, dry_run: z.boolean().default(false) });
export const Erased = z.object({
  run: z.string(),
  evidence_id: z.string(),
  dry_run: z.boolean(),
  state: z.string(),
  /** Null while it is not done. */
  erased: ErasedView.nullable(),
});
export type Erased = z.infer<typeof Erased>;
