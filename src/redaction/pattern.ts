/** Patterns of a person, on an engine whose time is linear in the text for each search (RE2). */
import { RE2JS } from "re2js";
import type { Span } from "./span.ts";

const PATTERN_CHARS_MAX = 512;
/** Instructions of a compiled pattern: a search takes at most so many steps for each character. */
const PATTERN_SIZE_MAX = 256;
/** Of all patterns of a desk together. */
export const PATTERNS_SIZE_MAX = 1024;
const COMPILED_MAX = 256;

/**
 * How much may be spent on finding one match behind the other, in steps of the engine. Each search is linear, but a pattern that may look
 * to the end of the text for each of its matches is not; where the budget ends, the text is masked whole.
 */
export type Budget = { steps: number };

const STEPS_PER_CHARACTER = 1024;
const STEPS_MAX = 2 ** 27;
export const budgetFor = (characters: number): Budget => ({
  steps: Math.min(STEPS_MAX, STEPS_PER_CHARACTER * Math.max(characters, 64)),
});

type PatternRead =
  | { readonly kind: "pattern"; readonly size: number }
  | { readonly kind: "refused"; readonly says: string };

/** Whether a pattern can be used. `says` completes "the pattern …". */
export function readPattern(pattern: string): PatternRead {
  if (pattern.length > PATTERN_CHARS_MAX)
    return { kind: "refused", says: `must be at most ${PATTERN_CHARS_MAX} characters` };
  let compiled: RE2JS;
  try {
    compiled = compiledOf(pattern);
  } catch (thrown) {
    const why = thrown instanceof Error ? thrown.message.replace(/^error parsing regexp: /, "") : "it is none";
    return { kind: "refused", says: `must be a pattern in the syntax of RE2: ${why}` };
  }
  const size = compiled.programSize();
  if (size > PATTERN_SIZE_MAX)
    return { kind: "refused", says: `must compile to at most ${PATTERN_SIZE_MAX} instructions, and has ${size}` };
  if (compiled.test("")) return { kind: "refused", says: "must not match the empty text" };
  return { kind: "pattern", size };
}

/** Everything that it matches, or undefined when that is not to be found within the budget. @param pattern one that was checked */
export function findPattern(pattern: string, text: string, budget: Budget): readonly Span[] | undefined {
  const compiled = compiledOf(pattern);
  if (!compiled.test(text)) return [];
  const spans: Span[] = [];
  const matcher = compiled.matcher(text);
  const size = compiled.programSize();
  const isShortSighted = looksNoFurther(pattern);
  for (let from = 0; from < text.length;) {
    if (!isShortSighted) budget.steps -= (text.length - from) * size;
    if (budget.steps < 0) return undefined;
    if (!matcher.find()) break;
    const [start, end] = [matcher.start(), matcher.end()];
    if (end > start) spans.push({ start, end });
    // An instruction that is in no loop takes one character, and a character is two code units at most.
    if (isShortSighted) budget.steps -= (end - from + 2 * size) * size;
    from = Math.max(end, start + 1);
  }
  return spans;
}

const COUNTED = /\{[0-9]{1,4}(?:,[0-9]{1,4})?\}/g;
const LAST_LOOP = /(?:(?<!\\)\[(?:[^[\]\\]|\\.)*\]|\\[dsw]|[A-Za-z0-9._-])[*+]$/;

/**
 * Whether a search surely ends within as many characters behind its match as the pattern has instructions: nothing in it is repeated without
 * bound, or one last character alone, which is then part of the match. Where it is not plain to see, the answer is no.
 */
const looksNoFurther = (pattern: string): boolean =>
  !/[*+{]|\\Q/.test(pattern.replace(LAST_LOOP, "").replaceAll(COUNTED, ""));

/** By their text: rules that come from another thread are never the same object twice. */
const known = new Map<string, RE2JS>();

/** @throws when it does not compile */
function compiledOf(pattern: string): RE2JS {
  const found = known.get(pattern);
  if (found !== undefined) return found;
  const compiled = RE2JS.compile(pattern);
  if (known.size >= COMPILED_MAX) known.clear();
  known.set(pattern, compiled);
  return compiled;
}
