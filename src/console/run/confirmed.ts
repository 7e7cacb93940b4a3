/** What a person must have typed before a decision is sent, and the line that does the same in a terminal. Pure. */
import type { DecisionWord } from "../../approval/decision-words.ts";
import type { DraftView } from "../../http/shapes/drafts.ts";

export const TYPED_CHARACTERS = 4;

/** Of exactly the view that is shown; a draft that cannot be read can still be rejected, as it was proposed. */
export const digestShown = (draft: DraftView, decision: DecisionWord): string | null =>
  draft.digest ?? (decision === "reject" ? draft.digest_proposed : null);

export const isTyped = (typed: string, digest: string): boolean =>
  digest !== "" && typed.trim().toLowerCase() === digest.slice(0, TYPED_CHARACTERS);

export const isOpen = (draft: DraftView): boolean => draft.state === "open";

export function commandOf(run: string, draft: DraftView, decision: DecisionWord): string {
  const digest = digestShown(draft, decision);
  const words = [
    "qoc",
    decision,
    run,
    "--draft",
    String(draft.draft),
    ...(digest === null ? [] : ["--digest", digest]),
  ];
  return [...words, ...(decision === "reject" ? ["--reason", "TEXT"] : [])].join(" ");
}

/** The names of fields whose values differ between what was looked at and what is there now, with those that came and went. */
export function changedFields(before: DraftView, after: DraftView): ReadonlySet<string> {
  const texts = (draft: DraftView): ReadonlyMap<string, string> => {
    const byName = new Map<string, string>();
    for (const [name, value] of draft.fields) byName.set(name, `${byName.get(name) ?? ""}\n${value}`);
    return byName;
  };
  const [old, now] = [texts(before), texts(after)];
  return new Set([...old.keys(), ...now.keys()].filter((name) => old.get(name) !== now.get(name)));
}
