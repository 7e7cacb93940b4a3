/** `.env.qoc`: the desk's own environment, for secrets that stand in no other file. Lies under the real environment. */
import type { Problem } from "./problem.ts";

export type EnvFileRead = {
  readonly values: Readonly<Record<string, string>>;
  readonly problems: readonly Problem[];
};

const PAIR = /^(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_]*)[ \t]*=[ \t]*(.*)$/;
const SINGLE_QUOTED = /^'([^']*)'[ \t]*(?:#.*)?$/;
const DOUBLE_QUOTED = /^"((?:[^"\\]|\\["\\n])*)"[ \t]*(?:#.*)?$/;
const PLAIN = /^[^\s'"]*$/;

/**
 * Lines of KEY=VALUE; a `#` begins a comment line. In double quotes `\\`, `\"` and `\n` are escapes. What could be
 * understood in two ways is refused, because a secret that is read wrong fails far from here.
 */
export function parseEnvFile(file: string, text: string): EnvFileRead {
  const values = new Map<string, string>();
  const problems: Problem[] = [];
  for (const [i, raw] of text
    .replace(/^\uFEFF/, "")
    .split(/\r?\n/)
    .entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    const pair = readLine(line);
    const says = pair.kind === "pair" && values.has(pair.key) ? "is set twice in this file" : pair.says;
    if (pair.kind === "pair" && !values.has(pair.key)) values.set(pair.key, pair.value);
    else
      problems.push({
        file,
        line: i + 1,
        column: raw.length - raw.trimStart().length + 1,
        key: pair.key,
        says,
        seen: null,
        nearest: null,
      });
  }
  return { values: Object.fromEntries(values), problems };
}

type Line =
  | { readonly kind: "pair"; readonly key: string; readonly value: string; readonly says: "" }
  | { readonly kind: "wrong"; readonly key: string | null; readonly says: string };

/** The answer never repeats what a line that is not understood says: it may be a secret. */
function readLine(line: string): Line {
  const [, key, written] = PAIR.exec(line) ?? [];
  if (key === undefined || written === undefined)
    return { kind: "wrong", key: null, says: "this line is not KEY=VALUE" };
  const value = unquoted(written.trim());
  if (value === undefined)
    return { kind: "wrong", key, says: "needs quotes: its value holds spaces or quotes, or a quote is not closed" };
  return { kind: "pair", key, value, says: "" };
}

function unquoted(written: string): string | undefined {
  if (PLAIN.test(written)) return written;
  const escaped = DOUBLE_QUOTED.exec(written)?.[1];
  if (escaped !== undefined) return escaped.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
  return SINGLE_QUOTED.exec(written)?.[1];
}

/** A file of secrets that others than its owner can open, told with the command that mends it. */
export function openToOthers(file: string, mode: number): Problem | null {
  if ((mode & 0o077) === 0) return null;
  const seen = `mode 0${(mode & 0o777).toString(8)}`;
  return {
    file,
    line: null,
    column: null,
    key: null,
    says: `is open to others; run: chmod 600 ${shellWord(file)}`,
    seen,
    nearest: "mode 0600",
  };
}

const shellWord = (text: string): string => (/^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
