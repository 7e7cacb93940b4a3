/** What a run looks like from outside: made from its record and its journal alone, never from payload bytes. */
import { z } from "zod";
import type { Outcome } from "../core/delivery.ts";
import { tombstoneIn } from "../core/delivery-journal.ts";
import { draftsKept } from "../core/drafts-kept.ts";
import type { Tombstone } from "../core/erasure.ts";
import type { Instant } from "../core/ids.ts";
import type { Observation } from "../core/observation.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";

/** What moves a run next, when it does not move by itself at once. */
export type WaitingFor = "predecessor" | "context" | "retry" | "effect" | "approval" | "operator";

/** The fixed form of one item of `qoc.runs.list/1`: scripts rely on these keys and on nothing else. */
export type RunView = {
  readonly run: string;
  readonly workspace: string;
  readonly webhook: string;
  readonly delivery_id: string | null;
  readonly state: string;
  readonly outcome: Outcome | null;
  readonly waiting_for: WaitingFor | null;
  readonly duplicates: number;
  readonly evidence_id: string;
  readonly received_at: string;
  readonly sealed_at: string | null;
};

export type JournalRow = {
  readonly seq: number;
  readonly at: string;
  readonly event: string;
  readonly from: string | null;
  readonly to: string;
  readonly by: string;
  readonly observations: readonly Observation[];
};

/** One run with its journal: `qoc.runs.show/1`. The keys of the list come first. */
export type RunDetail = RunView & {
  readonly event_type: string | null;
  readonly subject: string | null;
  readonly ref: string | null;
  readonly commit_sha: string | null;
  /** When what it waits for is given up or tried again. */
  readonly waiting_until: string | null;
  /** What an agent was asked to work on; null for a run without one. */
  readonly task: string | null;
  /** What its agent drafted, and what became of each. */
  readonly drafts: readonly DraftShort[];
  /** The summary of an agent run below the desk, once written. */
  readonly snapshot: string | null;
  /** The file of the inbox item below the desk, once written. */
  readonly inbox_item: string | null;
  /** The file of the sealed envelope below the desk, once written. */
  readonly envelope: string | null;
  readonly parked: { readonly reason: string; readonly at: string } | null;
  /** What became of a run that a person had erased. */
  readonly erased: ErasedView | null;
  readonly journal: readonly JournalRow[];
};

/** One draft in short; `/api/runs/RUN/drafts` has the whole. */
export type DraftShort = { readonly draft: number; readonly file: string; readonly became: string };

export type ErasedView = Pick<Tombstone, "reason" | "seals" | "edited" | "shared"> & { readonly at: string };

const OUTCOMES = ["completed", "failed", "denied", "expired", "superseded", "cancelled", "refused"] as const;
const Birth = z.object({
  run: z.string(),
  evidence_id: z.string(),
  workspace: z.string(),
  webhook: z.string(),
  received_at: z.number(),
});
const text = z.string().nullable().catch(null);
const FactsRead = z.object({
  facts: z.object({ delivery_id: text, event_type: text, subject_key: text, ref: text, commit_sha: text }),
});
const SnapshotRead = z.object({
  context: z.object({ duplicates: z.number().catch(0), outcome: z.enum(OUTCOMES).nullable().catch(null) }),
});
const WithFile = z.object({ file: z.string() });
const EffectResult = z.object({ result: WithFile });

export const isoOf = (at: Instant): string => new Date(at).toISOString();

/** Undefined for an actor that is not a delivery, and for one whose birth cannot be read. One that was set aside at its birth has no journal. */
export function runView(record: ActorRecord, journal: readonly Entry[]): RunView | undefined {
  const birth = Birth.safeParse(journal[0]?.data ?? record.parked?.birth?.input);
  if (record.machine !== "delivery" || !birth.success) return undefined;
  const context = SnapshotRead.safeParse(record.snapshot).data?.context;
  const sealedAt = tombstoneIn(journal)?.sealed_at ?? journal.find((entry) => entry.event === "SEALED")?.at;
  return {
    run: birth.data.run,
    workspace: birth.data.workspace,
    webhook: birth.data.webhook,
    delivery_id: factsOf(journal)?.delivery_id ?? null,
    state: record.state,
    outcome: context?.outcome ?? null,
    waiting_for: waitingFor(record),
    duplicates: context?.duplicates ?? 0,
    evidence_id: birth.data.evidence_id,
    received_at: isoOf(birth.data.received_at),
    sealed_at: sealedAt === undefined ? null : isoOf(sealedAt),
  };
}

export function runDetail(record: ActorRecord, journal: readonly Entry[]): RunDetail | undefined {
  const view = runView(record, journal);
  if (view === undefined) return undefined;
  const facts = factsOf(journal);
  const until = record.timers.map((timer) => timer.at).toSorted((a, b) => a - b)[0];
  return {
    ...view,
    event_type: facts?.event_type ?? null,
    subject: facts?.subject_key ?? null,
    ref: facts?.ref ?? null,
    commit_sha: facts?.commit_sha ?? null,
    waiting_until: until === undefined ? null : isoOf(until),
    task: taskOf(journal),
    drafts: draftsShort(record),
    snapshot: firstOf(journal, "REPORTED", (data) => WithFile.safeParse(data).data?.file),
    inbox_item: firstOf(journal, "EFFECT_DONE", (data) => EffectResult.safeParse(data).data?.result.file),
    envelope:
      firstOf(journal, "SEALED", (data) => WithFile.safeParse(data).data?.file) ??
      tombstoneIn(journal)?.seals[0]?.pack ??
      null,
    parked: record.parked === null ? null : { reason: record.parked.reason, at: isoOf(record.parked.at) },
    erased: erasedView(journal),
    journal: journal.map(journalRow),
  };
}

const BirthOfTask = z.object({ policy: z.object({ task: z.string().nullable() }) });
const taskOf = (journal: readonly Entry[]): string | null =>
  BirthOfTask.safeParse(journal[0]?.data).data?.policy.task ?? null;

const draftsShort = ({ snapshot }: ActorRecord): readonly DraftShort[] =>
  draftsKept(snapshot).drafts.map(({ draft, file, decided, outcome }) => ({
    draft,
    file,
    became: outcome ?? decided ?? "undecided",
  }));

function erasedView(journal: readonly Entry[]): ErasedView | null {
  const at = journal.find(({ event }) => event === "ERASED")?.at;
  const left = tombstoneIn(journal);
  if (at === undefined || left === undefined) return null;
  const { reason, seals, edited, shared } = left;
  return { at: isoOf(at), reason, seals, edited, shared };
}

export const journalRow = (entry: Entry): JournalRow => ({
  seq: entry.seq,
  at: isoOf(entry.at),
  event: entry.event,
  from: entry.from,
  to: entry.to,
  by: entry.by,
  observations: entry.observations,
});

/** Set aside or waiting for a person's word: what `--stuck` lists. */
export const isStuck = (record: ActorRecord): boolean => record.parked !== null || record.state.startsWith("stuck");
/** What only a person can move on: what `--needs-me` lists. */
export const needsPerson = (record: ActorRecord): boolean =>
  isStuck(record) || record.state.startsWith("awaiting-approval");

const AT_WORK: ReadonlySet<string> = new Set(["dispatching", "reporting", "sealing", "amending", "erasing"]);

function waitingFor(record: ActorRecord): WaitingFor | null {
  if (record.parked !== null) return "operator";
  const [state, inner] = record.state.split(".");
  if (state === "held") return inner === "for-context" ? "context" : "predecessor";
  if (state === "executing") return inner === "backing-off" ? "retry" : "effect";
  if (state === "awaiting-approval") return "approval";
  if (state === "stuck") return "operator";
  return AT_WORK.has(state ?? "") ? "effect" : null;
}

function factsOf(journal: readonly Entry[]): z.infer<typeof FactsRead>["facts"] | undefined {
  const entry = journal.find((each) => each.event === "NORMALIZED");
  return entry === undefined ? undefined : FactsRead.safeParse(entry.data).data?.facts;
}

function firstOf<T>(journal: readonly Entry[], event: string, read: (data: unknown) => T | undefined): T | null {
  for (const entry of journal) {
    if (entry.event !== event) continue;
    const found = read(entry.data);
    if (found !== undefined) return found;
  }
  return null;
}
