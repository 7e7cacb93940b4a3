/** The desk's clerk: renders inbox items, seals envelopes and puts both on the disk, in a thread of its own. */
import type { Worker } from "node:worker_threads";
import { reasonOf } from "../core/assert.ts";
import type { Job, JobDone } from "../desk/jobs.ts";
import { performBatch } from "./clerk-batch.ts";
import { ClerkFailure, clerkFailureOf } from "./clerk-failure.ts";
import { type Asked, type Clerk, failAll, gathering, settle } from "./clerk-turn.ts";
import type { Answer, AnswersMessage, ClerkWorkerData, JobsMessage } from "./clerk-worker.ts";
import { type Disk, nodeDisk } from "./disk.ts";
import { type EvidenceKeys, signerOf } from "./key-files.ts";
import { startThread } from "./thread.ts";

export type ClerkOptions = {
  /** The desk's folder. A job for another desk is refused: it would be sealed with the wrong key. */
  readonly dir: string;
  readonly keys: EvidenceKeys;
};
export type WorkerClerkOptions = ClerkOptions & { readonly startWorker?: (data: ClerkWorkerData) => Worker };
export type InlineClerkOptions = ClerkOptions & { readonly disk?: Disk };

export const startClerkWorker = (data: ClerkWorkerData): Worker => startThread("clerk-worker", import.meta.url, data);

/** A clerk in a worker thread. When the worker dies, what it had in hand is rejected, retryable, and a new one starts. */
export function createClerk({ dir, keys, startWorker = startClerkWorker }: WorkerClerkOptions): Clerk {
  const inFlight = new Map<number, readonly Asked[]>();
  let batches = 0;

  const take = (batch: number): readonly Asked[] => {
    const asked = inFlight.get(batch) ?? [];
    inFlight.delete(batch);
    return asked;
  };

  const start = (): Worker => {
    const started = startWorker({ keys });
    let died = "the worker ended";
    started.on("message", ({ batch, answers }: AnswersMessage) => settle(take(batch), answers.map(outcomeOf)));
    started.on("error", (error) => {
      died = reasonOf(error);
    });
    started.on("exit", () => {
      worker = undefined;
      for (const batch of inFlight.keys()) failAll(take(batch), new ClerkFailure("STOPPED", died));
    });
    return started;
  };
  let worker: Worker | undefined = start();

  const post = (asked: readonly Asked[]): void => {
    const batch = ++batches;
    inFlight.set(batch, asked);
    try {
      worker ??= start();
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
      worker.postMessage({ batch, jobs: asked.map(({ job }) => compact(job)) } satisfies JobsMessage);
    } catch (thrown) {
      failAll(take(batch), new ClerkFailure("BUG", reasonOf(thrown)));
    }
  };
  return gathering(dir, post, async () => {
    await worker?.terminate();
  });
}

/** The same work in this thread: for tests and the simulator, which hand in a disk of their own. */
export function createInlineClerk({ dir, keys, disk = nodeDisk }: InlineClerkOptions): Clerk {
  const seals = { signer: signerOf(keys), retired: keys.retired ?? [] };
  const post = (asked: readonly Asked[]): void => {
    const jobs = asked.map(({ job }) => job);
    performBatch(jobs, seals, disk).then(
      (outcomes) => settle(asked, outcomes),
      (thrown: unknown) => failAll(asked, clerkFailureOf(thrown)),
    );
  };
  return gathering(dir, post, () => Promise.resolve());
}

const outcomeOf = (answer: Answer): JobDone | ClerkFailure =>
  answer.kind === "done" ? answer.done : new ClerkFailure(answer.reason, answer.detail);

/** Posting a view copies the whole buffer below it, which for a body read from the store is far more than the body. */
function compact(job: Job): Job {
  if (job.kind !== "inbox" || job.body.byteLength === job.body.buffer.byteLength) return job;
  return { ...job, body: new Uint8Array(job.body) };
}
