/** A thread of `qoc fsck`: opens the store for itself, and takes one range after the other until none is left; `range-threads.ts` starts it. */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { assert, reasonOf } from "../core/assert.ts";
import { surveyStore } from "../adapters/store-lmdb-survey.ts";
import { checkRange, type RangeChecked } from "./check-range.ts";
import { nextRange, worldOf, type FsckWorkerData } from "./range-world.ts";

export type FsckAnswer =
  | { readonly kind: "checked"; readonly checked: RangeChecked }
  | { readonly kind: "done" }
  | { readonly kind: "failed"; readonly reason: string };

assert(parentPort !== null, "a thread of fsck runs in a worker thread");
const port = parentPort;
const data: FsckWorkerData = workerData;
const answer = (message: FsckAnswer): void => port.postMessage(message);

try {
  const survey = await surveyStore(join(data.dir, ".qoc", "store"));
  const world = worldOf(data);
  for (let range = nextRange(data.ranges); range !== undefined; range = nextRange(data.ranges))
    answer({ kind: "checked", checked: checkRange(range, survey, world) });
  answer({ kind: "done" });
} catch (thrown) {
  answer({ kind: "failed", reason: reasonOf(thrown) });
}
// Whoever started it ends it, when all that it said is heard.
port.on("message", () => undefined);
