/** What the daemon changes in a task's page: one word of its head, and the text between two marks. Every other byte stays. Pure. */
import { type PageHead, scalarAt } from "./page-head.ts";
import type { Task, TaskStatus } from "./task-file.ts";

/** In the place of the old word, in the same quotes. */
export function withStatus({ page, head, status }: Pick<Task, "page" | "head" | "status">, next: TaskStatus): string {
  const at = scalarAt(head, "status");
  if (at === null || status === next) return page;
  return page.slice(0, at.start) + at.quote + next + at.quote + page.slice(at.end);
}

export const SUMMARY_BEGINS = "<!-- qoc:summary -->";
export const SUMMARY_ENDS = "<!-- /qoc:summary -->";
export const SUMMARY_CHARACTERS_MAX = 20_000;

export type PageParts = {
  /** All but the summary. */
  readonly before: string;
  /** Null when the daemon has written none; without its marks. */
  readonly summary: string | null;
  readonly after: string;
};
export type PartsRead =
  | ({ readonly kind: "parts" } & PageParts)
  | { readonly kind: "refused"; readonly reason: string };

/** The page apart from the summary that the daemon wrote into it, which is found by its marks, each a line of its own. */
export function partsOf(page: string, { body }: Pick<PageHead, "body">): PartsRead {
  const start = page.length - body.length;
  const begins = linesThatAre(SUMMARY_BEGINS, body);
  const ends = linesThatAre(SUMMARY_ENDS, body);
  if (begins.length === 0 && ends.length === 0) return { kind: "parts", before: page, summary: null, after: "" };
  const [begin] = begins;
  const [end] = ends;
  if (begin === undefined || end === undefined || begins.length > 1 || ends.length > 1 || end.at < begin.at)
    return { kind: "refused", reason: "has marks of a summary that do not belong together" };
  return {
    kind: "parts",
    before: page.slice(0, start + begin.at),
    summary: body.slice(begin.end, end.at),
    after: body.slice(end.end),
  };
}

type Line = { readonly at: number; readonly end: number };

function linesThatAre(mark: string, body: string): readonly Line[] {
  const lines = new RegExp(`^${mark}[ \\t]*\\r?(?:\\n|$)`, "gm");
  return [...body.matchAll(lines)].map(({ index, 0: line }) => ({ at: index, end: index + line.length }));
}

export type Rewritten =
  | { readonly kind: "page"; readonly page: string }
  | { readonly kind: "refused"; readonly reason: string };

/**
 * With this summary in the place of the one that the daemon wrote before, or at the end under a heading of its own. Marks within the
 * summary lose their meaning, so that what it says cannot end it.
 */
export function withSummary(task: Pick<Task, "page" | "head">, summary: string): Rewritten {
  const parts = partsOf(task.page, task.head);
  if (parts.kind === "refused") return parts;
  const line = task.page.includes("\r\n") ? "\r\n" : "\n";
  const text = summary.slice(0, SUMMARY_CHARACTERS_MAX).replaceAll("<!--", "&lt;!--").trimEnd();
  const block = [SUMMARY_BEGINS, ...text.split(/\r\n|\n|\r/), SUMMARY_ENDS, ""].join(line);
  const opening = parts.summary === null ? heading(task.head.body, parts.before, line) : "";
  return { kind: "page", page: `${parts.before}${opening}${block}${parts.after}` };
}

/** A heading that stands there already, with nothing below it, is the summary's. */
function heading(body: string, before: string, line: string): string {
  const ending = before.endsWith("\n") ? "" : line;
  if (/(?:^|\n)## Summary[ \t]*\r?\n[ \t\r\n]*$/.test(`${body}${ending}`))
    return /\n[ \t]*\r?\n$/.test(before) ? "" : ending + line;
  return `${ending}${line}## Summary${line}${line}`;
}
