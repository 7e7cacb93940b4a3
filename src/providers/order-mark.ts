import type { OrderSignal } from "../core/delivery.ts";

const INTEGER_DIGITS = 20;
const FRACTION_DIGITS = 9;
const DECIMAL = /^([0-9]{1,20})(?:\.([0-9]+))?$/;
/** RFC 3339, and the blank that some senders write for its T. */
const TIME =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?([Zz]|[+-][0-9]{2}:[0-9]{2})$/;

/**
 * A mark sorts by code unit: a number is padded, and a time is written in UTC with nanoseconds, so that that order is theirs. Any
 * other text is taken as it is. The sender's own writing stays in the payload.
 */
export const orderMark = (text: string): OrderSignal => ({
  kind: "mark",
  mark: markOfNumber(text) ?? markOfTime(text) ?? text,
  rank: 0,
});

function markOfNumber(text: string): string | undefined {
  const [, whole, fraction] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return fraction === undefined ? padded(whole) : `${padded(whole)}.${fraction}`;
}

const padded = (digits: string): string => digits.padStart(INTEGER_DIGITS, "0");

function markOfTime(text: string): string | undefined {
  const [, day, time, fraction = "", zone] = TIME.exec(text) ?? [];
  const at = Date.parse(`${day}T${time}${zone?.toUpperCase()}`);
  if (Number.isNaN(at)) return undefined;
  return `${new Date(at).toISOString().slice(0, 19)}.${fraction.padEnd(FRACTION_DIGITS, "0")}Z`;
}
