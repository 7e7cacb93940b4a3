import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JSON_DEPTH_MAX } from "../../../src/core/limits.ts";
import { readPayload } from "../../../src/providers/payload.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const read = (text: string) => readPayload(Buffer.from(text));

describe("a number that names something", () => {
  test.each([
    ["a whole number", "289782451", "289782451"],
    ["the largest that a double holds exactly", "9007199254740991", "9007199254740991"],
    ["one more than that, as it was written", "9007199254740993", "9007199254740993"],
    ["a negative one", "-7", "-7"],
    ["a whole number in another notation, in plain digits", "1e3", "1000"],
    ["a zero with a sign, without it", "-0", "0"],
    ["a fraction, as it was written", "1.50", "1.50"],
    ["more than a double can be, as it was written", "1e999", "1e999"],
  ])("is %s", (_how, lexeme, found) => {
    expect(read(`{"id":${lexeme}}`).named("/id")).toBe(found);
  });

  test("is found beside a name that stands twice, and deeper than numbers are read exactly", () => {
    expect(read('{"x":1,"x":2,"id":7}').named("/id")).toBe("7");
    const depth = JSON_DEPTH_MAX + 1;
    expect(read(`${"[".repeat(depth)}7${"]".repeat(depth)}`).named("/0".repeat(depth))).toBe("7");
  });

  test("is none there, where it has to be read again to be exact", () => {
    expect(read('{"x":1,"x":2,"id":9007199254740993}').named("/id")).toBeNull();
  });

  test("is as it was written, for every whole number that a double holds", () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (id) => {
        expect(read(`[${id}]`).named("/0")).toBe(`${id}`);
      }),
    );
  });
});

test("a text that names something is that text", () => {
  expect(read('{"id":"007"}').named("/id")).toBe("007");
  expect(read('{"id":""}').named("/id")).toBe("");
});

test.each([["true"], ["null"], ["{}"], ['["7"]']])("%s names nothing", (value) => {
  expect(read(`{"id":${value}}`).named("/id")).toBeNull();
});

describe("a truth value", () => {
  test("is what JSON says, and nothing that only looks like it", () => {
    const payload = read('{"yes":true,"no":false,"one":1,"text":"true","none":null,"list":[true]}');
    expect(["/yes", "/no", "/list/0"].map(payload.is)).toEqual([true, false, true]);
    expect(["/one", "/text", "/none", "/list", "/absent", "", "yes"].map(payload.is)).toEqual(Array(7).fill(null));
  });
});

describe("a count", () => {
  test("is that of a list's elements, and zero for everything else", () => {
    const payload = read('{"list":[1,[2,3],null],"empty":[],"text":"abc","object":{"length":9}}');
    expect(["/list", "/list/1", "/empty"].map(payload.count)).toEqual([3, 2, 0]);
    expect(["/text", "/object", "/absent", "", "/list/0"].map(payload.count)).toEqual([0, 0, 0, 0, 0]);
  });

  test("of the document itself is that of its elements", () => {
    expect(read("[1,2]").count("")).toBe(2);
  });
});

test("an unparsable body has no names, no truth and no elements", () => {
  const payload = read("[true");
  expect([payload.kind, payload.named("/0"), payload.is("/0"), payload.count("")]).toEqual([
    "unparsable",
    null,
    null,
    0,
  ]);
});
