/** The time that a sender signed, and whether it is near enough. Taken from the signed material alone. */
import { atPointer, isJsonNumber, parsePayload } from "../core/json.ts";
import type { Instant } from "../core/ids.ts";
import { JSON_DEPTH_MAX } from "../core/limits.ts";
import type { TimestampSource } from "./scheme.ts";
import { unverified, type Unverified } from "./signature-fault.ts";

/** Unix time: no sign, no blank, no fraction, no exponent, no leading zero; a double holds each of them exactly. */
const WHOLE = /^(?:0|[1-9][0-9]{0,14})$/;

export const isWholeTime = (text: string): boolean => WHOLE.test(text);

/** `text` is the time as sent; null where it stands in the body, which is read only now that its signature holds. */
export function timeFault(
  text: string | null,
  source: TimestampSource,
  body: Uint8Array,
  now: Instant,
): Unverified | null {
  const sent = source.from === "body" ? timeInBody(body, source.names) : text;
  if (sent === null || !isWholeTime(sent)) return unverified("NO_TIME", "the body holds no time as a whole number");
  const age = now - Number(sent) * (source.unit === "s" ? 1000 : 1);
  const tolerance = source.tolerance_s * 1000;
  if (age > tolerance) return unverified("TOO_OLD", `the signed time is ${seconds(age)} s ago`);
  if (-age > tolerance) return unverified("IN_FUTURE", `the signed time is ${seconds(-age)} s ahead`);
  return null;
}

/** The first of these JSON Pointers that leads to a number. A text that looks like one is none. */
export function timeInBody(body: Uint8Array, pointers: readonly string[]): string | null {
  const parsed = parsePayload(body, { depthMax: JSON_DEPTH_MAX });
  if (parsed.kind === "unparsable") return null;
  for (const pointer of pointers) {
    const found = atPointer(parsed.value, pointer);
    if (found !== undefined && isJsonNumber(found)) return found.lexeme;
  }
  return null;
}

const seconds = (ms: number): number => Math.round(ms / 1000);
