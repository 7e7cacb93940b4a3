/** What every clerk shares, wherever it does the work: jobs of one turn of the event loop are handed on together. */
import type { Job, JobDone } from "../desk/jobs.ts";
import { ClerkFailure } from "./clerk-failure.ts";

export interface Clerk {
  /**
   * Resolves when the job's file and its name are on the disk. Doing a job again ends in the same file.
   * @throws ClerkFailure
   */
  readonly perform: (job: Job) => Promise<JobDone>;
  /** Takes no more jobs and resolves when those in flight have ended. */
  readonly close: () => Promise<void>;
}

export type Asked = {
  readonly job: Job;
  readonly resolve: (done: JobDone) => void;
  readonly reject: (failure: ClerkFailure) => void;
};

/** A clerk of one desk. `post` settles everything it is given; `end` is called when nothing is left to settle. */
export function gathering(dir: string, post: (asked: readonly Asked[]) => void, end: () => Promise<void>): Clerk {
  const open = new Set<Promise<JobDone>>();
  let gathered: Asked[] = [];
  let closed = false;
  const flush = (): void => {
    const asked = gathered;
    gathered = [];
    post(asked);
  };
  return {
    perform: (job) => {
      if (closed) return Promise.reject(new ClerkFailure("STOPPED", "it takes no more jobs"));
      if (job.dir !== dir) return Promise.reject(new ClerkFailure("BUG", "the job is for another desk"));
      const done = new Promise<JobDone>((resolve, reject) => {
        if (gathered.push({ job, resolve, reject }) === 1) setImmediate(flush);
      });
      open.add(done);
      const forget = (): void => void open.delete(done);
      done.then(forget, forget);
      return done;
    },
    close: async () => {
      closed = true;
      await Promise.allSettled(open);
      await end();
    },
  };
}

/** Tells each one its outcome; they stand in one order. */
export function settle(asked: readonly Asked[], outcomes: readonly (JobDone | ClerkFailure)[]): void {
  for (const [i, { resolve, reject }] of asked.entries()) {
    const outcome = outcomes[i] ?? new ClerkFailure("BUG", "the job has no outcome");
    if (outcome instanceof ClerkFailure) reject(outcome);
    else resolve(outcome);
  }
}

export function failAll(asked: readonly Asked[], failure: ClerkFailure): void {
  for (const { reject } of asked) reject(failure);
}
