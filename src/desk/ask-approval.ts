/** The effect that puts the question to a person: a page in the inbox for each draft that is undecided. Doing it again makes the same pages. */
import { assert } from "../core/assert.ts";
import { birthOf } from "../core/delivery-journal.ts";
import { draftsKept, type DraftKept } from "../core/drafts-kept.ts";
import type { FileWritten } from "../core/files-written.ts";
import type { Instant } from "../core/ids.ts";
import type { ActorRecord, Effect, EffectCall, EffectOutcome, Entry, Store } from "../engine/ports.ts";
import { type DraftKind, readDraft } from "../orders/draft.ts";
import { approvalPage } from "./approval-page.ts";
import { type PlacePage, writtenAs } from "./page.ts";

export type AskApprovalWorld = {
  readonly store: Pick<Store, "read" | "journal" | "artifact">;
  readonly kinds: () => readonly DraftKind[];
  readonly place: PlacePage;
};

export const askApproval = (world: AskApprovalWorld): Effect => ({
  repeatable: true,
  concurrency: 4,
  perform: (call) => ask(world, call),
});

async function ask(world: AskApprovalWorld, call: EffectCall): Promise<EffectOutcome> {
  const { store, place } = world;
  const record = store.read(call.address);
  assert(record !== undefined, "an effect belongs to an actor");
  const journal = store.journal(call.address);
  const { run, webhook, policy } = birthOf(journal);
  const asked = { run, webhook, task: policy.task, asked_at: askedAt(journal), expires_at: expiryOf(record) };
  const wrote: FileWritten[] = [];
  for (const kept of draftsKept(record.snapshot).drafts.filter(({ decided }) => decided === null)) {
    const page = approvalPage({ ...asked, ...kept, says: saysOf(kept, world) });
    wrote.push(writtenAs(await place("inbox", page), page));
  }
  const result = { files: wrote.map(({ file }) => file) };
  return {
    event: Object.assign({ type: "EFFECT_DONE" }, { effect: call.id, step: null, artifacts: [], result, wrote }),
    artifacts: [],
  };
}

/** When the run came to wait, however often the question had to be put: the page's name is made of it. */
function askedAt(journal: readonly Entry[]): Instant {
  const entry = journal.findLast(({ observations }) => observations.some(({ name }) => name === "approval_requested"));
  assert(entry !== undefined, "a run that asks has come to wait");
  return entry.at;
}

function saysOf({ content }: DraftKept, { store, kinds }: AskApprovalWorld): string {
  const bytes = store.artifact(content);
  const read = bytes === undefined ? undefined : readDraft(bytes, kinds());
  if (read === undefined) return "a draft whose bytes are not kept";
  return read.kind === "draft" ? read.says : `a draft that cannot be read: ${read.problems[0] ?? "no reason"}`;
}

const expiryOf = ({ timers }: ActorRecord): Instant | null =>
  timers.find(({ id }) => id.includes("approvalTimeout"))?.at ?? null;
