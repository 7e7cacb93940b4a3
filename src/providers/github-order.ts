/** What of GitHub's objects says where they stand in their series. Its times are whole seconds, so that ties are common. */
import type { OrderSignal } from "../core/delivery.ts";
import { orderByTime, rankBy, type EventPlaces, type Place } from "./event-places.ts";
import { linkOf, type FactReader } from "./facts.ts";
import { orderMark } from "./order-mark.ts";

type Order = NonNullable<EventPlaces["order"]>;

/**
 * Statuses that all mean "not begun" have no documented order among themselves: one rank, so that a tie of theirs stays undecided.
 * Zero is left to what has no status yet: a deployment comes before its statuses.
 */
const STATUS_RANKS = {
  requested: 1,
  waiting: 1,
  pending: 1,
  queued: 1,
  in_progress: 2,
  completed: 3,
  success: 3,
  failure: 3,
  error: 3,
  inactive: 4,
} as const;
const UNKNOWN_STATUS = STATUS_RANKS.in_progress;

const EPOCH_SECONDS = /^[0-9]{10}$/;

/** By these, the weightiest first; what is equal in all of them, by how far its status is. */
export const orderByStatus = (status: string, ...pointers: readonly string[]): Order =>
  orderByTime(weighted(pointers), rankBy([status], STATUS_RANKS, UNKNOWN_STATUS));

/** Between other events of one second the creation of an object comes first and its deletion last. */
export const orderByUpdate = (member: string): Order =>
  orderByTime(weighted([`/${member}/updated_at`]), rankBy(["/action"], { created: 0, opened: 0, deleted: 2 }, 1));

/** By the last change of an object, of an event that neither creates nor deletes it. */
export const orderByChangeOf = (member: string): Order => orderByTime([`/${member}/updated_at`], () => 1);

/** GitHub writes both hashes always, as zeros where there is nothing: one that is missing is unknown, and not a beginning or an end. */
export function orderOfPush(read: FactReader): OrderSignal | null {
  const [before, after] = [read.named("/before"), read.named("/after")];
  if (before === null || after === null) return null;
  return linkOf(before, after, { forced: read.is("/forced") === true, at: read.named("/repository/pushed_at") });
}

/** One text that sorts as its parts do, the first before the second: numbers and times have one width each, and what is missing sorts first. */
function weighted(pointers: readonly string[]): Place {
  return (read) => {
    const parts = pointers.map((pointer) => read.named(pointer));
    if (parts.every((part) => part === null)) return null;
    return parts.map((part) => (part === null ? "" : orderMark(timeOf(part)))).join("/");
  };
}

/** Of an installation GitHub writes the time in seconds in some deliveries, and as RFC 3339 in others. */
const timeOf = (text: string): string =>
  EPOCH_SECONDS.test(text) ? new Date(Number(text) * 1000).toISOString() : text;
