/** The schema's complaints in the words of this configuration. */
import type { TomlTable } from "smol-toml";
import type { z } from "zod";
import { forms } from "./forms.ts";
import { configKeys, keyAt, namesIn } from "./keys.ts";
import { valueAt } from "./layers.ts";
import { nearestValue, nearestWord } from "./nearest.ts";
import { type Finding, isSecret, keyText } from "./problem.ts";
import type { Path } from "./toml-locator.ts";

type Issue = z.core.$ZodIssue;

export function findingsOf(issues: readonly Issue[], desk: TomlTable): readonly Finding[] {
  return issues.flatMap((issue) => {
    const path = issue.path.map((part) => (typeof part === "number" ? part : String(part)));
    if (issue.code === "unrecognized_keys") return issue.keys.map((key) => unknownKey([...path, key]));
    return [wrongValue(issue, path, valueAt(desk, path))];
  });
}

function wrongValue(issue: Issue, path: Path, value: unknown): Finding {
  if (value === undefined) {
    return { path, says: `is required: ${requirement(path)}`, nearest: null, about: "value" };
  }
  const says = isSecret(path) ? forms.secret.says : issue.message;
  return { path, says, nearest: isSecret(path) ? null : nearestOf(issue, path, value), about: "value" };
}

function requirement(path: Path): string {
  if (isSecret(path)) return `it ${forms.secret.says}; an empty one is refused`;
  return keyAt(path)?.reason ?? "an empty string or zero counts as not given";
}

function nearestOf(issue: Issue, path: Path, value: unknown): string | null {
  if (issue.code === "too_big") return String(issue.maximum);
  if (issue.code === "too_small") return String(issue.minimum);
  if (issue.code === "custom" && typeof issue.params?.["nearest"] === "string")
    return JSON.stringify(issue.params["nearest"]);
  const key = keyAt(path);
  if (typeof key?.default === "boolean") return /^(?:true|yes|on|1)$/i.test(String(value)) ? "true" : "false";
  if (key !== undefined && key.choices.length > 0) {
    const near = nearestWord(String(value), key.choices);
    return typeof key.default === "number" ? near : quoted(near);
  }
  if (typeof key?.default === "number") return /^\d{1,15}$/.test(String(value)) ? String(value) : null;
  return nearestValue(key?.format ?? "", value);
}

const quoted = (text: string | null): string | null => (text === null ? null : JSON.stringify(text));

/** A key that exists in another table is the likeliest mistake: in TOML it is enough to write it below the wrong header. */
function unknownKey(path: Path): Finding {
  const name = String(path.at(-1));
  const table = path.slice(0, -1);
  const elsewhere = configKeys.filter((key) => key.path.at(-1) === name);
  const isNear = (key: string): boolean => key.startsWith(`${table[0]}.`);
  const moved = elsewhere
    .map((key) => key.path.filter((part) => part !== "*").join("."))
    .toSorted((a, b) => Number(isNear(b)) - Number(isNear(a)) || a.length - b.length)[0];
  const where = table.length === 0 ? "the top level" : keyText(table);
  return { path, says: `is not a key of ${where}`, nearest: moved ?? nearestWord(name, namesIn(table)), about: "key" };
}
