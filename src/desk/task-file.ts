/** `issues/<task>.md`: what a run works on. A person writes it; the daemon reads it strictly and says in a sentence why it cannot be run. */
import { forms } from "../config/forms.ts";
import { type PageHead, readHead, scalarAt } from "./page-head.ts";

export const TASK_FOLDER = "issues";
export const TASK_BYTES_MAX = 256 * 1024;
export const TASK_STATUSES = ["draft", "open", "in-progress", "blocked", "review", "done", "cancelled"] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** A task as its file has it. Texts of the head are as written and may be missing. */
export type Task = {
  readonly name: string;
  /** Below the desk, with a forward slash. */
  readonly file: string;
  readonly status: TaskStatus;
  readonly title: string | null;
  /** Paths below the desk, in the order of the file. */
  readonly context_files: readonly string[];
  /** The whole page, byte for byte when it is encoded again. */
  readonly page: string;
  readonly head: PageHead;
};

export type TaskRefused = {
  readonly kind: "refused";
  /** A sentence. It quotes nothing of the file but its status. */
  readonly says: string;
};
export type TaskRead = { readonly kind: "task"; readonly task: Task } | TaskRefused;

const CONTEXT_FILES_MAX = 50;

/** A task's name can never be a path: letters, digits, `.`, `_` and `-`, beginning with a letter or a digit. */
export const isTaskName = (name: string): boolean => forms.task.pattern.test(name);
/** @param name one that is a task's */
export const taskFile = (name: string): string => `${TASK_FOLDER}/${name}.md`;

/** Never throws, whatever the bytes are. */
export function readTask(name: string, bytes: Uint8Array): TaskRead {
  const file = taskFile(name);
  const wrong = (reason: string): TaskRefused => ({ kind: "refused", says: `${file} ${reason}.` });
  if (bytes.byteLength > TASK_BYTES_MAX) return wrong(`has more than ${TASK_BYTES_MAX} bytes`);
  const page = textOf(bytes);
  if (page === null) return wrong("is not UTF-8");
  const head = readHead(page);
  if (head.kind === "none") return wrong("has no head: it must begin with a line --- and say its status");
  if (head.kind === "refused") return wrong(head.reason);
  const status = head.values.get("status");
  if (status === undefined || status === null) return wrong("has no status");
  const known = TASK_STATUSES.find((each) => each === status);
  if (known === undefined)
    return wrong(`has the status ${shown(status)}, which is none of ${TASK_STATUSES.join(", ")}`);
  if (scalarAt(head, "status") === null) return wrong("has a status that is not written on one line");
  const context = contextFiles(head.values.get("context_files"));
  if (typeof context === "string") return wrong(context);
  const title = head.values.get("title");
  return {
    kind: "task",
    task: {
      name,
      file,
      status: known,
      title: typeof title === "string" ? title : null,
      context_files: context,
      page,
      head,
    },
  };
}

/** The paths, or what is wrong with them. */
function contextFiles(value: unknown): readonly string[] | string {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > CONTEXT_FILES_MAX) return `names more than ${CONTEXT_FILES_MAX} context_files`;
  const files = list.filter((each): each is string => typeof each === "string" && forms.deskPath.pattern.test(each));
  return files.length === list.length
    ? files
    : `has context_files of which one ${forms.deskPath.says.replace("must be", "is not")}`;
}

/** Why a task in this state is not begun; null when it is. */
export function whyNotRun({ file, status }: Pick<Task, "file" | "status">): string | null {
  switch (status) {
    case "open":
    case "review":
      return null;
    case "draft":
      return `${file} is a draft, and a draft is never picked up: set its status to open.`;
    case "in-progress":
      return `${file} is in progress: another run works on it, or one ended without a word. If none does, set its status to open.`;
    case "blocked":
      return `${file} is blocked: once nothing is in its way, set its status to open.`;
    case "done":
    case "cancelled":
      return `${file} is ${status}: to have it worked on again, set its status to open.`;
  }
}

export const missingTask = (name: string): string =>
  isTaskName(name)
    ? `There is no ${taskFile(name)}.`
    : "The task's name is none: it must be letters, digits, ., _ and -.";

function textOf(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

const SHOWN_CHARACTERS_MAX = 40;
/** Only what is plain: a sentence goes into an inbox and a log. */
const shown = (status: unknown): string =>
  typeof status === "string" && /^[\w -]*$/.test(status)
    ? JSON.stringify(status.slice(0, SHOWN_CHARACTERS_MAX))
    : "(not a word)";
