/** What a desk's agent runs need from a person before they begin: tasks that may be run, and approvers whose keys decide. */
import { createAgentFiles } from "../adapters/agent-files.ts";
import type { DeskConfig } from "../config/desk-config.ts";
import { whyNotRun } from "../desk/task-file.ts";
import { loadTask } from "../desk/task-status.ts";
import { settledApprovers } from "./approver-trust.ts";
import { type Check, counted, good, warning } from "./check.ts";
import type { DeskPlace } from "./desk-finder.ts";

type Asked = Pick<DeskConfig, "agent" | "approval" | "connectors" | "drafts" | "webhooks">;

/** Empty on a desk that launches no agent. */
export async function runChecksOf(desk: DeskPlace, config: Asked): Promise<readonly Check[]> {
  if (config.agent.command === null) return [];
  const named = config.webhooks.flatMap(({ policy }) => (policy.task === null ? [] : [policy.task]));
  const tasks = await Promise.all([...new Set(named)].map((task) => taskCheck(desk, task)));
  return [...tasks, ...(await approverCheck(desk, config))];
}

async function taskCheck({ dir }: DeskPlace, name: string): Promise<Check> {
  const read = await loadTask(createAgentFiles(dir), name);
  const why = read.kind === "refused" ? read.says : whyNotRun(read.task);
  const isUnderWay = read.kind === "task" && read.task.status === "in-progress";
  return why === null || isUnderWay
    ? good(`task ${name}`, `issues/${name}.md may be run`)
    : warning(`task ${name}`, why, `edit issues/${name}.md`);
}

/** Where nothing can be sent, nothing needs an approver; a run takes the keys that are there when it begins. */
async function approverCheck(desk: DeskPlace, { approval, connectors, drafts }: Asked): Promise<readonly Check[]> {
  if (connectors.length + drafts.length === 0 || approval.require !== "signed") return [];
  const { settled } = await settledApprovers(desk);
  const names = settled.approvers.map(({ name }) => name);
  if (names.length >= approval.approvers) return [good("approvers", names.join(", "))];
  const says = `${names.length === 0 ? "none" : `only ${names.join(", ")}`}, and a draft takes ${counted(approval.approvers, "approver")}: what a run drafts that begins now can only expire`;
  return [warning("approvers", settled.unsettled ?? says, "qoc approver add NAME")];
}
