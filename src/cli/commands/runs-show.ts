import type { Command } from "commander";
import path from "node:path";
import { RunShown } from "../answers.ts";
import { answerOf } from "../client.ts";
import { journalCells } from "../follow.ts";
import { runName } from "../ids.ts";
import { type Output, plain, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, readingApi, withApi } from "../session.ts";

export function addRunsShow(runs: Command, run: Runner): void {
  runs.command("show").argument("<run>").description("one run with its journal").action(run(showRun));
}

const showRun: Action = async (session, args) => {
  const name = runName(args[0] ?? "");
  await withApi(readingApi(session, deskOf(session)), async (api) => {
    const shown = await answerOf(api, RunShown, "GET", `/api/runs/${name}`);
    session.out.result("qoc.runs.show/1", shown, () => page(shown, session.out));
  });
};

function page(run: RunShown, out: Output): string {
  const facts: readonly (readonly [string, string | null])[] = [
    ["run", run.run],
    ["state", run.state],
    ["outcome", run.outcome],
    [
      "waits for",
      run.waiting_for === null
        ? null
        : `${run.waiting_for}${run.waiting_until === null ? "" : `, until ${run.waiting_until}`}`,
    ],
    ["set aside", run.parked === null ? null : run.parked.reason],
    ["webhook", `${run.workspace}/${run.webhook}`],
    ["task", run.task === null ? null : `issues/${run.task}.md`],
    ["delivery", run.delivery_id],
    ["event", run.event_type],
    ["subject", run.subject],
    ["received", run.received_at],
    ["sealed", run.sealed_at],
    ["duplicates", run.duplicates === 0 ? null : String(run.duplicates)],
    ["erased", run.erased === null ? null : `${run.erased.at}: ${run.erased.reason}`],
    ...run.drafts.map(
      ({ draft, file, became }) => [`draft ${draft}`, `${became}  ${path.posix.basename(file)}`] as const,
    ),
    ["summary", run.snapshot],
    ["inbox item", run.inbox_item],
    ["evidence", run.evidence_id],
    ["envelope", run.envelope],
  ];
  const shown = facts.flatMap(([key, value]) => (value === null ? [] : [[out.paint("dim", key), plain(value)]]));
  return `${table(shown)}\n\n${table(run.journal.map((row) => journalCells(row)))}`;
}
