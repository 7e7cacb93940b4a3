/**
 * What a person reads of an agent run when it is over: written for every run, whatever came of it, and also when there was nothing to
 * do. A pure function of the journal; the agent's own words stand in fences.
 */
import { assert } from "../core/assert.ts";
import { allTold, birthOf, type DataOf } from "../core/delivery-journal.ts";
import { draftsKept, type DraftKept } from "../core/drafts-kept.ts";
import type { Instant } from "../core/ids.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";
import { frontMatter } from "./front-matter.ts";
import { codeSpan, fenced } from "./markdown.ts";
import type { Page } from "./page.ts";

export type RunReport = {
  readonly task: string;
  readonly outcome: string;
  /** Why it came to that, where there is a reason. */
  readonly reason: string | null;
  readonly page: Page;
  /** In one paragraph, for the task's file. */
  readonly summary: string;
  /** Whether a person should find something of it in the inbox. */
  readonly alarms: boolean;
};

type Called = DataOf<"TOOL_CALLED">;

const LAST_WORDS_CHARACTERS_MAX = 4_000;
const REFUSALS_SHOWN_MAX = 20;

/**
 * @param asked outcome and reason as the machine decided them
 * @param lastWords what the agent wrote to its standard output at last; empty when it said nothing, or never ran
 */
export function runReport(
  record: Pick<ActorRecord, "snapshot">,
  journal: readonly Entry[],
  asked: { readonly outcome: string; readonly reason: string | null },
  lastWords: string,
): RunReport {
  const { run, webhook, policy, received_at } = birthOf(journal);
  const task = policy.task ?? "task";
  const { drafts } = draftsKept(record.snapshot);
  const calls = allTold(journal, "TOOL_CALLED");
  const ended = endedAt(journal);
  const summary = summaryOf(asked, calls, drafts);
  const head = frontMatter([
    ["kind", "snapshot"],
    ["run", run],
    ["task", task],
    ["webhook", webhook],
    ["outcome", asked.outcome],
    ["began_at", new Date(received_at).toISOString()],
    ["ended_at", new Date(ended).toISOString()],
  ]);
  const parts = [
    head,
    `# ${codeSpan(task)}: ${asked.outcome}\n`,
    `${summary}\n`,
    commandsOf(calls),
    draftsOf(drafts),
    lastWords === "" ? "" : `## What the agent said at last\n\n${fenced(shortened(lastWords), "text")}`,
  ];
  return {
    task,
    ...asked,
    summary,
    alarms: asked.outcome === "failed" || asked.outcome === "expired",
    page: {
      names: ["", `-${run.slice(0, 8)}`, `-${run}`].map((id) => `${minuteOf(ended)}-${task}${id}.md`),
      bytes: Buffer.from(parts.filter((part) => part !== "").join("\n")),
    },
  };
}

/** When the run came to be reported: it does not change when the report is written again. */
function endedAt(journal: readonly Entry[]): Instant {
  const entry = journal.findLast(
    ({ to, from }) => to.startsWith("reporting") && from?.startsWith("reporting") !== true,
  );
  assert(entry !== undefined, "a run that is reported has come to that");
  return entry.at;
}

/** `20260705-1422`. */
const minuteOf = (at: Instant): string =>
  new Date(at).toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");

function summaryOf(
  { outcome, reason }: { readonly outcome: string; readonly reason: string | null },
  calls: readonly Called[],
  drafts: readonly DraftKept[],
): string {
  const refusals = calls.filter(({ ok }) => !ok).length;
  const sentences = [
    `The run ended as ${outcome}${reason === null ? "" : `: ${codeSpan(reason.replace(/\.$/, ""))}`}.`,
    calls.length === 0
      ? "The agent used no command."
      : `The agent used ${count(calls.length, "command")}${refusals === 0 ? "" : `, of which ${refusals} were refused`}.`,
    drafts.length === 0
      ? "Nothing was drafted, so nothing waits for you."
      : `It drafted ${count(drafts.length, "order")}: ${drafts.map((each) => `${each.draft} ${becameOf(each)}`).join(", ")}.`,
  ];
  return sentences.join(" ");
}

function commandsOf(calls: readonly Called[]): string {
  if (calls.length === 0) return "";
  const tools = [...new Set(calls.map(({ tool }) => tool))];
  const lines = tools.map((tool) => {
    const all = calls.filter((call) => call.tool === tool);
    const refusals = all.filter(({ ok }) => !ok).length;
    return `- ${codeSpan(tool)} ${count(all.length, "time")}${refusals === 0 ? "" : `, refused ${count(refusals, "time")}`}`;
  });
  const refused = calls.flatMap(({ tool, refusal }) =>
    refusal === null ? [] : [`- ${codeSpan(tool)}: ${codeSpan(refusal)}`],
  );
  const shown = refused.slice(0, REFUSALS_SHOWN_MAX);
  const more = refused.length > shown.length ? [`- and ${refused.length - shown.length} more`] : [];
  const refusals = refused.length === 0 ? "" : `\n### Refused\n\n${[...shown, ...more].join("\n")}\n`;
  return `## Commands\n\n${lines.join("\n")}\n${refusals}`;
}

const draftsOf = (drafts: readonly DraftKept[]): string =>
  drafts.length === 0
    ? ""
    : `## Drafts\n\n${drafts.map((each) => `- ${each.draft} ${codeSpan(each.file)}: ${becameOf(each)}, digest \`${each.digest}\``).join("\n")}\n`;

const becameOf = ({ outcome, decided }: DraftKept): string => outcome ?? decided ?? "undecided";

const shortened = (text: string): string =>
  text.length <= LAST_WORDS_CHARACTERS_MAX ? text : `…${text.slice(-LAST_WORDS_CHARACTERS_MAX)}`;

const count = (n: number, one: string): string => `${n} ${n === 1 ? one : `${one}s`}`;
