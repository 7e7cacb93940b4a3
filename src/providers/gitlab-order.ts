/** How GitLab's lifecycles are ordered: by the last of the times that an object has, then by how far its status is. */
import type { OrderSignal } from "../core/delivery.ts";
import { orderByTime, rankBy } from "./event-places.ts";
import { markOf, type FactReader } from "./facts.ts";

/**
 * A job goes through these once: a retry is a new job. What waits for a person or a clock does so before it is pending.
 * A skipped one can still be run, when an earlier one is run again.
 */
const JOB_RANKS = {
  created: 0,
  skipped: 0,
  preparing: 1,
  waiting_for_resource: 1,
  waiting_for_callback: 1,
  manual: 1,
  scheduled: 1,
  pending: 2,
  running: 3,
  canceling: 4,
  success: 5,
  failed: 5,
  canceled: 5,
} as const;

/**
 * A pipeline's status is that of its jobs together, so `manual` or `scheduled` comes before and after `running`, and a
 * skipped one can be run: between these nothing is said.
 */
const PIPELINE_RANKS = {
  created: 0,
  preparing: 1,
  waiting_for_resource: 1,
  waiting_for_callback: 1,
  pending: 1,
  running: 2,
  manual: 2,
  scheduled: 2,
  skipped: 2,
  canceling: 3,
  success: 4,
  failed: 4,
  canceled: 4,
} as const;
const ENDED = PIPELINE_RANKS.success;

const DEPLOYMENT_RANKS = {
  created: 0,
  blocked: 1,
  running: 2,
  success: 3,
  failed: 3,
  canceled: 3,
  skipped: 3,
} as const;
const UNKNOWN_STATUS = 2;

export const orderOfJob = orderByTime(
  ["/build_finished_at", "/build_started_at", "/build_created_at"],
  rankBy(["/build_status"], JOB_RANKS, UNKNOWN_STATUS),
);

export const orderOfDeployment = orderByTime(
  ["/status_changed_at"],
  rankBy(["/status"], DEPLOYMENT_RANKS, UNKNOWN_STATUS),
);

const rankOfStatus = rankBy(["/object_attributes/status"], PIPELINE_RANKS, UNKNOWN_STATUS);

/**
 * A pipeline that is run again keeps the time it had ended at until it ends anew: what is under way at that time comes
 * after the end.
 */
export function orderOfPipeline(read: FactReader): OrderSignal | null {
  const rank = rankOfStatus(read);
  const finished = read.at("/object_attributes/finished_at");
  if (finished === null) return markOf(read.at("/object_attributes/created_at"), rank);
  return markOf(finished, rank === ENDED ? rank : rank + ENDED + 1);
}

/**
 * Many of its events come within the second that older versions count in: opening is first, merging last, and between
 * the others, such as comments, nothing is said. A merged request is never opened again.
 */
export function rankOfMergeRequest(read: FactReader): number {
  if (read.at("/object_attributes/state", "/merge_request/state") === "merged") return 2;
  return read.at("/object_attributes/action") === "open" ? 0 : 1;
}
