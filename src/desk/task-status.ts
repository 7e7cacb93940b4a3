/** Keeps a task's file current: its status and its summary, on top of whatever a person writes meanwhile. */
import { createHash } from "node:crypto";
import { type Sha256, sha256Of } from "../core/ids.ts";
import {
  isTaskName,
  missingTask,
  readTask,
  type Task,
  TASK_BYTES_MAX,
  TASK_FOLDER,
  taskFile,
  type TaskRead,
  type TaskRefused,
  type TaskStatus,
  whyNotRun,
} from "./task-file.ts";
import { type Rewritten, withStatus, withSummary } from "./task-page.ts";

type TaskPath = { readonly text: string; readonly parts: readonly string[] };
/** `gone`: there is no such file. `changed`: it is not what was read. */
type FileRefused = { readonly kind: "refused"; readonly because: string; readonly says: string };

/** The desk's files as they are read and replaced. An agent's file access is one. */
export interface TaskFiles {
  /** At most `bytesMax` bytes, and how many the file has in all. */
  readonly read: (
    path: TaskPath,
    offset: number,
    bytesMax: number,
  ) => Promise<{ readonly kind: "read"; readonly bytes: Uint8Array; readonly size: number } | FileRefused>;
  /** Puts other bytes in the place of a file whose bytes have this hash, whole or not at all. It looks again right before. */
  readonly replace: (
    path: TaskPath,
    bytes: Uint8Array,
    expected: Sha256,
  ) => Promise<{ readonly kind: "written" } | FileRefused>;
}

/** What is null stays as it is. */
export type TaskChange = {
  readonly status: TaskStatus | null;
  readonly summary: string | null;
  /** The states that the status is changed from; in another, a person has decided meanwhile, and the status stays. By default `WORKED_ON`. */
  readonly from?: readonly TaskStatus[];
};
/** States that a run may leave: in all others a person took the task away from it. */
export const WORKED_ON: readonly TaskStatus[] = ["open", "in-progress", "blocked", "review"];

/** `status` is what the file says now. */
export type TaskUpdated = { readonly kind: "updated"; readonly file: string; readonly status: TaskStatus };

/** The task as it stands, or why it cannot be read. A rejection is the disk's own failure. */
export async function loadTask(files: TaskFiles, name: string): Promise<TaskRead> {
  if (!isTaskName(name)) return refused(missingTask(name));
  const found = await files.read(pathOf(name), 0, TASK_BYTES_MAX + 1);
  if (found.kind === "read") return readTask(name, found.bytes);
  return refused(found.because === "gone" ? missingTask(name) : `${taskFile(name)} cannot be read. ${found.says}`);
}

export type TaskBegun = { readonly kind: "begun"; readonly task: Task } | TaskRefused;

/** Takes a task for a run: it must be one that may be run, and is in progress from here on. Gives it as it was before that. */
export function beginTask(files: TaskFiles, name: string): Promise<TaskBegun> {
  return rewrite(files, name, (task) => {
    const reason = whyNotRun(task);
    if (reason !== null) return refused(reason);
    return { kind: "page", page: withStatus(task, "in-progress"), done: { kind: "begun", task } };
  });
}

/** Changes the status, the summary or both. A person's `done`, `cancelled` or `draft` stays; the summary is written all the same. */
export function updateTask(files: TaskFiles, name: string, change: TaskChange): Promise<TaskUpdated | TaskRefused> {
  const { status, summary, from = WORKED_ON } = change;
  return rewrite(files, name, (task) => {
    const next = status !== null && from.includes(task.status) ? status : task.status;
    const page = withStatus(task, next);
    const again = readTask(name, Buffer.from(page));
    if (again.kind === "refused") return again;
    const written: Rewritten = summary === null ? { kind: "page", page } : withSummary(again.task, summary);
    if (written.kind === "refused") return refused(`${task.file} ${written.reason}; its summary was not written.`);
    return { ...written, done: { kind: "updated", file: task.file, status: next } };
  });
}

const FORGOTTEN = "The run that this was the summary of was erased.";

/** Takes this summary out of the task's file. Any other that stands there, and all else that a person wrote, stays. */
export async function forgetSummary(files: TaskFiles, name: string, summary: string): Promise<void> {
  await rewrite(files, name, (task) => {
    const asItStands = withSummary(task, summary);
    const isThis = asItStands.kind === "page" && asItStands.page === task.page;
    const without = isThis ? withSummary(task, FORGOTTEN) : asItStands;
    return { kind: "page", page: isThis && without.kind === "page" ? without.page : task.page, done: null };
  });
}

type Wanted<T> = { readonly kind: "page"; readonly page: string; readonly done: T };
const ATTEMPTS_MAX = 10;

/** Reads, changes and replaces; begins anew when somebody wrote to the file in between. */
async function rewrite<T>(
  files: TaskFiles,
  name: string,
  change: (task: Task) => Wanted<T> | TaskRefused,
): Promise<T | TaskRefused> {
  for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt += 1) {
    const read = await loadTask(files, name);
    if (read.kind === "refused") return read;
    const wanted = change(read.task);
    if (wanted.kind === "refused" || wanted.page === read.task.page)
      return wanted.kind === "refused" ? wanted : wanted.done;
    const bytes = Buffer.from(wanted.page);
    if (bytes.byteLength > TASK_BYTES_MAX)
      return refused(`${read.task.file} would have more than ${TASK_BYTES_MAX} bytes.`);
    const placed = await files.replace(pathOf(name), bytes, hashOf(read.task.page));
    if (placed.kind === "written") return wanted.done;
    if (placed.because === "gone") return refused(missingTask(name));
    if (placed.because !== "changed") return refused(`${read.task.file} cannot be written. ${placed.says}`);
  }
  return refused(`${taskFile(name)} was changed again and again while it was to be written.`);
}

const pathOf = (name: string): TaskPath => ({ text: taskFile(name), parts: [TASK_FOLDER, `${name}.md`] });
const hashOf = (page: string): Sha256 => sha256Of(createHash("sha256").update(page).digest("hex"));
const refused = (says: string): TaskRefused => ({ kind: "refused", says });
