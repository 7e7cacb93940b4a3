/** The tools that write: pages for people, and the run's own task. */
import { z } from "zod";
import { forms } from "../config/forms.ts";
import { frontMatter } from "../desk/front-matter.ts";
import { codeSpan, quotation } from "../desk/markdown.ts";
import { updateTask } from "../desk/task-status.ts";
import type { OwnWritten } from "./own-files.ts";
import { REQUEUE_DEPTH_MAX, REQUEUES_MAX } from "./tool-limits.ts";
import { done, lineText, markdownOutput, pageText, refused, toolOf, type Done, type ToolRefused } from "./tool.ts";

const TITLE_CHARACTERS_MAX = 200;
const PAGE_CHARACTERS_MAX = 200_000;
const SUMMARY_CHARACTERS_MAX = 20_000;
const REASON_CHARACTERS_MAX = 1_000;
/** Names that are tried for a page before it is refused. */
const NAMES_MAX = 200;

export const snapshot = toolOf(
  "Writes a note on how things stand into snapshots/, as a page of its own.",
  { title: lineText(TITLE_CHARACTERS_MAX), text: pageText(PAGE_CHARACTERS_MAX).describe("Markdown") },
  async ({ title, text }, { world, own }) => {
    const at = new Date(world.clock.now()).toISOString();
    const head = frontMatter([...marksOf(world), ["written_at", at]]);
    const bytes = Buffer.from(`${head}\n# ${title}\n\n${endingInLine(text)}`);
    const stamp = `${at.slice(0, 10).replaceAll("-", "")}-${at.slice(11, 16).replace(":", "")}`;
    return written(await own.make(numbered(`snapshots/${stamp}-${world.task}-note`), bytes), bytes);
  },
);

/** Kinds that qoc itself writes are not among them. */
const ITEM_KINDS = ["note", "question", "warning", "finding"] as const;

export const inboxWrite = toolOf(
  "Leaves an item for a person in inbox/. Nobody answers while this run lasts.",
  {
    kind: z.enum(ITEM_KINDS),
    title: lineText(TITLE_CHARACTERS_MAX),
    body: pageText(PAGE_CHARACTERS_MAX).describe("Markdown"),
  },
  async ({ kind, title, body }, { world, own }) => {
    const at = new Date(world.clock.now()).toISOString();
    const head = frontMatter([
      ["kind", kind],
      ["status", "new"],
      ["title", title],
      ...marksOf(world),
      ["written_at", at],
    ]);
    const says = `The agent of run ${codeSpan(world.run)} wrote this, on task ${codeSpan(world.task)}.`;
    const bytes = Buffer.from([head, quotation(says), endingInLine(body)].join("\n"));
    const stamp = `${at.slice(0, 19).replaceAll(":", "-")}Z`;
    return written(await own.make(numbered(`inbox/${stamp}-agent-${world.run.slice(0, 8)}`), bytes), bytes);
  },
);

export const researchWrite = toolOf(
  "Writes a page into research/: a new one, or again one that this run wrote. What others wrote is left as it is.",
  {
    name: z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, "must be letters, digits, `.`, `_` and `-`, up to 100")
      .describe("of the file, such as nvda-exposure"),
    content: pageText(PAGE_CHARACTERS_MAX).describe("Markdown"),
  },
  async ({ name, content }, { own }) => {
    const bytes = Buffer.from(endingInLine(content));
    return written(await own.write(`research/${name.replace(/\.md$/, "")}.md`, bytes), bytes);
  },
);

export const issueUpdate = toolOf(
  "Changes the status of this run's own task, writes its summary, or both. Everything else in the file stays as it is.",
  {
    status: z.enum(["in-progress", "review", "blocked", "done"]).optional(),
    summary: pageText(SUMMARY_CHARACTERS_MAX)
      .optional()
      .describe("Markdown; replaces the summary that qoc wrote before"),
  },
  async ({ status = null, summary = null }, { world, own }) => {
    if (status === null && summary === null)
      return refused("There is nothing to change: give status, summary or both.");
    const bytes = Buffer.byteLength(summary ?? "");
    const over = own.elsewhere.mayWrite(bytes, 0);
    if (over !== undefined) return over;
    const updated = await updateTask(world.files, world.task, { status, summary });
    if (updated.kind === "refused") return updated;
    own.elsewhere.spend(bytes, 0);
    const kept = status === null || status === updated.status ? "" : " A person has set that meanwhile, and it stays.";
    return done(`Updated ${updated.file}; its status is ${updated.status}.${kept}`, {
      file: updated.file,
      status: updated.status,
      summary_bytes: bytes,
    });
  },
);

export const run = toolOf(
  `Queues a run of a task of issues/ for later: each task once, up to ${REQUEUES_MAX} in a run.`,
  {
    task: z.string().regex(forms.task.pattern, forms.task.says).describe("the file's name in issues/, without .md"),
    reason: lineText(REASON_CHARACTERS_MAX),
  },
  async ({ task, reason }, { world, queued }) => {
    if (world.depth >= REQUEUE_DEPTH_MAX)
      return refused(`Agents queued ${world.depth} runs in a row to get here; the next one is for a person to start.`);
    if (queued.has(task)) return refused(`This run has queued ${task} already.`);
    if (queued.size >= REQUEUES_MAX) return refused(`A run queues up to ${REQUEUES_MAX} others, and this one has.`);
    const answer = await world.requeue(task, reason);
    if (answer.kind === "refused") return answer;
    queued.add(task);
    return done(`Queued as run ${answer.run}.`, { run: answer.run, task });
  },
);

const marksOf = ({ run: id, task }: { readonly run: string; readonly task: string }) =>
  [
    ["by", "agent"],
    ["run", id],
    ["task", task],
  ] as const;

const endingInLine = (text: string): string => (text.endsWith("\n") ? text : `${text}\n`);

function* numbered(name: string): Generator<string> {
  for (let n = 1; n <= NAMES_MAX; n += 1) yield `${name}${n === 1 ? "" : `-${n}`}.md`;
}

const written = (outcome: OwnWritten | ToolRefused, bytes: Uint8Array): Done | ToolRefused =>
  outcome.kind === "refused"
    ? outcome
    : {
        ...done(
          `Wrote ${outcome.file}, ${bytes.byteLength} bytes.`,
          { file: outcome.file, sha256: outcome.sha256, bytes: bytes.byteLength },
          [markdownOutput(bytes)],
        ),
        wrote: { file: outcome.file, content: outcome.sha256 },
      };
