/** Spreads the actors of a store over threads, a few hundred at a time: whoever is done takes the next, and memory holds no more than that. */
import type { Worker } from "node:worker_threads";
import { startThread } from "../adapters/thread.ts";
import type { StoreSurvey } from "../adapters/store-lmdb-survey.ts";
import { checkRange, type RangeChecked } from "./check-range.ts";
import type { FsckAnswer } from "./fsck-worker.ts";
import { nextRange, RANGE_ACTORS, worldOf, type FsckWorkerData, type Ranges } from "./range-world.ts";

export const startFsckWorker = (data: FsckWorkerData): Worker => startThread("fsck-worker", import.meta.url, data);

/** Without threads all is done in this one, when `each` is called. */
export type RangeThreads = {
  /** Calls back with what is found, range by range, in no order. Rejects when a thread fails: then nothing is known of the rest. */
  readonly each: (done: (checked: RangeChecked) => void) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** They begin at once, and go on whatever this thread does meanwhile. */
export function startRanges(threads: number, survey: StoreSurvey, data: Omit<FsckWorkerData, "ranges">): RangeThreads {
  const last = survey.lastOrdinal();
  const ranges: Ranges = { last, taken: new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT) };
  const count = Math.min(threads, Math.ceil(last / RANGE_ACTORS));
  const workers = Array.from({ length: count }, () => startFsckWorker({ ...data, ranges }));
  const answers = workers.map((worker) => answersOf(worker));
  return {
    each: async (done) => {
      if (threads > 0) return void (await Promise.all(answers.map((answer) => answer(done))));
      const world = worldOf(data);
      for (let range = nextRange(ranges); range !== undefined; range = nextRange(ranges))
        done(checkRange(range, survey, world));
    },
    close: async () => void (await Promise.all(workers.map((worker) => worker.terminate()))),
  };
}

/** What comes before somebody listens is kept. */
function answersOf(worker: Worker): RangeThreads["each"] {
  let take: ((checked: RangeChecked) => void) | undefined;
  const early: RangeChecked[] = [];
  const ended = new Promise<void>((resolve, reject) => {
    worker.on("message", (answer: FsckAnswer) => {
      if (answer.kind === "failed") reject(new Error(answer.reason));
      else if (answer.kind === "done") resolve();
      else if (take === undefined) early.push(answer.checked);
      else take(answer.checked);
    });
    worker.on("error", reject);
    worker.on("exit", (code) => reject(new Error(`a thread ended with ${code}`)));
  });
  // Told to whoever asks; nobody may, when something else failed first.
  ended.catch(() => undefined);
  return (done) => {
    for (const checked of early.splice(0)) done(checked);
    take = done;
    return ended;
  };
}
