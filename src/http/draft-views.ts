/** The drafts of a run as a person sees them: what the run remembers of them, beside what their files say now. */
import { z } from "zod";
import { allTold, birthOf } from "../core/delivery-journal.ts";
import type { ApprovalPolicy } from "../core/agent-run.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import type { DraftDoor, DraftNow } from "./control-target.ts";
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

/** One item of `qoc.runs.drafts/1`. `digest` and what is beside it are null while the file cannot be read; `reason` says why. */
export type DraftView = {
  readonly draft: number;
  readonly state: string;
  readonly file: string;
  readonly digest: string | null;
  readonly digest_proposed: string;
  readonly changed: boolean;
  readonly says: string | null;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly limits: readonly string[];
  readonly reason: string | null;
  /** Who has approved the digest that was approved last; of one that nobody signed, null. */
  readonly approved_by: readonly (string | null)[];
};

export type DraftsView = {
  readonly run: string;
  readonly workspace: string;
  readonly state: string;
  readonly asked_by: { readonly run: string; readonly webhook: string; readonly task: string | null };
  readonly approval: ApprovalPolicy | null;
  readonly expires_at: string | null;
  readonly items: readonly DraftView[];
};

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
      const now = isOpen(kept, record) && door !== undefined ? await door.read(kept.file) : null;
      return viewOf(kept, now, proposedDigest(kept, journal), stateOf(kept, record, outcome));
    }),
  );
  return {
    run,
    workspace,
    state: record.state,
    asked_by: { run, webhook, task: policy.task },
    approval: policy.approval ?? null,
    expires_at: expiryOf(record),
    items,
  };
}

/** Whether anyone can still decide it. */
export const isOpen = ({ decided }: DraftKept, { state }: ActorRecord): boolean =>
  decided === null && state.startsWith("awaiting-approval");

/** As the agent proposed it, also after another digest was approved. */
const proposedDigest = ({ file, digest }: DraftKept, journal: readonly Entry[]): string =>
  allTold(journal, "TOOL_CALLED").find(({ proposed }) => proposed?.file === file)?.proposed?.digest ?? digest;

function viewOf(kept: DraftKept, now: DraftNow | null, proposed: string, state: string): DraftView {
  const { draft, file, approvals } = kept;
  const asked = { draft, state, file, digest_proposed: proposed, approved_by: approvals.map(({ by }) => by) };
  if (now?.kind === "draft") {
    const { digest, says, fields, limits } = now;
    return { ...asked, digest, changed: digest !== proposed, says, fields, limits, reason: null };
  }
  const nothing = { says: null, fields: [], limits: [] };
  if (now === null)
    return { ...asked, ...nothing, digest: kept.digest, changed: kept.digest !== proposed, reason: null };
  return { ...asked, ...nothing, digest: null, changed: true, reason: now.reason };
}

function stateOf(kept: DraftKept, record: ActorRecord, outcome: string | null): string {
  if (kept.outcome !== null) return kept.outcome;
  if (kept.decided === "withdrawn") return outcome === "expired" ? "expired" : "withdrawn";
  return kept.decided ?? (isOpen(kept, record) ? "open" : "proposed");
}

function expiryOf({ state, timers }: ActorRecord): string | null {
  if (!state.startsWith("awaiting-approval")) return null;
  const timer = timers.find(({ id }) => id.includes("approvalTimeout")) ?? timers[0];
  return timer === undefined ? null : isoOf(timer.at);
}
