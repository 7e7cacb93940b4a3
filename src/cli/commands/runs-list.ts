import type { Command } from "commander";
import { span } from "../../http/why.ts";
import { RunsPage, type RunItem } from "../answers.ts";
import { answerOf } from "../client.ts";
import { countFlag, isSet, sinceFlag, textOption } from "../flags.ts";
import { type Output, plain, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, readingApi, withApi } from "../session.ts";

export function addRunsList(runs: Command, run: Runner): void {
  runs
    .command("list")
    .description("runs, newest first")
    .option("--state <state>", "only in this state; `held` finds every way of being held")
    .option("--webhook <name>", "only of this webhook")
    .option("--workspace <name>", "only of this workspace, where the daemon serves several")
    .option("--since <time>", "only received since: a span (2h) or a time")
    .option("--stuck", "only those that were interrupted or set aside")
    .option("--needs-me", "only those that a person must move")
    .option("-n, --limit <count>", "runs of one page", "50")
    .option("--cursor <cursor>", "go on behind an earlier page (its `next`)")
    .action(run(listRuns));
}

const listRuns: Action = async (session, _args, options) => {
  const { out, io } = session;
  const query = new URLSearchParams({ limit: String(countFlag("--limit", textOption(options, "limit") ?? "50", 500)) });
  for (const name of ["state", "webhook", "workspace", "cursor"]) {
    const value = textOption(options, name);
    if (value !== undefined) query.set(name, value);
  }
  const since = textOption(options, "since");
  if (since !== undefined) query.set("since", sinceFlag("--since", since, io.now()));
  if (isSet(options, "stuck")) query.set("stuck", "true");
  if (isSet(options, "needsMe")) query.set("needs_me", "true");
  await withApi(readingApi(session, deskOf(session)), async (api) => {
    const page = await answerOf(api, RunsPage, "GET", `/api/runs?${query.toString()}`);
    out.list("qoc.runs.list/1", page, () => (page.items.length === 0 ? "" : runsTable(page.items, out, io.now())));
    if (page.items.length === 0) out.note(emptyView(query));
    if (page.next !== null && out.format !== "json") out.note(`More: qoc runs list --cursor ${page.next}`);
  });
};

function runsTable(items: readonly RunItem[], out: Output, now: number): string {
  const head = ["RUN", "AGE", "WEBHOOK", "STATE", "OUTCOME", "WAITS FOR", "AGAIN"].map((title) =>
    out.paint("dim", title),
  );
  const rows = items.map((item) => [
    item.run.slice(0, 8),
    span(now - Date.parse(item.received_at)),
    plain(item.webhook),
    out.paint(item.waiting_for === "operator" ? "yellow" : item.state === "sealed" ? "dim" : "bold", item.state),
    item.outcome ?? "-",
    item.waiting_for ?? "-",
    item.duplicates === 0 ? "-" : String(item.duplicates),
  ]);
  return table([head, ...rows]);
}

function emptyView(query: URLSearchParams): string {
  const filtered = [...query.keys()].some((key) => key !== "limit");
  return filtered
    ? "No run matches: qoc runs list shows all."
    : "No run yet, because no delivery came: qoc send price-alert --wait";
}
