/** Reads what stands behind a flag; what is not understood is wrong usage, told with the form that would be. */
import { durationMs } from "../config/forms.ts";
import { usage } from "./errors.ts";

export function durationFlag(flag: string, text: string): number {
  const ms = text === "0" ? 0 : durationMs(text);
  if (ms !== null) return ms;
  throw usage(
    `${flag} ${JSON.stringify(text)} is not a duration.`,
    "A duration is a whole number and one of ms, s, m, h, d.",
    `${flag} 20s`,
  );
}

export function countFlag(flag: string, text: string, most: number): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= most) return count;
  throw usage(
    `${flag} ${JSON.stringify(text)} is not a count.`,
    `It takes a whole number from 1 to ${most}.`,
    `${flag} 10`,
  );
}

/** A time (ISO 8601) or a span back from now: `2h` is two hours ago. */
export function sinceFlag(flag: string, text: string, now: number): string {
  const span = durationMs(text);
  const at = span === null ? Date.parse(text) : now - span;
  if (!Number.isNaN(at)) return new Date(at).toISOString();
  throw usage(
    `${flag} ${JSON.stringify(text)} is no time.`,
    "It takes a span back from now (2h) or a time (2026-07-05T13:45:00Z).",
    `${flag} 2h`,
  );
}

/** An option that commander left as text; anything else was not given. */
export const textOption = (options: Readonly<Record<string, unknown>>, name: string): string | undefined => {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
};
/** An option that may be given more than once. */
export const textsOption = (options: Readonly<Record<string, unknown>>, name: string): readonly string[] => {
  const value = options[name];
  return Array.isArray(value) ? value.filter((each) => typeof each === "string") : [];
};
export const isSet = (options: Readonly<Record<string, unknown>>, name: string): boolean => options[name] === true;
