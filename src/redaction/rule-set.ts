/** The rules of one webhook, made ready once. */
import { knownForms } from "./known-forms.ts";
import { masksOf } from "./mask.ts";
import { findPattern, type Budget } from "./pattern.ts";
import type { RedactionRule } from "./rule.ts";
import type { Span } from "./span.ts";

export type TextRule = {
  readonly id: string;
  readonly match: string;
  /** Undefined: there is something, and it took too long to find all of it. */
  readonly find: (text: string, budget: Budget) => readonly Span[] | undefined;
};
/** `*` stands for any name or index. */
export type PointerRule = { readonly id: string; readonly names: readonly string[] };

export type RuleSet = {
  /** In the order of the configuration: of two that find the same, the first gives its name. */
  readonly texts: readonly TextRule[];
  readonly pointers: readonly PointerRule[];
  /** Ids by the name of the header. */
  readonly headers: ReadonlyMap<string, string>;
  readonly masks: RegExp;
};

const made = new WeakMap<readonly RedactionRule[], RuleSet>();

export function ruleSetOf(rules: readonly RedactionRule[]): RuleSet {
  const known = made.get(rules);
  if (known !== undefined) return known;
  const set: RuleSet = {
    texts: rules.flatMap(textRule),
    pointers: rules.flatMap((rule) => (rule.kind === "pointer" ? [{ id: rule.id, names: namesIn(rule.pointer) }] : [])),
    headers: new Map(rules.flatMap((rule) => (rule.kind === "header" ? [[rule.header, rule.id] as const] : []))),
    masks: masksOf(rules.map(({ id }) => id)),
  };
  made.set(rules, set);
  return set;
}

function textRule(rule: RedactionRule): readonly TextRule[] {
  switch (rule.kind) {
    case "api-key":
    case "bearer-token":
    case "email":
    case "private-url":
      return [{ id: rule.id, match: rule.kind, find: knownForms[rule.kind] }];
    case "pattern":
      return [{ id: rule.id, match: "pattern", find: (text, budget) => findPattern(rule.pattern, text, budget) }];
    case "pointer":
    case "header":
      return [];
  }
}

const namesIn = (pointer: string): readonly string[] =>
  pointer
    .slice(1)
    .split("/")
    .map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
