import type { Command } from "commander";
import { callTool, insideRun } from "../agent-call.ts";
import { StatusAnswer } from "../answers.ts";
import { answerOf } from "../client.ts";
import { readConfig } from "../configuration.ts";
import { exitCodes } from "../exit-codes.ts";
import { type Output, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, readingApi, withApi } from "../session.ts";
import { formatProblems } from "../../config/problem.ts";
import { failingLine } from "../signature-checks.ts";
import { contradictionLines } from "../witness-checks.ts";

export function addStatus(program: Command, run: Runner): void {
  program.command("status").description("the daemon, its desks, what waits; checks desk.toml").action(run(status));
}

const status: Action = async (session) => {
  const { out, io } = session;
  if (insideRun(io)) return callTool(session, "status", {});
  const desk = deskOf(session);
  const config = readConfig(desk, io);
  await withApi(readingApi(session, desk), async (api) => {
    const answer = await answerOf(api, StatusAnswer, "GET", "/api/status");
    out.result("qoc.status/1", answer, () => summary(answer, out));
  });
  if (config.kind === "config") {
    for (const line of contradictionLines(desk.dir, config.desk.evidence.witness)) out.note(line);
    return exitCodes.ok;
  }
  out.note(formatProblems(config.problems));
  return exitCodes.configuration;
};

type Status = typeof StatusAnswer._output;

function summary(answer: Status, out: Output): string {
  const state = answer.pid === null ? "stopped" : answer.draining ? "draining" : answer.ready ? "ready" : "not ready";
  const daemon = answer.pid === null ? "" : ` (process ${answer.pid}, since ${answer.started_at ?? "unknown"})`;
  const lines = [
    `qoc ${answer.version}: ${out.paint(state === "ready" ? "green" : "yellow", state)}${daemon}`,
    ...(answer.ingress === null ? [] : [`ingress  ${answer.ingress}`]),
    ...(answer.console === null ? [] : [`console  ${answer.console}`]),
    ...answer.workspaces.flatMap((workspace) => ["", ...workspaceLines(workspace, out)]),
  ];
  return lines.join("\n");
}

function workspaceLines(workspace: Status["workspaces"][number], out: Output): readonly string[] {
  const { name, dir, runs, webhooks, mail_waiting, failed_signatures } = workspace;
  const counts = [
    `${runs.unfinished} unfinished`,
    `${runs.needs_me} need you`,
    `${runs.stuck} stuck`,
    `${runs.parked} set aside`,
    `${mail_waiting} waiting`,
    `${failed_signatures} failed signatures`,
  ];
  const rows = webhooks.map((webhook) => [
    `  ${webhook.name}`,
    webhook.action,
    // Without a daemon no secret has been read, and none is known to be missing.
    ...(webhook.url === null ? [] : [webhook.secrets === 0 ? "no secret" : "secret set", webhook.url]),
  ]);
  const failing = failingLine(workspace);
  return [
    `${name}  ${dir}`,
    `  runs: ${counts.join(", ")}`,
    ...(failing === undefined ? [] : [`  ${out.paint("yellow", failing)}`]),
    table(rows),
  ];
}
