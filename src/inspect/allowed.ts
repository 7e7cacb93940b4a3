/** What of an event's data and of a context may stand in a frame. A field that is not named here does not. */
import type { Json } from "../core/observation.ts";
import type { ActorRecord } from "../engine/ports.ts";

export type Allowed = { readonly [field: string]: number | boolean | string | null };

/** Fields that hold a number, a flag, or nothing. With any other value they are left out. */
const DATA: ReadonlySet<string> = new Set([
  "draft",
  "approved",
  "retryable",
  "repeatable",
  "anchored",
  "record",
  "secret_index",
  "ordinal",
  "status",
  "refused",
]);
const COUNTERS: ReadonlySet<string> = new Set([
  "by_hand",
  "anchored",
  "predecessor_known",
  "context_known",
  "attempt",
  "page_attempt",
  "failures",
  "retry_after_ms",
  "sending",
  "asks_first",
  "notified",
  "duplicates",
  "flagged",
  "owed",
  "amended",
  "late",
]);

/** Fields that hold one word of a list of ours. */
const VERDICTS = ["in_order", "stale", "gap", "forked", "unknown"] as const;
const OUTCOMES = ["completed", "failed", "denied", "expired", "superseded", "cancelled", "refused"] as const;
const ENDS = ["executed", "failed", "blocked", "unknown", "rejected", "expired", "withdrawn"] as const;
const WORDS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["order", new Set<string>(VERDICTS)],
  ["outcome", new Set<string>([...OUTCOMES, ...ENDS])],
  ["end", new Set<string>(ENDS)],
]);

export const allowedData = (data: Json): Allowed => pick(data, DATA);

/** Counters, flags and outcomes of the actor, and whether it is set aside. */
export function allowedContext({ snapshot, parked, resting }: ActorRecord): Allowed {
  const context = isFields(snapshot) ? snapshot["context"] : null;
  return { ...pick(context ?? null, COUNTERS), resting, parked: parked !== null };
}

function pick(from: Json, plain: ReadonlySet<string>): Allowed {
  if (!isFields(from)) return {};
  const picked: [string, number | boolean | string | null][] = [];
  for (const [name, value] of Object.entries(from)) {
    if (plain.has(name) && (typeof value === "number" || typeof value === "boolean" || value === null))
      picked.push([name, value]);
    if (typeof value === "string" && WORDS.get(name)?.has(value) === true) picked.push([name, value]);
  }
  return Object.fromEntries(picked);
}

const isFields = (value: Json): value is { readonly [key: string]: Json } =>
  typeof value === "object" && value !== null && !Array.isArray(value);
