/** Changes of one leaf of a document, by seed: what a forger might try, without knowing the format. */
import * as fc from "fast-check";
import type { Loose } from "../unit/evidence/support.ts";
import type { Asked } from "./second.ts";

export type Change = {
  readonly of: Asked;
  readonly at: number;
  readonly how: "set" | "drop" | "double" | "next";
  readonly to: unknown;
};

const strange = fc.oneof(
  fc.constantFrom(null, true, false, "", "a", "a9", "o9", [], {}, 0, -1, 1.5, 2 ** 53, "0".repeat(64)),
  fc.constantFrom("envelope", "amendment", "amended", "failed", "2026-07-05T13:45:01.120Z", "2026-02-30T00:00:00.000Z"),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: "binary", maxLength: 4 }),
);

export const changesOf = (files: readonly Asked[]): fc.Arbitrary<Change> =>
  fc.record<Change>({
    of: fc.constantFrom(...files),
    at: fc.nat(100_000),
    how: fc.constantFrom("set", "set", "set", "drop", "double", "next"),
    to: strange,
  });

/** Every place of a document that holds a leaf, as the road to it. */
function roadsOf(value: Loose, road: readonly string[] = []): readonly (readonly string[])[] {
  const names = typeof value === "object" && value !== null ? Object.keys(value) : [];
  return names.length === 0 ? [road] : names.flatMap((name) => roadsOf(value[name], [...road, name]));
}

/** Signatures are changed, not dropped or doubled: those have cases of their own. */
const roadsFor = (document: Loose, how: Change["how"]): readonly (readonly string[])[] =>
  roadsOf(document).filter((road) => !road.some((name) => name.endsWith("dsse")) || how === "set");

/** Sets, drops or doubles one leaf of the document (of its integrity too), or gives it its neighbour's value. */
export function apply({ at, how, to }: Change, document: Loose): void {
  const roads = roadsFor(document, how);
  const road = roads[at % roads.length] ?? [];
  const next = (roads[(at + 1) % roads.length] ?? []).reduce((value, name) => value[name], document);
  const last = road.at(-1) ?? "";
  const parent = road.slice(0, -1).reduce((value, name) => value[name], document);
  if (how === "set") parent[last] = to;
  else if (how === "next") parent[last] = next;
  else if (how === "double" && Array.isArray(parent)) parent.push(parent[Number(last)]);
  else if (how === "double") parent[`${last}0`] = parent[last];
  else if (Array.isArray(parent)) parent.pop();
  else delete parent[last];
}

export function nameOf({ of, at, how, to }: Change): string {
  const roads = roadsFor(JSON.parse(Buffer.from(of.bytes).toString()), how);
  return `${of.name}: ${how} /${roads[at % roads.length]?.join("/")} ${JSON.stringify(to)}`;
}
