/** A small honest delivery of one sender, as `qoc send` makes it. */

export const JSON_TYPE = "application/json";
export const FORM_TYPE = "application/x-www-form-urlencoded";

export type SampleGiven = {
  readonly id: string;
  readonly event: string;
  /** Milliseconds since 1970. */
  readonly now: number;
};

export type Sample = {
  readonly content_type: typeof JSON_TYPE | typeof FORM_TYPE;
  /** The event that it is without `--event`. */
  readonly event: string;
  /** The header that names the event; null where the body does. Lower case, like those below. */
  readonly event_header: string | null;
  /** The header that holds the sender's id of the delivery; null where its body does, or nothing. */
  readonly id_header: string | null;
  /** An id as this sender makes them, from 32 hex digits; null where it sends none unless it is told to. */
  readonly new_id: ((hex: string) => string) | null;
  /** What else it says in headers. */
  readonly headers: Readonly<Record<string, string>>;
  /** Null: one of the fixtures, which are of senders that have no form of their own. */
  readonly body: ((given: SampleGiven) => string) | null;
};

export const isoTime = (now: number): string => new Date(now).toISOString();
export const unixTime = (now: number): number => Math.floor(now / 1000);

/** 32 hex digits as a UUID. */
export const uuid = (hex: string): string =>
  [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join("-");

export const COMMIT = "9f2c1e7ab3d45860f1e2d3c4b5a697887766554e";
export const COMMIT_BEFORE = "1b7d0f3e5c6a49788796a5b4c3d2e1f00e9d8c7b";
