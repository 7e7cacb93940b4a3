import { reasonOf } from "../core/assert.ts";
import { refuse, type Refusal } from "../core/refusals.ts";
import { Overloaded } from "../engine/ports.ts";

const OVERLOADED_RETRY_S = 2;
const NOT_PERSISTED_RETRY_S = 5;
const DISK_LOW_RETRY_S = 60;
/** The system's number for a full disk, as a store that is not written in JavaScript gives it. */
const ENOSPC = 28;

/** What a sender is told when its mail was not kept: always a 503, because some senders drop a delivery on a 4xx. */
export function notKept(thrown: unknown): Refusal {
  if (thrown instanceof Overloaded) return refuse("OVERLOADED", thrown.message, OVERLOADED_RETRY_S);
  if (isDiskFull(thrown)) return refuse("DISK_LOW", reasonOf(thrown), DISK_LOW_RETRY_S);
  return refuse("NOT_PERSISTED", reasonOf(thrown), NOT_PERSISTED_RETRY_S);
}

function isDiskFull(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  if ("code" in thrown && (thrown.code === "ENOSPC" || thrown.code === ENOSPC)) return true;
  return isDiskFull(thrown.cause);
}
