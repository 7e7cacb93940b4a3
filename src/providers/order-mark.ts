const INTEGER_DIGITS = 20;
const FRACTION_DIGITS = 9;
const DECIMAL = /^([0-9]{1,20})(?:\.([0-9]+))?$/;
/**
 * RFC 3339, and what senders write besides: a blank for its T, an offset without its colon (`+0100`), a blank before
 * the offset (`2021-04-28 21:50:00 +0200`), and `UTC` for Z.
 */
const TIME =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt ]([0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))? ?(?:([Zz]|UTC)|([+-][0-9]{2}):?([0-9]{2}))$/;
/** Of `2016-08-12T15:23:28.000Z`. A year before 0000 or after 9999 is written longer, and does not sort. */
const ISO_CHARS = 24;

/**
 * A mark sorts by code unit: a number is padded, and a time is written in UTC with nanoseconds, so that that order is
 * theirs, however each of them was written. Any other text is taken as it is. The sender's own writing stays in the
 * payload.
 */
export const orderMark = (text: string): string => markOfNumber(text) ?? markOfTime(text) ?? text;

function markOfNumber(text: string): string | undefined {
  const [, whole, fraction] = DECIMAL.exec(text) ?? [];
  if (whole === undefined) return undefined;
  return fraction === undefined ? padded(whole) : `${padded(whole)}.${fraction}`;
}

const padded = (digits: string): string => digits.padStart(INTEGER_DIGITS, "0");

function markOfTime(text: string): string | undefined {
  const [, day, time, fraction = "", utc, hours, minutes] = TIME.exec(text) ?? [];
  if (day === undefined || time === undefined) return undefined;
  const at = Date.parse(`${day}T${time}${utc === undefined ? `${hours}:${minutes}` : "Z"}`);
  if (Number.isNaN(at)) return undefined;
  const iso = new Date(at).toISOString();
  return iso.length === ISO_CHARS ? `${iso.slice(0, 19)}.${fraction.padEnd(FRACTION_DIGITS, "0")}Z` : undefined;
}
