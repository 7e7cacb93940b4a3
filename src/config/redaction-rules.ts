/** Rules between the keys of `[[redaction]]`, and between them and the webhooks that use them. */
import type { TomlTable } from "smol-toml";
import { PATTERNS_SIZE_MAX, readPattern } from "../redaction/pattern.ts";
import { isTable } from "./layers.ts";
import { nearestWord } from "./nearest.ts";
import { aboutValue, type Finding } from "./problem.ts";
import type { Path } from "./toml-locator.ts";

export function redactionContradictions(desk: TomlTable): readonly Finding[] {
  const rules = tablesIn(desk, "redaction");
  return [
    ...rules.flatMap((rule, i) => keyOfMatch(rule, ["redaction", i])),
    ...patternsFit(rules),
    ...idsOnce(rules),
    ...tablesIn(desk, "webhook").flatMap((webhook, i) => storageWithRules(webhook, rules, ["webhook", i])),
  ];
}

const tablesIn = (desk: TomlTable, name: string): readonly TomlTable[] => {
  const value = desk[name];
  return Array.isArray(value) ? value.map((each) => (isTable(each) ? each : {})) : [];
};

const KEYS = ["pattern", "pointer", "header"] as const;

function keyOfMatch(rule: TomlTable, path: Path): readonly Finding[] {
  return KEYS.flatMap((key) => {
    const isGiven = rule[key] !== undefined;
    if (rule["match"] === key && !isGiven) return [aboutValue([...path, key], `is required with match = "${key}"`)];
    if (rule["match"] !== key && rule["match"] !== undefined && isGiven)
      return [aboutValue([...path, key], `must be left out unless match = "${key}"`)];
    return [];
  });
}

/** Each by itself, and all of them together: every one is looked for in every text. */
function patternsFit(rules: readonly TomlTable[]): readonly Finding[] {
  const findings: Finding[] = [];
  let sizes = 0;
  for (const [i, { match, pattern }] of rules.entries()) {
    if (match !== "pattern" || typeof pattern !== "string") continue;
    const path = ["redaction", i, "pattern"];
    const read = readPattern(pattern);
    if (read.kind === "refused") findings.push(aboutValue(path, read.says));
    else if ((sizes += read.size) > PATTERNS_SIZE_MAX)
      findings.push(
        aboutValue(
          path,
          `must not bring all patterns together over ${PATTERNS_SIZE_MAX} instructions, and they are ${sizes}`,
        ),
      );
  }
  return findings;
}

function idsOnce(rules: readonly TomlTable[]): readonly Finding[] {
  const ids = rules.map(({ id }) => id);
  return ids.flatMap((id, i) => {
    const first = ids.indexOf(id);
    return id === undefined || first === i
      ? []
      : [aboutValue(["redaction", i, "id"], `is already the id of redaction[${first}]`)];
  });
}

/** Who asks for less to be stored must not find later that everything was. */
function storageWithRules({ storage, redact }: TomlTable, rules: readonly TomlTable[], path: Path): readonly Finding[] {
  const named = Array.isArray(redact) ? redact : [];
  if (storage !== "filtered")
    return named.length === 0
      ? []
      : [aboutValue([...path, "redact"], 'must be left out unless storage = "filtered": nothing is masked otherwise')];
  if (rules.length === 0)
    return [aboutValue([...path, "storage"], "needs a rule that says what is masked: a table [[redaction]]")];
  const ids = rules.flatMap(({ id }) => (typeof id === "string" ? [id] : []));
  return named.flatMap((id, i) => {
    if (typeof id !== "string" || ids.includes(id)) return [];
    const near = nearestWord(id, ids);
    const nearest = near === null ? null : JSON.stringify(near);
    return [aboutValue([...path, "redact", i], "is the id of no [[redaction]]", nearest)];
  });
}
