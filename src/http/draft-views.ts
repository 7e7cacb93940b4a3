/** The drafts of a run as a person sees them: what the run remembers of them, beside what their files say now. */
import { z } from "zod";
import { allTold, birthOf } from "../core/delivery-journal.ts";
import { type Instant, sha256Of } from "../core/ids.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import { decidedBy } from "./decided.ts";
import type { DraftDoor, DraftNow } from "./control-target.ts";
import type { DraftView, DraftsView } from "./shapes/drafts.ts";
import { isoOf } from "./views.ts";

/** How the machine keeps a draft: `machines/delivery-context.ts`. */
const DraftKept = z.object({
  draft: z.number(),
  file: z.string(),
  digest: z.string(),
  content: z.string(),
  approvals: z.array(z.object({ by: z.string().nullable() })),
  decided: z.enum(["approved", "rejected", "withdrawn"]).nullable(),
  outcome: z.string().nullable(),
});
export type DraftKept = z.infer<typeof DraftKept>;
const Remembered = z.object({
  context: z.object({ drafts: z.array(DraftKept).catch([]), outcome: z.string().nullable().catch(null) }),
});
type Remembered = z.infer<typeof Remembered>["context"];

export const draftsKept = (record: ActorRecord): readonly DraftKept[] => remembered(record).drafts;

const remembered = ({ snapshot }: ActorRecord): Remembered =>
  Remembered.safeParse(snapshot).data?.context ?? { drafts: [], outcome: null };

export async function draftsOf(
  record: ActorRecord,
  journal: readonly Entry[],
  door: DraftDoor | undefined,
): Promise<DraftsView> {
  const { run, workspace, webhook, policy } = birthOf(journal);
  const { drafts, outcome } = remembered(record);
  const items = await Promise.all(
    drafts.map(async (kept) => {
      const state = stateOf(kept, record, outcome);
      const made = { state, digest_proposed: proposedOf(kept, journal).digest, decision: decisionOf(kept, journal) };
      if (isOpen(kept, record) && door !== undefined) return viewOf(kept, await door.read(kept.file), made);
      return closedView(kept, door?.recall(sha256Of(kept.content)), made);
    }),
  );
  const expiry = expiryOf(record);
  return {
    run,
    workspace,
    state: record.state,
    asked_by: { run, webhook, task: policy.task },
    approval: policy.approval ?? null,
    expires_at: expiry === undefined ? null : isoOf(expiry),
    items,
  };
}

/** Whether anyone can still decide it. */
export const isOpen = ({ decided }: DraftKept, { state }: ActorRecord): boolean =>
  decided === null && state.startsWith("awaiting-approval");

/** As the agent proposed it, also after another digest was approved. */
export const proposedOf = (kept: DraftKept, journal: readonly Entry[]): Pick<DraftKept, "digest" | "content"> =>
  allTold(journal, "TOOL_CALLED").find(({ proposed }) => proposed?.file === kept.file)?.proposed ?? kept;

function decisionOf({ draft }: DraftKept, journal: readonly Entry[]): DraftView["decision"] {
  const found = decidedBy(draft, journal);
  if (found === undefined) return null;
  const { approved, approver: by, reason, at } = found;
  return { approved, by, reason, at: isoOf(at) };
}

type Made = Pick<DraftView, "state" | "digest_proposed" | "decision">;

const askedOf = ({ draft, file, approvals }: DraftKept, made: Made) => ({
  draft,
  ...made,
  file,
  approved_by: approvals.map(({ by }) => by),
});

function viewOf(kept: DraftKept, now: DraftNow, made: Made): DraftView {
  if (now.kind === "draft") {
    const { digest, says, fields, limits } = now;
    const changed = digest !== made.digest_proposed;
    return { ...askedOf(kept, made), digest, changed, says, fields, limits, reason: null };
  }
  const nothing = { digest: null, changed: true, says: null, fields: [], limits: [] };
  return { ...askedOf(kept, made), ...nothing, reason: now.reason };
}

/** As it was when it was last looked at: nothing of its file counts any more. */
function closedView(kept: DraftKept, said: ReturnType<DraftDoor["recall"]>, made: Made): DraftView {
  const { says = null, fields = [] } = said ?? {};
  const changed = kept.digest !== made.digest_proposed;
  return { ...askedOf(kept, made), digest: kept.digest, changed, says, fields, limits: [], reason: null };
}

function stateOf(kept: DraftKept, record: ActorRecord, outcome: string | null): string {
  if (kept.outcome !== null) return kept.outcome;
  if (kept.decided === "withdrawn") return outcome === "expired" ? "expired" : "withdrawn";
  return kept.decided ?? (isOpen(kept, record) ? "open" : "proposed");
}

/** When what is undecided expires; undefined for a run that awaits no approval. */
export function expiryOf({ state, timers }: ActorRecord): Instant | undefined {
  if (!state.startsWith("awaiting-approval")) return undefined;
  return (timers.find(({ id }) => id.includes("approvalTimeout")) ?? timers[0])?.at;
}
