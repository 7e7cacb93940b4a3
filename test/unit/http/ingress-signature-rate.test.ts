import { expect, test } from "vitest";
import { createSignatureRate } from "../../../src/http/signature-rate.ts";

const limits = { failuresMax: 1, windowMs: 1000, keysMax: 2 };

test("failures up to the limit pass, those behind it name the seconds that are left, rounded up", () => {
  const rate = createSignatureRate({ ...limits, windowMs: 2500 });
  expect([rate.failed("a", 0), rate.failed("a", 400), rate.failed("a", 2400)]).toEqual([undefined, 3, 1]);
});

test("a window that is over begins anew", () => {
  const rate = createSignatureRate(limits);
  expect([rate.failed("a", 0), rate.failed("a", 1), rate.failed("a", 1000)]).toEqual([undefined, 1, undefined]);
});

test("a clock that was set back does not lengthen a window", () => {
  const rate = createSignatureRate(limits);
  expect([rate.failed("a", 5000), rate.failed("a", 5001), rate.failed("a", 10)]).toEqual([undefined, 1, undefined]);
});

test("beyond its bound it forgets the key whose window is oldest", () => {
  const rate = createSignatureRate(limits);
  for (const key of ["a", "b", "c"]) rate.failed(key, 0);
  expect([rate.failed("c", 1), rate.failed("b", 1), rate.failed("a", 1)]).toEqual([1, 1, undefined]);
});
