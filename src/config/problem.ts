/** What is wrong with a configuration, and how that is told. */
import { type Path, pathKey, type Places, positionOf } from "./toml-locator.ts";

/** One thing that is wrong. `line` and `column` count from 1 and are null when it is about a file as a whole. */
export type Problem = {
  readonly file: string;
  readonly line: number | null;
  readonly column: number | null;
  readonly key: string | null;
  readonly says: string;
  /** As written in the file; `(hidden)` for a secret, never a value that came from the environment. */
  readonly seen: string | null;
  readonly nearest: string | null;
};

/** A problem before it has a place. `about: "key"` points at the key, because the key itself is wrong. */
export type Finding = {
  readonly path: Path;
  readonly says: string;
  readonly nearest: string | null;
  readonly about: "key" | "value";
};

/** A finding about the value that stands at a path, or is missing there. */
export const aboutValue = (path: Path, says: string, nearest: string | null = null): Finding => ({
  path,
  says,
  nearest,
  about: "value",
});

/** A configuration file whose TOML was accepted. */
export type Located = { readonly file: string; readonly text: string; readonly places: Places };

const SEEN_CHARS_MAX = 80;
const HIDDEN = "(hidden)";
const PASSWORD_IN_URL = /\/\/[^/]{0,1000}@/;

/** What is missing is placed at the table that lacks it. */
export function problemOf(finding: Finding, source: Located): Problem {
  const { path, says, nearest } = finding;
  const place = source.places.get(pathKey(path));
  const at = place ?? nearestPlace(path, source.places);
  const offset = finding.about === "value" ? (at?.value ?? at?.key)?.start : at?.key.start;
  return {
    file: source.file,
    ...positionOf(source.text, offset ?? 0),
    key: keyText(path),
    says: printable(says),
    seen: place === undefined ? null : seenAt(finding, source),
    nearest,
  };
}

/** Wherever it stands: a secret below a wrong header is still one. */
export const isSecret = (path: Path): boolean => path.includes("secret") || path.includes("metrics_token");

function seenAt({ path, about }: Finding, source: Located): string {
  if (about === "key") return keyText(path.slice(-1));
  if (isSecret(path)) return HIDDEN;
  const span = source.places.get(pathKey(path))?.value ?? null;
  const written = span === null ? "{" : source.text.slice(span.start, span.end);
  if (written.startsWith("{")) return "a table";
  if (written.startsWith("[")) return "a list";
  if (PASSWORD_IN_URL.test(written)) return HIDDEN;
  return printable(written.length > SEEN_CHARS_MAX ? `${written.slice(0, SEEN_CHARS_MAX)}…` : written);
}

function nearestPlace(path: Path, places: Places) {
  for (let length = path.length - 1; length > 0; length -= 1) {
    const place = places.get(pathKey(path.slice(0, length)));
    // The value of a table in braces begins where the table is seen to begin, so its key is the better place.
    if (place !== undefined) return { key: place.key, value: null };
  }
  return undefined;
}

/** `webhook[0].map.event`; parts that TOML would quote are quoted. */
export function keyText(path: Path): string {
  const parts = path.map((part) => {
    if (typeof part === "number") return `[${part}]`;
    return `.${/^[A-Za-z0-9_-]+$/.test(part) ? part : printable(JSON.stringify(part))}`;
  });
  return parts.join("").replace(/^\./, "");
}

/** No control character of a file reaches a terminal. */
const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\uFFFD");

/** The text that `qoc config check` prints: every problem with its place, what stands there and what may be meant. */
export function formatProblems(problems: readonly Problem[]): string {
  const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
  return [...problems.map(formatProblem), `${count} in the configuration`].join("\n\n");
}

function formatProblem({ file, line, column, key, says, seen, nearest }: Problem): string {
  const place = line === null ? file : `${file}:${line}:${column ?? 1}`;
  return [
    `${place}: ${key === null ? "" : `${key} `}${says}`,
    ...(seen === null ? [] : [`  seen     ${seen}`]),
    ...(nearest === null ? [] : [`  nearest  ${nearest}`]),
  ].join("\n");
}
