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
const seals = { signer: signerOf(keys), retired: keys.retired ?? [] };

const answerOf = (outcome: JobDone | ClerkFailure): Answer =>
  outcome instanceof ClerkFailure
    ? { kind: "failed", reason: outcome.reason, detail: outcome.detail }
    : { kind: "done", done: outcome };

/** Messages that came while the last batch was on its way to the disk. Together they share its syncs, and the more there are the cheaper each. */
let waiting: JobsMessage[] = [];
let busy = false;

async function work(): Promise<void> {
  busy = true;
  while (waiting.length > 0) {
    const messages = waiting;
    waiting = [];
    const outcomes = await performBatch(
      messages.flatMap(({ jobs }) => jobs),
      seals,
      nodeDisk,
    );
    let at = 0;
    for (const { batch, jobs } of messages) {
      const answers = outcomes.slice(at, at + jobs.length).map(answerOf);
      at += jobs.length;
      port.postMessage({ batch, answers } satisfies AnswersMessage);
    }
  }
  busy = false;
}

port.on("message", (message: JobsMessage) => {
  waiting.push(message);
  if (!busy) void work();
});
