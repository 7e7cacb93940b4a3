/** A desk whose agent is a shell script, with a webhook of its name for each task. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { deskFolder, webhookToml } from "./desk-folder.ts";

export const SHELL_DESK = "shell-desk";

export type ShellDesk = {
  readonly script: string;
  readonly tasks: readonly string[];
  /** Further lines of `[agent]`. */
  readonly agent?: string;
  /** Further tables. */
  readonly toml?: string;
};

export function shellDesk({ script, tasks, agent = "", toml = "" }: ShellDesk): string {
  const webhook = (task: string): string => webhookToml(task, `task = "${task}"`).replace('"inbox"', '"run"');
  const dir = deskFolder(SHELL_DESK, {
    toml: ["[agent]", 'command = ["/bin/sh", "agent.sh"]', agent, ...tasks.map(webhook), toml].join("\n"),
  });
  mkdirSync(path.join(dir, "issues"));
  for (const task of tasks) putTask(dir, task, "open");
  writeFileSync(path.join(dir, "agent.sh"), script);
  return dir;
}

export const putTask = (dir: string, task: string, status: string): void =>
  writeFileSync(path.join(dir, `issues/${task}.md`), `---\nid: 1\ntitle: ${task}\nstatus: ${status}\n---\n\nDo it.\n`);
