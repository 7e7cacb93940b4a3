import { reasonOf } from "../core/assert.ts";
import { errnoOf } from "./disk.ts";

/** Every way the clerk fails a job. `retryable` says whether doing the same again can help without a person. */
export const clerkFailures = {
  FOLDER_MISSING: { retryable: true, says: "the folder does not exist" },
  NO_SPACE: { retryable: true, says: "there is no space left on the disk" },
  NOT_PERMITTED: { retryable: true, says: "the daemon may not write there" },
  UNREADABLE: { retryable: true, says: "what lies there is no file that the daemon may read" },
  DISK: { retryable: true, says: "the disk reported an error" },
  NAME_TAKEN: { retryable: false, says: "another file has that name, and it is never overwritten" },
  NAME_UNSAFE: { retryable: false, says: "the name would lead out of its folder" },
  EVIDENCE_UNSOUND: { retryable: false, says: "what was sealed does not verify any more, so nothing is made of it" },
  STOPPED: { retryable: true, says: "the clerk has stopped" },
  BUG: { retryable: false, says: "the clerk failed on this job" },
} as const satisfies Record<string, { readonly retryable: boolean; readonly says: string }>;

export type ClerkFailureReason = keyof typeof clerkFailures;

/** One job failed and no other. What it had written has no final name. */
export class ClerkFailure extends Error {
  readonly reason: ClerkFailureReason;
  readonly detail: string;
  readonly retryable: boolean;
  constructor(reason: ClerkFailureReason, detail: string) {
    super(`${clerkFailures[reason].says}: ${detail}`);
    this.name = "ClerkFailure";
    this.reason = reason;
    this.detail = detail;
    this.retryable = clerkFailures[reason].retryable;
  }
}

const reasonsByErrno: ReadonlyMap<string, ClerkFailureReason> = new Map([
  ["ENOENT", "FOLDER_MISSING"],
  ["ENOTDIR", "FOLDER_MISSING"],
  ["ENOSPC", "NO_SPACE"],
  ["EDQUOT", "NO_SPACE"],
  ["EACCES", "NOT_PERMITTED"],
  ["EPERM", "NOT_PERMITTED"],
  ["EROFS", "NOT_PERMITTED"],
]);

/** What was thrown, in the clerk's words. */
export function clerkFailureOf(thrown: unknown): ClerkFailure {
  if (thrown instanceof ClerkFailure) return thrown;
  const errno = errnoOf(thrown);
  if (errno === undefined || errno.startsWith("ERR_")) return new ClerkFailure("BUG", reasonOf(thrown));
  return new ClerkFailure(reasonsByErrno.get(errno) ?? "DISK", reasonOf(thrown));
}
