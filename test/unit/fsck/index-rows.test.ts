/** How many rows of the index a run has, by what began it. */
import { expect, test } from "vitest";
import type { ByHand } from "../../../src/core/delivery.ts";
import { checkIndex } from "../../../src/fsck/check-rows.ts";
import { aRun } from "../http/desk-with-runs.ts";

const survey = {
  ordinalOf: () => 1,
  hasOpen: () => true,
  hasDue: () => true,
  hasUnfinished: () => true,
  hasRow: () => true,
};
function found(count: number, by_hand?: ByHand): readonly string[] {
  const { record, journal } = aRun({ birth: by_hand === undefined ? {} : { by_hand } });
  const born = journal.map((entry) => (entry.seq === 0 ? { ...entry, event: "init" } : entry));
  const actor = { kind: "actor" as const, ordinal: 1, positions: [], record, journal: born, isWhole: true };
  return [...checkIndex(actor, () => undefined, count, survey)].map(({ code }) => code);
}
const BY_HAND: ByHand = { of_run: null, depth: 0 };

test("a delivery has one for its webhook and one for its body", () => {
  expect([found(1), found(2), found(3)]).toEqual([["INDEX_ROW_MISSING"], [], ["INDEX_ROW_STRAY"]]);
});

test("a run that a person began has one, for there was no body", () => {
  expect([found(0, BY_HAND), found(1, BY_HAND), found(2, BY_HAND)]).toEqual([
    ["INDEX_ROW_MISSING"],
    [],
    ["INDEX_ROW_STRAY"],
  ]);
});
