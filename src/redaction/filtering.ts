/** One delivery on its way through the rules. */
import { budgetFor, type Budget } from "./pattern.ts";
import { createReceipts, type Receipts } from "./receipts.ts";
import type { RuleSet } from "./rule-set.ts";
import { maskText, type Hit, type MaskedText } from "./text.ts";

export type Filtering = {
  readonly rules: RuleSet;
  readonly budget: Budget;
  readonly receipts: Receipts;
};

export const beginFiltering = (rules: RuleSet, bytes: number): Filtering => ({
  rules,
  budget: budgetFor(bytes),
  receipts: createReceipts(),
});

export const maskIn = ({ rules, budget }: Filtering, text: string): MaskedText | undefined =>
  maskText(text, rules, budget);

/** What was taken out whole, because of the place where it stands. */
export const hitWhole = (id: string, match: string, text: string): Hit => ({
  rule: { id, match },
  count: 1,
  bytes: Buffer.byteLength(text),
});
