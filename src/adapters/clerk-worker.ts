/** The clerk's thread. Takes batches one after the other and answers each with one message; `clerk.ts` starts it. */
import { parentPort, workerData } from "node:worker_threads";
import { assert } from "../core/assert.ts";
import type { Job, JobDone } from "../desk/jobs.ts";
import { performBatch } from "./clerk-batch.ts";
import { ClerkFailure, type ClerkFailureReason } from "./clerk-failure.ts";
import { nodeDisk } from "./disk.ts";
import { type EvidenceKeys, signerOf } from "./key-files.ts";

/** What a worker is born with. */
export type ClerkWorkerData = { readonly keys: EvidenceKeys };
export type JobsMessage = { readonly batch: number; readonly jobs: readonly Job[] };
/** Errors lose their class between threads, so a failure travels as what it is made of. */
export type Answer =
  | { readonly kind: "done"; readonly done: JobDone }
  | { readonly kind: "failed"; readonly reason: ClerkFailureReason; readonly detail: string };
export type AnswersMessage = { readonly batch: number; readonly answers: readonly Answer[] };

assert(parentPort !== null, "the clerk's worker runs in a worker thread");
const port = parentPort;
const { keys }: ClerkWorkerData = workerData;
const signer = signerOf(keys);

const answerOf = (outcome: JobDone | ClerkFailure): Answer =>
  outcome instanceof ClerkFailure
    ? { kind: "failed", reason: outcome.reason, detail: outcome.detail }
    : { kind: "done", done: outcome };

async function answer({ batch, jobs }: JobsMessage): Promise<void> {
  const outcomes = await performBatch(jobs, signer, nodeDisk);
  port.postMessage({ batch, answers: outcomes.map(answerOf) } satisfies AnswersMessage);
}

let last = Promise.resolve();
port.on("message", (message: JobsMessage) => {
  last = last.then(() => answer(message));
});
