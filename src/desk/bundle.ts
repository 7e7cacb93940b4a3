/**
 * What an agent is told before its first turn: one Markdown text, a pure function of what it is given. The order of its sections is
 * fixed: rules, then what is known, then the task, and last what set it off. The words of senders and of earlier agents stand in fences
 * that cannot be closed from inside, behind a sentence that says what they are.
 */
import type { FreeText } from "../config/agent-config.ts";
import type { Facts } from "../core/delivery.ts";
import type { Instant, RunId, Sha256 } from "../core/ids.ts";
import { cutOf, type Kept, lessOf, renderSection, type Section, whole } from "./bundle-section.ts";
import { sectionsOf } from "./bundle-sections.ts";

/** `bytes` are of the whole file, where `text` is only its beginning. `by_runs`: it lies where runs write. */
export type FileText = {
  readonly file: string;
  readonly text: string;
  readonly bytes: number;
  readonly by_runs?: boolean;
};
/** Some of a folder's files, in the order in which they matter, each as the lines to show of it. */
export type FolderTexts = { readonly items: readonly string[]; readonly count: number };

/** What set the run off. A reason may be an agent's words. */
export type Cause =
  | {
      readonly kind: "delivery";
      readonly webhook: string;
      readonly received_at: Instant;
      readonly facts: Facts;
      readonly sha256: Sha256;
      readonly media_type: string;
      /** The body as it is kept, or its beginning. */
      readonly body: Uint8Array;
      readonly body_bytes: number;
    }
  | { readonly kind: "by_hand"; readonly of_run: RunId | null; readonly reason: string };

export type BundleTexts = {
  readonly workspace: string;
  readonly run: RunId;
  /** Null when there is none. */
  readonly house_rules: FileText | null;
  readonly agent_text: readonly FreeText[];
  /** Guards and texts of `[risk]`. */
  readonly risk_text: readonly FreeText[];
  readonly context: readonly FileText[];
  readonly entities: FolderTexts;
  /** The task's page without the summary that an earlier run left in it. */
  readonly task: FileText & { readonly name: string };
  readonly summary: string | null;
  readonly context_files: readonly FileText[];
  readonly inbox: FolderTexts;
  /** Where orders can go, and what else can be drafted: names and forms, as the desk's configuration has them. */
  readonly connectors: readonly string[];
  readonly draft_kinds: readonly string[];
  /** What the agent may call, in the words of whoever offers it. */
  readonly commands: readonly { readonly name: string; readonly says: string }[];
  readonly cause: Cause;
  /** Files that were asked for and are not here: sentences of ours. */
  readonly missing: readonly string[];
};

export type Bundle =
  | { readonly kind: "bundle"; readonly text: string; readonly cuts: readonly string[] }
  /** What is never cut does not fit the budget. */
  | { readonly kind: "too_large"; readonly says: string };

/** For people, and for the agent itself. `bundle-sections.ts` has the ranks. */
export const CUT_ORDER =
  "items of the inbox from the oldest on, entities from the last on, the summary of an earlier run, the task's context_files from the last on, the payload from its end, files of [context] from the last on";

/** House rules, texts of [agent] and [risk], the task, the commands and the facts of the delivery are whole or there is no bundle. */
export function renderBundle(texts: BundleTexts, budgetBytes: number): Bundle {
  const sections = sectionsOf(texts);
  let kept: readonly Kept[] = sections.map(whole);
  let text = write(texts, sections, kept);
  for (const i of cutOrder(sections)) {
    // Twice and more: what says that something was cut takes room of its own.
    while (Buffer.byteLength(text) > budgetBytes && (kept[i] ?? 0) > 0) {
      const excess = Buffer.byteLength(text) - budgetBytes;
      kept = kept.map((each, n) => (n === i ? lessOf(sectionAt(sections, i), each, excess) : each));
      text = write(texts, sections, kept);
    }
  }
  const bytes = Buffer.byteLength(text);
  if (bytes > budgetBytes)
    return {
      kind: "too_large",
      says: `What a run of this task must be told takes ${bytes} bytes, and [context] budget allows ${budgetBytes}.`,
    };
  return { kind: "bundle", text, cuts: cutsOf(texts, sections, kept) };
}

const NOTHING: Section = { kind: "words", heading: "", text: "" };
const sectionAt = (sections: readonly Section[], i: number): Section => sections[i] ?? NOTHING;

/** Places of what may be cut: by rank, and of one rank the last first. */
const cutOrder = (sections: readonly Section[]): readonly number[] =>
  sections
    .flatMap((section, i) => (section.kind === "words" || section.rank === null ? [] : [{ i, rank: section.rank }]))
    .toSorted((a, b) => a.rank - b.rank || b.i - a.i)
    .map(({ i }) => i);

const cutsOf = ({ missing }: BundleTexts, sections: readonly Section[], kept: readonly Kept[]): readonly string[] => [
  ...missing,
  ...sections.flatMap((section, i) => cutOf(section, kept[i] ?? 0) ?? []),
];

function write(texts: BundleTexts, sections: readonly Section[], kept: readonly Kept[]): string {
  const cuts = cutsOf(texts, sections, kept);
  const [opening, ...others] = sections.map((section, i) => renderSection(section, kept[i] ?? 0));
  const left =
    cuts.length === 0
      ? []
      : [
          `## What is not here\n\nThe order in which things are cut: ${CUT_ORDER}.\n\n${cuts.map((each) => `- ${each}\n`).join("")}`,
        ];
  return [`# Run ${texts.run} on desk ${texts.workspace}\n`, opening ?? "", ...left, ...others].join("\n");
}
