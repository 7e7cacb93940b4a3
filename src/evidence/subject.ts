/** What a run is about, and why it was made: as the journal made it known, each part with the link that it stands in. */
import { Known, listOf, type Draft } from "./draft.ts";
import { firstOf, member, textIn, type SealInput, type Transition } from "./journal.ts";

/** A whole commit hash, SHA-1 or SHA-256. An abbreviated or all-zero one anchors nothing. */
const WHOLE_HASH = /^(?!0+$)(?:[0-9a-f]{40}|[0-9a-f]{64})$/;
const FORGES: ReadonlySet<string> = new Set(["github", "gitlab", "bitbucket", "gitea"]);

/** The names that the facts have in `subject.meta`. All of them are the sender's word. */
const META = [
  ["delivery_id", "delivery_id"],
  ["external_event_id", "event_id"],
  ["project", "project_path"],
  ["ref", "ref"],
  ["commit_sha", "commit_sha"],
  ["actor", "actor"],
  ["subject_key", "subject_key"],
] as const;

type Anchor = { readonly link: number; readonly commit: string };

export function subjectOf({ birth, entries, amends }: SealInput): Draft {
  const last = entries.length - 1;
  if (amends !== null)
    return {
      ...identified(0, "evidence_envelope", amends.evidence_id, "qoc", false),
      meta: new Known(0, []),
    };
  const normalized = firstOf(entries, "NORMALIZED");
  const facts = member(normalized?.entry.data, "facts");
  const provider = textIn(facts, "provider") ?? null;
  const meta = META.flatMap(([fact, name]) => {
    const value = textIn(facts, fact);
    return value === undefined || normalized === undefined ? [] : [new Known(normalized.link, { name, value })];
  });
  const anchor = anchorOf(entries, textIn(facts, "commit_sha"));
  const named =
    anchor === undefined
      ? identified(
          (firstOf(entries, "RECORDED") ?? firstOf(entries, "ASKED"))?.link ?? last,
          birth.by_hand === undefined ? "webhook_delivery" : "task_run",
          textIn(facts, "delivery_id") ?? birth.run,
          provider,
          false,
        )
      : identified(anchor.link, commitKind(provider), anchor.commit, provider, true);
  return { ...named, meta: listOf(meta, normalized?.link ?? last) };
}

export function intentOf({ birth, entries, amends }: SealInput): Draft {
  const { action, task } = birth.policy;
  const unknown = amends === null ? entries.length - 1 : 0;
  const recorded = firstOf(entries, "RECORDED") ?? firstOf(entries, "ASKED");
  const normalized = firstOf(entries, "NORMALIZED");
  const facts = member(normalized?.entry.data, "facts");
  const found = normalized?.link ?? unknown;
  return {
    action: new Known(0, action),
    task: new Known(0, task),
    statement: new Known(recorded?.link ?? unknown, textIn(recorded?.entry.data, "statement") ?? null),
    trigger: {
      kind: new Known(0, triggerOf(birth)),
      workspace: new Known(0, birth.workspace),
      webhook: new Known(0, birth.webhook),
      provider: new Known(found, textIn(facts, "provider") ?? null),
      event_type: new Known(found, textIn(facts, "event_type") ?? null),
    },
  };
}

const triggerOf = ({ by_hand }: SealInput["birth"]): "webhook" | "operator" | "agent" => {
  if (by_hand === undefined) return "webhook";
  return by_hand.of_run === null ? "operator" : "agent";
};

function identified(link: number, kind: string, id: string, source: string | null, anchored: boolean) {
  return {
    kind: new Known(link, kind),
    id: new Known(link, id),
    source: new Known(link, source),
    anchored: new Known(link, anchored),
  };
}

/** The commit that this run is anchored to: the delivery's own. One that a later delivery brought would make it depend on what arrived when. */
function anchorOf(entries: readonly Transition[], commit: string | undefined): Anchor | undefined {
  const recorded = firstOf(entries, "RECORDED");
  if (recorded === undefined || member(recorded.entry.data, "anchored") !== true || !isWhole(commit)) return undefined;
  return { link: recorded.link, commit };
}

const isWhole = (commit: string | undefined): commit is string => commit !== undefined && WHOLE_HASH.test(commit);

const commitKind = (provider: string | null): string =>
  provider !== null && FORGES.has(provider) ? `${provider}_commit` : "git_commit";
