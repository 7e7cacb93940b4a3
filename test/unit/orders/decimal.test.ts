import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  absolute,
  add,
  compare,
  type Decimal,
  formatDecimal,
  isMore,
  isPositive,
  multiply,
  negate,
  parseDecimal,
  subtract,
  ZERO,
} from "../../../src/orders/decimal.ts";

fc.configureGlobal({ seed: 1, numRuns: 150 });

const of = (text: string): Decimal => {
  const value = parseDecimal(text);
  if (value === undefined) throw new Error(`not a decimal: ${text}`);
  return value;
};
const written = fc
  .tuple(
    fc.bigInt({ min: -(10n ** 20n) + 1n, max: 10n ** 20n - 1n }),
    fc.nat(18),
    fc.bigInt({ min: 0n, max: 10n ** 18n - 1n }),
  )
  .map(
    ([whole, digits, part]) => `${whole}${digits === 0 ? "" : `.${String(part).padStart(18, "0").slice(0, digits)}`}`,
  );
const decimal = written.map(of);

describe("a decimal", () => {
  test.each([
    "0",
    "-0",
    "1",
    "-1",
    "120.50",
    "0.000000000000000001",
    "-0.5",
    "99999999999999999999.999999999999999999",
  ])("%s is read", (text) => {
    expect(formatDecimal(of(text))).toBe(text.replace(/^-0$/, "0").replace("120.50", "120.5"));
  });

  test.each([
    "",
    " ",
    " 1",
    "1 ",
    "+1",
    "01",
    "-01",
    ".5",
    "5.",
    "1e3",
    "1E3",
    "0x10",
    "1_000",
    "1,000",
    "NaN",
    "Infinity",
    "--1",
    "1.2.3",
    "١",
    "1\n",
    "100000000000000000000",
    "0.1234567890123456789",
  ])("%j is none", (text) => {
    expect(parseDecimal(text)).toBeUndefined();
  });

  test("is written as the shortest text of its value, which is read as that value", () => {
    fc.assert(
      fc.property(decimal, (value) => {
        const text = formatDecimal(value);
        expect(compare(of(text), value)).toBe(0);
        expect(text).not.toMatch(/\.\d*0$|\.$|^-0$/);
        expect(formatDecimal(of(text))).toBe(text);
      }),
    );
  });

  test("of any other text is none, and never a failure", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii" }), (text) => {
        const value = parseDecimal(text);
        expect(value === undefined || /^-?\d+(\.\d+)?$/.test(text)).toBe(true);
      }),
    );
  });
});

describe("arithmetic", () => {
  test("is exact where doubles are not", () => {
    expect(formatDecimal(add(of("0.1"), of("0.2")))).toBe("0.3");
    expect(formatDecimal(multiply(of("1.1"), of("1.1")))).toBe("1.21");
    expect(formatDecimal(subtract(of("99999999999999999999"), of("0.000000000000000001")))).toBe(
      "99999999999999999998.999999999999999999",
    );
  });

  test("adds and multiplies in any order, and takes away what it added", () => {
    fc.assert(
      fc.property(decimal, decimal, decimal, (a, b, c) => {
        expect(compare(add(a, b), add(b, a))).toBe(0);
        expect(compare(subtract(add(a, b), b), a)).toBe(0);
        expect(compare(multiply(a, b), multiply(b, a))).toBe(0);
        expect(compare(multiply(a, add(b, c)), add(multiply(a, b), multiply(a, c)))).toBe(0);
        expect(compare(add(a, negate(a)), ZERO)).toBe(0);
      }),
    );
  });

  test("compares by value, and not by the way it is written", () => {
    expect(compare(of("1.0"), of("1"))).toBe(0);
    expect(isMore(of("1.01"), of("1.009"))).toBe(true);
    expect([isPositive(of("0.00")), isPositive(of("0.01")), isPositive(absolute(of("-0.01")))]).toEqual([
      false,
      true,
      true,
    ]);
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        expect(compare(a, b) + compare(b, a)).toBe(0);
        expect(isMore(a, b)).toBe(isPositive(subtract(a, b)));
      }),
    );
  });
});
