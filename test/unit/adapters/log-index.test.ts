import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createSealIndex } from "../../../src/adapters/log-index.ts";

fc.configureGlobal({ seed: 1, numRuns: 50 });

/** Seals that meet in one table, many of them beginning at one place of it. */
const crowded = fc
  .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 0xffffff }))
  .map(([place, rest]) => `00${String(place).padStart(2, "0")}${"0".repeat(54)}${rest.toString(16).padStart(6, "0")}`);

test("finds what a map would find, however crowded its tables are", () => {
  fc.assert(
    fc.property(fc.uniqueArray(crowded, { maxLength: 600 }), fc.array(crowded), (all, others) => {
      const index = createSealIndex();
      const model = new Map(all.map((seal, at) => [seal, at * 3]));
      for (const [seal, at] of model) index.add(seal, at);
      for (const seal of [...all, ...others]) expect(index.get(seal)).toBe(model.get(seal));
    }),
  );
});

test("finds each of many seals after its tables have grown", () => {
  const index = createSealIndex();
  const seal = (n: number): string => n.toString(16).padStart(8, "0").repeat(8).split("").toReversed().join("");
  for (let n = 0; n < 20_000; n += 1) index.add(seal(n), n);
  expect(Array.from({ length: 20_000 }, (_, n) => n).filter((n) => index.get(seal(n)) !== n)).toEqual([]);
  expect(index.get(seal(20_000))).toBeUndefined();
});

test.each(["", "00", "A".repeat(64), `${"a".repeat(63)}g`, `${"a".repeat(64)}\n`])("%j is no seal", (text) => {
  expect(createSealIndex().get(text)).toBeUndefined();
});
