/** Follows pointer rules down a document: at each place those that may still lead somewhere, and the one that ends there. */
import type { PointerRule } from "./rule-set.ts";

/** Rules with how many of their names are used up. */
export type Trail = readonly { readonly rule: PointerRule; readonly used: number }[];

export const NOWHERE: Trail = [];

export const trailOf = (rules: readonly PointerRule[]): Trail =>
  rules.length === 0 ? NOWHERE : rules.map((rule) => ({ rule, used: 0 }));

export function follow(trail: Trail, name: string | number): Trail {
  if (trail.length === 0) return NOWHERE;
  const text = String(name);
  return trail.flatMap(({ rule, used }) => {
    const wanted = rule.names[used];
    return wanted === "*" || wanted === text ? [{ rule, used: used + 1 }] : [];
  });
}

export const endsHere = (trail: Trail): PointerRule | undefined =>
  trail.find(({ rule, used }) => used === rule.names.length)?.rule;
