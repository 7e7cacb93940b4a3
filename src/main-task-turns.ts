/** The task's file over a run: one run at a time works on a task, in the order in which they ask; the others wait, whatever is left to do elsewhere. */
import type { TaskTurns } from "./agent/run-agent.ts";
import { beginTask, loadTask, type TaskBegun, type TaskFiles, updateTask } from "./desk/task-status.ts";

export function taskTurns(files: TaskFiles): TaskTurns {
  /** By task: resolves when nobody who has asked so far works on it any more. */
  const lastTurns = new Map<string, Promise<void>>();
  /** By task: ends the turn that somebody has now. */
  const ends = new Map<string, () => void>();

  async function turn(name: string): Promise<void> {
    const before = lastTurns.get(name);
    let resolve = (): void => undefined;
    const own = new Promise<void>((done) => {
      resolve = done;
    });
    lastTurns.set(name, own);
    await before;
    ends.set(name, () => {
      if (lastTurns.get(name) === own) lastTurns.delete(name);
      resolve();
    });
  }
  const end = (name: string): void => ends.get(name)?.();

  async function begin(name: string): Promise<TaskBegun> {
    const begun = await beginTask(files, name);
    if (begun.kind === "begun") return begun;
    const found = await loadTask(files, name);
    // Whoever has the turn knows that no run works on it: a dead daemon left it so.
    return found.kind === "task" && found.task.status === "in-progress" ? { kind: "begun", task: found.task } : begun;
  }

  return {
    take: async (name) => {
      await turn(name);
      let begun: TaskBegun | undefined;
      try {
        begun = await begin(name);
        return begun;
      } finally {
        if (begun?.kind !== "begun") end(name);
      }
    },
    giveBack: async (task, after) => {
      try {
        const status = after === "in-progress" ? "review" : after;
        await updateTask(files, task, { status, summary: null, from: ["in-progress"] });
      } finally {
        end(task);
      }
    },
  };
}
