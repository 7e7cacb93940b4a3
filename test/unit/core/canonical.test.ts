import { existsSync, readdirSync, readFileSync } from "node:fs";
import canonicalize from "canonicalize";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseIJson, type IJsonValue } from "../../../src/core/json.ts";
import type { Json } from "../../../src/core/observation.ts";
import { canonical, NotIJson } from "../../../src/core/canonical.ts";

fc.configureGlobal({ seed: 1 });

const VECTORS = new URL("../../../../shared/vectors/jcs/", import.meta.url);
const vectors = existsSync(VECTORS) ? readdirSync(new URL("input/", VECTORS)) : [];

function read(text: string | Uint8Array): IJsonValue {
  const parsed = parseIJson(text, { depthMax: 512 });
  if (parsed.kind === "unparsable") throw new Error(parsed.reason);
  return parsed.value;
}

/** `levels` arrays within each other. */
function nested(levels: number): Json {
  let value: Json = [];
  for (let level = 1; level < levels; level += 1) value = [value];
  return value;
}

// oxlint-disable-next-line no-console -- says why there is less to see
if (vectors.length === 0) console.info("skipped: the JCS vectors, because ../shared/vectors/jcs is not here");

describe.skipIf(vectors.length === 0)("the vectors of RFC 8785's authors", () => {
  test("are all there", () => expect(vectors).toHaveLength(6));

  test.each(vectors)("%s has their bytes", (name) => {
    const input = readFileSync(new URL(`input/${name}`, VECTORS));
    const output = readFileSync(new URL(`output/${name}`, VECTORS));
    expect(Buffer.from(canonical(read(input))).equals(output)).toBe(true);
  });
});

describe("canonical", () => {
  test.each([
    [0, "0"],
    [-0, "0"],
    [5e-324, "5e-324"],
    [1.7976931348623157e308, "1.7976931348623157e+308"],
    [9007199254740992, "9007199254740992"],
    [295147905179352830000, "295147905179352830000"],
    [1e21, "1e+21"],
    [9.999999999999997e-7, "9.999999999999997e-7"],
    [0.000001, "0.000001"],
    [333333333.3333333, "333333333.3333333"],
  ])("writes %d as appendix B of RFC 8785 has it", (value, text) => {
    expect(canonical(value)).toBe(text);
  });

  test("orders names by UTF-16 code unit", () => {
    expect(canonical({ "\u{10000}": 1, "\uffff": 2, b: 3, "10": 4, "9": 5 })).toBe(
      '{"10":4,"9":5,"b":3,"𐀀":1,"\uffff":2}',
    );
  });

  test("keeps the order with a member named toJSON, and calls nothing", () => {
    const document = read('{"z":1,"toJSON":{"b":1,"a":2},"a":3}');
    expect(canonical(document)).toBe('{"a":3,"toJSON":{"a":2,"b":1},"z":1}');
    expect(canonical({ z: 1, toJSON: "x", a: 3 })).toBe('{"a":3,"toJSON":"x","z":1}');
  });

  test("writes a member named __proto__ like any other", () => {
    expect(canonical(read('{"a":1,"__proto__":{"b":2}}'))).toBe('{"__proto__":{"b":2},"a":1}');
  });

  test.each([
    ["half a surrogate pair", "\ud800"],
    ["half a surrogate pair in a name", { "\udfff": 1 }],
    ["an infinite number", Number.POSITIVE_INFINITY],
    ["what is no number", Number.NaN],
    ["513 containers within each other", nested(513)],
  ])("refuses %s", (_name, value: Json) => {
    expect(() => canonical(value)).toThrow(NotIJson);
  });

  test("takes 512 containers within each other", () => {
    expect(canonical(nested(512))).toHaveLength(1024);
  });

  test("gives what the reference library gives, from plain objects and from maps", () => {
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.jsonValue({ stringUnit: "binary" })), (value) => {
        const expected = canonicalize(value);
        expect(canonical(read(JSON.stringify(value)))).toBe(expected);
        expect(canonical(read(canonical(read(JSON.stringify(value)))))).toBe(expected);
      }),
    );
  });

  test("gives what the reference library gives for any double", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(canonical(value)).toBe(canonicalize(value));
      }),
    );
  });
});
