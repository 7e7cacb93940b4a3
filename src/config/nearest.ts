/** What somebody may have meant. */
import { endpointOf, forms, sizeText } from "./forms.ts";

/** Edits of one character, and swaps of two neighbours, that make `b` of `a` (optimal string alignment). */
export function editDistance(a: string, b: string): number {
  let last: readonly number[] = [];
  let row: readonly number[] = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = a[i - 1] === b[j - 1];
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      next.push(
        Math.min(
          at(row, j) + 1,
          at(next, j - 1) + 1,
          at(row, j - 1) + (same ? 0 : 1),
          swapped ? at(last, j - 2) + 1 : Infinity,
        ),
      );
    }
    [last, row] = [row, next];
  }
  return at(row, b.length);
}

const at = (row: readonly number[], i: number): number => row[i] ?? Infinity;

const WORD_CHARS_MAX = 128;

/** The allowed word that is close enough to be meant, or null. A word that begins another is close. */
export function nearestWord(word: string, allowed: readonly string[]): string | null {
  const said = word.toLowerCase().slice(0, WORD_CHARS_MAX);
  const ranked = allowed
    .map((each) => ({ each, ...distances(said, each.toLowerCase()) }))
    .toSorted((a, b) => a.meant - b.meant || a.edits - b.edits);
  const best = ranked[0];
  return best !== undefined && best.meant <= Math.max(2, Math.floor(said.length / 3)) ? best.each : null;
}

/** `meant` takes a word that begins another for all but that; of several such words the one with the fewest edits is the nearest. */
function distances(said: string, allowed: string): { readonly edits: number; readonly meant: number } {
  const edits = editDistance(said, allowed);
  return { edits, meant: opens(said, allowed) ? Math.min(1, edits) : edits };
}

const opens = (said: string, allowed: string): boolean =>
  Math.min(said.length, allowed.length) > 2 && (said.startsWith(allowed) || allowed.startsWith(said));

const DURATION_UNITS: readonly (readonly [RegExp, string])[] = [
  [/^(?:ms|msecs?|millis?|milliseconds?)$/, "ms"],
  [/^(?:|s|secs?|seconds?)$/, "s"],
  [/^(?:m|mins?|minutes?)$/, "m"],
  [/^(?:h|hrs?|hours?)$/, "h"],
  [/^(?:d|days?)$/, "d"],
];
const SIZE_UNITS: readonly (readonly [RegExp, string])[] = [
  [/^(?:|b|bytes?)$/, "B"],
  [/^(?:k|kb|kib)$/, "KiB"],
  [/^(?:m|mb|mib)$/, "MiB"],
  [/^(?:g|gb|gib)$/, "GiB"],
];

const VALUE_CHARS_MAX = 256;

/** A value of the form that is close to what was written, as TOML, or null. */
export function nearestValue(format: string, written: unknown): string | null {
  const said = String(written).trim();
  const guess = said.length > VALUE_CHARS_MAX ? null : (guesses.get(format)?.(said) ?? null);
  return guess === null ? null : JSON.stringify(guess);
}

const guesses: ReadonlyMap<string, (said: string) => string | null> = new Map([
  [forms.name.format, (said) => fitting(forms.name.pattern, nameLike(said))],
  [forms.endpoint.format, endpointLike],
  [forms.console.format, endpointLike],
  [forms.duration.format, (said) => fitting(forms.duration.pattern, amountLike(said, DURATION_UNITS))],
  [forms.size.format, (said) => fitting(forms.size.pattern, sizeLike(said))],
  [forms.pointer.format, (said) => fitting(forms.pointer.pattern, pointerLike(said))],
  [forms.url.format, urlLike],
  [forms.header.format, (said) => fitting(forms.header.pattern, before(":", said))],
  [forms.field.format, (said) => fitting(forms.field.pattern, before("=", said))],
  [forms.signed.format, (said) => fitting(forms.signed.pattern, templateLike(said))],
  [forms.time.format, (said) => fitting(forms.time.pattern, timeLike(said))],
]);

/** Bytes without a unit are written in the largest unit that holds them evenly. */
function sizeLike(said: string): string {
  return /^\d+$/.test(said) ? sizeText(Number(said)) : amountLike(said, SIZE_UNITS);
}

/** `$.a.b` and `a.b`, as other tools write paths. */
function pointerLike(said: string): string {
  return `/${said.replace(/^[$./]+/, "").replaceAll(".", "/")}`;
}

/** `My Desk` as a name: `my-desk`. May be empty. */
export const nameLike = (text: string): string =>
  text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "")
    .slice(0, 63);

function endpointLike(said: string): string | null {
  const port = /^(?:[a-z]+:\/\/)?(?:[^:/]*:)?(\d{1,5})\/?$/.exec(said)?.[1];
  const guess = `127.0.0.1:${port ?? ""}`;
  return endpointOf(guess) === null ? null : guess;
}

function amountLike(said: string, units: readonly (readonly [RegExp, string])[]): string {
  const [, count = "", unit = ""] = /^(\d+)[\s_]*([a-z]*)$/i.exec(said) ?? [];
  const known = units.find(([words]) => words.test(unit.toLowerCase()));
  return known === undefined ? "" : `${count}${known[1]}`;
}

/** `X-Signature: sha256=` as it stands in a manual. */
const before = (sign: string, said: string): string => said.split(sign, 1).join("").trim();

function urlLike(said: string): string | null {
  const [, scheme = "https", rest = ""] = /^(?:(https?):\/\/)?([^#]*)/i.exec(said) ?? [];
  const guess = `${scheme.toLowerCase()}://${rest}`;
  return rest.includes("://") || !URL.canParse(guess) ? null : fitting(forms.url.pattern, guess);
}

const PLACEHOLDERS: readonly (readonly [RegExp, string])[] = [
  [/^(?:body|payload|content|raw|raw_?body)$/i, "{body}"],
  [/^(?:timestamp|time|ts|t)$/i, "{timestamp}"],
  [/^(?:id|msg_?id|message_?id)$/i, "{id}"],
];

/** `timestamp.body`, `${timestamp}.${body}` and `{{ts}}.{{payload}}`, as manuals write it. */
function templateLike(said: string): string {
  return said.replace(/[${]*([A-Za-z_]+)\}*/g, (all, word: string) => {
    const known = PLACEHOLDERS.find(([words]) => words.test(word));
    return known === undefined ? all : known[1];
  });
}

function timeLike(said: string): string {
  const [, from = "", name = said] = /^(header|field|body)\s?[:=. ]\s?(.*)$/i.exec(said) ?? [];
  const place = from.toLowerCase();
  if (place === "body" || said.startsWith("/")) return `body:${pointerLike(name)}`;
  return `${place === "" && said.includes("-") ? "header" : place}:${name}`;
}

const fitting = (pattern: RegExp, guess: string): string | null => (pattern.test(guess) ? guess : null);
