/** How often a notification is tried, and how long it waits in between: without a clock and without chance, so that a replay gives the same. */
import type { NotificationAsked } from "../src/core/notification.ts";

/** Failures that it survives. One that says no counts as several, because it will hardly say yes later. */
export const FAILURES_MAX = 12;
export const REFUSAL_COUNTS = 3;

const PAUSE_MS_MIN = 5_000;
const PAUSE_MS_MAX = 4 * 3_600_000;
const RETRY_AFTER_MS_MIN = 1_000;
const RETRY_AFTER_MS_MAX = 3_600_000;
const PAGE_PAUSE_MS_MIN = 1_000;
const PAGE_PAUSE_MS_MAX = 3_600_000;

/** What a target may ask for: anything else would let it keep an actor for ever, or be called without end. */
export const boundedRetry = (ms: number): number => Math.min(RETRY_AFTER_MS_MAX, Math.max(RETRY_AFTER_MS_MIN, ms));

/**
 * Threefold with every attempt, up to four hours: eleven pauses outlast a night. Of each, up to a half is taken off by what is told, so that
 * what failed together does not come again together. Never shorter than what the target asked for.
 */
export function pauseMs(asked: NotificationAsked | null, attempt: number, retryAfterMs: number): number {
  const whole = Math.min(PAUSE_MS_MAX, PAUSE_MS_MIN * 3 ** (attempt - 1));
  const share = asked === null ? 0 : shareOf(`${asked.run}/${asked.n}/${asked.target}/${attempt}`);
  return Math.max(retryAfterMs, Math.round(whole * (1 - share / 2)));
}

export const pagePauseMs = (attempt: number): number =>
  Math.min(PAGE_PAUSE_MS_MAX, PAGE_PAUSE_MS_MIN * 2 ** (attempt - 1));

/** FNV-1a, then mixed once more so that its high bits differ too: from 0 up to and without 1. */
function shareOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  return ((hash ^ (hash >>> 13)) >>> 0) / 2 ** 32;
}
