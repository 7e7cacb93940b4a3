/** What a run looks like from outside: made from its record and its journal alone, never from payload bytes. */
import { z } from "zod";
import { tombstoneIn } from "../core/delivery-journal.ts";
import { draftsKept } from "../core/drafts-kept.ts";
import type { Instant } from "../core/ids.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import {
  type DraftShort,
  type ErasedView,
  type JournalRow,
  OUTCOMES,
  type RunDetail,
  type RunItem,
  type RunView,
  type WaitingFor,
} from "./shapes/runs.ts";

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
  const { outcome, duplicates } = progressOf(record);
  const sealedAt = tombstoneIn(journal)?.sealed_at ?? journal.find((entry) => entry.event === "SEALED")?.at;
  return {
    run: birth.data.run,
    workspace: birth.data.workspace,
    webhook: birth.data.webhook,
    delivery_id: factsOf(journal)?.delivery_id ?? null,
    state: record.state,
    outcome,
    waiting_for: waitingFor(record),
    duplicates,
    evidence_id: birth.data.evidence_id,
    received_at: isoOf(birth.data.received_at),
    sealed_at: sealedAt === undefined ? null : isoOf(sealedAt),
  };
}

/** What the machine remembers of how it ends, and of redeliveries. */
export const progressOf = ({ snapshot }: ActorRecord): Pick<RunView, "outcome" | "duplicates"> =>
  SnapshotRead.safeParse(snapshot).data?.context ?? { outcome: null, duplicates: 0 };

/** What a list shows of it. */
export function runItem(record: ActorRecord, journal: readonly Entry[]): RunItem | undefined {
  const view = runView(record, journal);
  if (view === undefined) return undefined;
  const facts = factsOf(journal);
  return {
    ...view,
    event_type: facts?.event_type ?? null,
    subject: facts?.subject_key ?? null,
    task: taskOf(journal),
    waiting_until: waitingUntil(record),
    parked: record.parked !== null,
  };
}

export function runDetail(record: ActorRecord, journal: readonly Entry[]): RunDetail | undefined {
  const item = runItem(record, journal);
  if (item === undefined) return undefined;
  const facts = factsOf(journal);
  return {
    ...item,
    ref: facts?.ref ?? null,
    commit_sha: facts?.commit_sha ?? null,
    drafts: draftsShort(record),
    snapshot: firstOf(journal, "REPORTED", (data) => WithFile.safeParse(data).data?.file),
    inbox_item: firstOf(journal, "EFFECT_DONE", (data) => EffectResult.safeParse(data).data?.result.file),
    envelope: envelopeFileOf(journal),
    parked: record.parked === null ? null : { reason: record.parked.reason, at: isoOf(record.parked.at) },
    erased: erasedView(journal),
    journal: journal.map(journalRow),
  };
}

/** The envelope below the desk, once sealed; of an erased run the pack that stayed. */
export const envelopeFileOf = (journal: readonly Entry[]): string | null =>
  firstOf(journal, "SEALED", (data) => WithFile.safeParse(data).data?.file) ??
  tombstoneIn(journal)?.seals[0]?.pack ??
  null;

function waitingUntil({ timers }: ActorRecord): string | null {
  const [first] = timers.map(({ at }) => at).toSorted((a, b) => a - b);
  return first === undefined ? null : isoOf(first);
}

const BirthOfTask = z.object({ policy: z.object({ task: z.string().nullable() }) });
const taskOf = (journal: readonly Entry[]): string | null =>
  BirthOfTask.safeParse(journal[0]?.data).data?.policy.task ?? null;

export const draftsShort = ({ snapshot }: ActorRecord): readonly DraftShort[] =>
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
