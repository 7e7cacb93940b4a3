/** The kinds of values that the schema has, each with what is said when a value is of another. */
import { z } from "zod";
import { durationMs, endpointOf, type Form, forms, sizeBytes } from "./forms.ts";

export const text = (form: Form) => z.string(form.says).regex(form.pattern, form.says).meta({ format: form.format });

export const endpoint = (form: Form) =>
  text(form).refine((value) => !form.pattern.test(value) || value === "off" || endpointOf(value) !== null, {
    error: "must have a port from 0 to 65535",
  });

export const duration = (most: string) =>
  text(forms.duration).refine((value) => (durationMs(value) ?? 0) <= (durationMs(most) ?? 0), {
    error: `must be at most ${most}`,
    params: { nearest: most },
  });

export const size = (most: string) =>
  text(forms.size).refine((value) => (sizeBytes(value) ?? 0) <= (sizeBytes(most) ?? 0), {
    error: `must be at most ${most}`,
    params: { nearest: most },
  });

export const url = () =>
  text(forms.url).refine((value) => !forms.url.pattern.test(value) || URL.canParse(value), { error: forms.url.says });

export const whole = (least: number, most: number) => {
  const says = `must be a whole number from ${least} to ${most}`;
  return z.int(says).min(least, says).max(most, says);
};

const either = new Intl.ListFormat("en", { type: "disjunction" });
const oneOf = (values: readonly (string | number)[]): string =>
  `must be ${either.format(values.map((value) => JSON.stringify(value)))}`;

export const choice = <const T extends readonly string[]>(values: T) => z.enum(values, oneOf(values));

/** One of a few numbers. */
export const number = <const T extends readonly [number, ...number[]]>(values: T) => z.literal(values, oneOf(values));

/** A JSON Pointer that may be left out. */
export const pointer = (reason: string) => text(forms.pointer).optional().meta({ description: reason });

/** A list of texts of one form; empty when it is left out. */
export const texts = (form: Form, most: number) =>
  z.array(text(form), "must be a list").max(most, `must have at most ${most} items`).default([]);

const ARGUMENTS_MAX = 100;
const ARGUMENT_CHARACTERS_MAX = 4_000;

/** A program and its arguments, started as they are: no shell reads them. */
export const argv = (says: string) =>
  z
    .array(
      z
        .string(says)
        .regex(/^[^\0]*$/, "must hold no NUL")
        .max(ARGUMENT_CHARACTERS_MAX, says),
      says,
    )
    .min(1, says)
    .max(ARGUMENTS_MAX, says)
    .refine(([name]) => name !== undefined && name !== "", { error: says });

const FREE_CHARACTERS_MAX = 16_000;
const FREE_SAYS = "must be a text, a number, true, false or a list of texts, as a run is told it";

/** The value of a key of one's own. */
export const freeTexts = () =>
  z.union(
    [
      z.string(FREE_SAYS).max(FREE_CHARACTERS_MAX, FREE_SAYS),
      z.number(FREE_SAYS),
      z.boolean(FREE_SAYS),
      z.array(z.string(FREE_SAYS).max(FREE_CHARACTERS_MAX, FREE_SAYS), FREE_SAYS).max(100, FREE_SAYS),
    ],
    FREE_SAYS,
  );

export const TABLE = "must be a table";
