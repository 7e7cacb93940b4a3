/** Masks in one text. What stands between masks is matched as a text of its own until no rule finds anything: a second time changes nothing. */
import { maskOf, splitAtMasks } from "./mask.ts";
import type { Budget } from "./pattern.ts";
import type { RuleSet, TextRule } from "./rule-set.ts";
import type { Span } from "./span.ts";

/** What one rule took out of one text. */
export type Hit = { readonly rule: Pick<TextRule, "id" | "match">; readonly count: number; readonly bytes: number };
export type MaskedText = { readonly text: string; readonly hits: readonly Hit[] };

/** A rule that is bound to the ends of a text may match anew in what is left of it. What still matches then is masked whole. */
const ROUNDS_MAX = 8;

/** Undefined when nothing is to be masked. */
export function maskText(text: string, { texts, masks }: RuleSet, budget: Budget): MaskedText | undefined {
  const hits: Hit[] = [];
  const parts = splitAtMasks(text, masks).map((part, i) =>
    i % 2 === 1 || part === "" ? part : maskPart(part, texts, budget, hits, 1),
  );
  return hits.length === 0 ? undefined : { text: parts.join(""), hits };
}

function maskPart(part: string, rules: readonly TextRule[], budget: Budget, hits: Hit[], round: number): string {
  const found = spansIn(part, rules, budget);
  if (found.length === 0) return part;
  const spans = round < ROUNDS_MAX ? merged(found) : found.slice(0, 1).map((span) => ({ ...span, ...whole(part) }));
  let masked = "";
  let from = 0;
  const rest = (to: number): string =>
    to > from ? maskPart(part.slice(from, to), rules, budget, hits, round + 1) : "";
  for (const { start, end, rule } of spans) {
    masked += rest(start) + maskOf(rule.id);
    hits.push({ rule, count: 1, bytes: Buffer.byteLength(part.slice(start, end)) });
    from = end;
  }
  return masked + rest(part.length);
}

type Found = Span & { readonly rule: TextRule; readonly rank: number };

const whole = (part: string): Span => ({ start: 0, end: part.length });

function spansIn(part: string, rules: readonly TextRule[], budget: Budget): readonly Found[] {
  return rules.flatMap((rule, rank) =>
    (rule.find(part, budget) ?? [whole(part)]).map((span) => ({ ...span, rule, rank })),
  );
}

/** Those that overlap become one, in the name of the first rule among them. */
function merged(found: readonly Found[]): readonly Found[] {
  const apart: Found[] = [];
  for (const span of found.toSorted((a, b) => a.start - b.start || b.end - a.end || a.rank - b.rank)) {
    const last = apart.at(-1);
    if (last === undefined || span.start >= last.end) apart.push(span);
    else {
      const { rule, rank } = span.rank < last.rank ? span : last;
      apart[apart.length - 1] = { start: last.start, end: Math.max(last.end, span.end), rule, rank };
    }
  }
  return apart;
}
