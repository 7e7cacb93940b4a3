/** When a market is open, by a table of sessions in a time zone. Holidays are not known: on one, the table's hours hold like on any day. */
import type { Instant } from "../core/ids.ts";

export type MarketHours = {
  /** An IANA name, such as `America/New_York`. */
  readonly zone: string;
  /** `open` and `close` are `HH:MM` in the zone, `close` up to `24:00`; at `close` itself it is closed. */
  readonly sessions: readonly {
    readonly days: readonly ("mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun")[];
    readonly open: string;
    readonly close: string;
  }[];
};

/** Null when it is open, else the sentence that says it is not. @throws for a zone that this Node does not know */
export function closedBecause({ zone, sessions }: MarketHours, now: Instant): string | null {
  const { day, time } = localTime(zone, now);
  const open = sessions.some((session) => session.days.some((each) => each === day) && isWithin(session, time));
  return open ? null : `the market is closed: it is ${day} ${time} in ${zone}`;
}

/** Times of two digits each sort as texts. */
const isWithin = (session: { readonly open: string; readonly close: string }, time: string): boolean =>
  session.open <= time && time < session.close;

function localTime(zone: string, now: Instant): { readonly day: string; readonly time: string } {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return {
    day: (parts.get("weekday") ?? "").toLowerCase(),
    time: `${parts.get("hour") ?? ""}:${parts.get("minute") ?? ""}`,
  };
}

/** `2026-07-05` there. Dates sort as texts. @throws for a zone that this Node does not know */
export function localDates(zone: string): (at: Instant) => string {
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
    return `${parts.get("year") ?? ""}-${parts.get("month") ?? ""}-${parts.get("day") ?? ""}`;
  };
}
