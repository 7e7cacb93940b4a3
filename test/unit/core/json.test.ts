import { isDeepStrictEqual } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isJsonNumber, parseIJson, parsePayload, type IJsonValue, type PayloadValue } from "../../../src/core/json.ts";

fc.configureGlobal({ seed: 1 });

const BOUNDS = { depthMax: 512 };
const payload = (text: string | Uint8Array) => parsePayload(text, BOUNDS);
const document = (text: string | Uint8Array) => parseIJson(text, BOUNDS);

/** The tree as `JSON.parse` would give it, so that the two readers can be compared. */
function plain(value: PayloadValue | IJsonValue): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, part]) => [name, plain(part)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" && value !== null && "lexeme" in value ? Number(value.lexeme) : value;
}

function parsedByNode(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

describe("parsePayload", () => {
  test.each(["420.00", "12345678901234567890", "1e400", "-0.0", "1E+2"])(
    "keeps the number %s as it was written",
    (lexeme) => {
      const read = payload(`{"n":${lexeme}}`);
      expect(read).toEqual({ kind: "json", value: new Map([["n", { lexeme }]]) });
    },
  );

  test("keeps the sender's order of members, also of those named like numbers", () => {
    const read = payload('{"b":1,"10":2,"a":3,"2":4}');
    expect(read.kind === "json" && read.value instanceof Map && [...read.value.keys()]).toEqual(["b", "10", "a", "2"]);
  });

  test("takes __proto__, constructor and toJSON for ordinary names", () => {
    const read = payload('{"__proto__":{"polluted":true},"constructor":1,"toJSON":2}');
    expect(read.kind === "json" && read.value instanceof Map && [...read.value.keys()]).toEqual([
      "__proto__",
      "constructor",
      "toJSON",
    ]);
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });

  test("refuses two members of one name, also when one is written with escapes", () => {
    expect(payload('{"quantity":1,"quant\\u0069ty":2}')).toEqual({
      kind: "unparsable",
      reason: "the object has two members of one name (at character 31)",
    });
  });

  test("refuses two members named __proto__", () => {
    expect(payload('{"__proto__":1,"__proto__":2}').kind).toBe("unparsable");
  });

  test("takes an object of the same number lexeme for an object, not for a number", () => {
    const read = payload('{"lexeme":"1"}');
    expect(read.kind === "json" && isJsonNumber(read.value)).toBe(false);
  });

  test("keeps half a surrogate pair as it is", () => {
    expect(payload('"\\ud800"')).toEqual({ kind: "json", value: "\ud800" });
  });

  test.each([
    ["bytes that are not UTF-8", Uint8Array.of(0x22, 0xff, 0x22)],
    ["an overlong UTF-8 form", Uint8Array.of(0x22, 0xc0, 0xaf, 0x22)],
    ["a surrogate in UTF-8", Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22)],
    ["a byte order mark", Uint8Array.of(0xef, 0xbb, 0xbf, 0x31)],
    ["no bytes", new Uint8Array()],
    ["a second document", "{} {}"],
    ["a trailing comma", "[1,]"],
    ["a missing colon", '{"a" 1}'],
    ["a name without quotes", "{a:1}"],
    ["a leading zero", "01"],
    ["a lone minus", "-"],
    ["a fraction without digits", "1."],
    ["an exponent without digits", "1e"],
    ["NaN", "NaN"],
    ["a word that is cut", "tru"],
    ["a string that is cut", '"a'],
    ["an escape that is cut", '"\\u12'],
    ["an unknown escape", '"\\x41"'],
    ["a control character in a string", '"\u0001"'],
    ["an array that is cut", "[1"],
    ["an object that is cut", '{"a":1'],
  ])("finds %s unparsable", (_name, text) => {
    expect(payload(text).kind).toBe("unparsable");
  });

  test("quotes nothing of the payload in its reason", () => {
    const read = payload('{"password":"hunter2" hunter2}');
    expect(read.kind === "unparsable" && read.reason).not.toMatch(/hunter2|password/);
  });

  test("counts depth in containers within each other", () => {
    expect(parsePayload("[[1]]", { depthMax: 2 }).kind).toBe("json");
    expect(parsePayload("[[[]]]", { depthMax: 2 })).toEqual({
      kind: "unparsable",
      reason: "nested deeper than 2 (at character 2)",
    });
    expect(parsePayload('[{"a":{}}]', { depthMax: 2 }).kind).toBe("unparsable");
  });

  test("counts values, containers and the outermost too, but no names", () => {
    const text = '{"a":[1,{}],"b":null}';
    expect(parsePayload(text, { depthMax: 8, valuesMax: 5 }).kind).toBe("json");
    expect(parsePayload(text, { depthMax: 8, valuesMax: 4 })).toEqual({
      kind: "unparsable",
      reason: "more than 4 values (at character 16)",
    });
  });

  test("reads a million containers within each other without using the call stack", () => {
    const depth = 1_000_000;
    const nested = "[".repeat(depth) + "]".repeat(depth);
    expect(parsePayload(nested, { depthMax: depth }).kind).toBe("json");
  });

  test("reads a number of two million digits", () => {
    expect(payload("1".repeat(2_000_000)).kind).toBe("json");
  });

  test("reads what JSON.parse reads, and the same from it", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(0, 2, "\t\r\n"), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const read = payload(text);
        expect(read.kind === "json" && plain(read.value)).toEqual(JSON.parse(text));
      }),
    );
  });

  test("gives a result for any text: JSON only where JSON.parse agrees", () => {
    const pieces = fc.constantFrom(...'[]{},:"\\u0d8-+.eE 12atrufalsenull\n'.split(""), "true", "null", '"a":');
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 14 }), (parts) => {
        const text = parts.join("");
        const read = payload(text);
        const ours = read.kind === "json" ? { value: plain(read.value) } : undefined;
        const stricter = read.kind === "unparsable" && read.reason.includes("two members of one name");
        expect(stricter || isDeepStrictEqual(ours, parsedByNode(text))).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  test("gives a result for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(["json", "unparsable"]).toContain(payload(bytes).kind);
      }),
    );
  });

  test("goes on reading well after it has refused bytes", () => {
    payload(Uint8Array.of(0xe2, 0x82));
    expect(payload(Buffer.from('"€"'))).toEqual({ kind: "json", value: "€" });
  });
});

describe("parseIJson", () => {
  test("gives numbers as doubles", () => {
    expect(document("[1.50,-0,1e3]")).toEqual({ kind: "json", value: [1.5, -0, 1000] });
  });

  test.each([
    ["a number beyond doubles", "1e400"],
    ["half a surrogate pair, escaped", '"\\udead"'],
    ["half a surrogate pair in a name", '{"\\ud800":1}'],
    ["a surrogate pair in the wrong order", '"\\udc00\\ud800"'],
  ])("refuses %s", (_name, text) => {
    expect(document(text).kind).toBe("unparsable");
  });

  test("takes a surrogate pair, escaped or not", () => {
    expect(document('["\\ud83d\\ude00","😀"]')).toEqual({ kind: "json", value: ["😀", "😀"] });
  });
});
