import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seal } from "../../../src/evidence/seal.ts";
import { verify, verifyCodes, type Verdict } from "../../../src/evidence/verify.ts";
import { atHand, forged, job, looseOf, publicPem, signer, type Loose } from "./support.ts";

fc.configureGlobal({ seed: 1 });

const { bytes } = seal(job(), signer);
const text = Buffer.from(bytes).toString();
const judge = (file: Uint8Array | string): Verdict =>
  verify(typeof file === "string" ? Buffer.from(file) : file, { keys: [publicPem], artifact: atHand });

const refusedAs = (code: string) => ({ ok: false, level: "none", codes: [code], document: null, evidence_id: null });

describe("verify of hostile bytes", () => {
  test.each([
    ["nothing", "", "JSON_MALFORMED"],
    ["bytes that are not UTF-8", Uint8Array.of(0xff, 0xfe), "JSON_MALFORMED"],
    ["an envelope with a byte order mark", `\ufeff${text}`, "JSON_MALFORMED"],
    ["a million arrays within each other", "[".repeat(1_000_000), "JSON_MALFORMED"],
    ["513 arrays within each other", "[".repeat(513) + "]".repeat(513), "JSON_MALFORMED"],
    ["a million claims", text.replace('"value":true', `"value":[${"0,".repeat(2 ** 20)}0]`), "JSON_MALFORMED"],
    ["a member twice", text.replace('"kind":"envelope"', '"kind":"envelope","kind":"envelope"'), "JSON_MALFORMED"],
    ["half a surrogate pair", text.replace('"daemon"', '"\\ud800"'), "JSON_MALFORMED"],
    ["a number beyond doubles", text.replace('"bytes":36', '"bytes":1e400'), "JSON_MALFORMED"],
    ["a number in another spelling", text.replace('"bytes":36', '"bytes":36.0'), "BYTES_NOT_CANONICAL"],
    ["a huge number", text.replace('"bytes":36', '"bytes":1e+300'), "SHAPE_INVALID"],
    ["a string in another spelling", text.replace('"daemon"', '"d\\u0061emon"'), "BYTES_NOT_CANONICAL"],
    ["white space", `${text}\n`, "BYTES_NOT_CANONICAL"],
    [
      "members in another order",
      JSON.stringify(Object.fromEntries(Object.entries(JSON.parse(text)).toReversed())),
      "BYTES_NOT_CANONICAL",
    ],
    ["a member named __proto__", text.replace("{", '{"__proto__":{"kind":"envelope"},'), "SHAPE_INVALID"],
    ["a member named toJSON", text.replace(',"subject":', ',"subject":{},"toJSON":'), "SHAPE_INVALID"],
    ["null", "null", "SHAPE_INVALID"],
    ["a string", '"envelope"', "SHAPE_INVALID"],
    ["an array of an envelope", `[${text}]`, "SHAPE_INVALID"],
    ["no member", "{}", "SHAPE_INVALID"],
    [
      "members named like those of every object",
      '{"constructor":{},"hasOwnProperty":1,"toString":null}',
      "SHAPE_INVALID",
    ],
  ])("gives a verdict on %s", (_name, file, code) => {
    expect(judge(file)).toMatchObject(refusedAs(code));
  });

  test("gives a verdict on a file that is too large, without reading it", () => {
    expect(judge(Buffer.alloc(16 * 1024 * 1024 + 1, "["))).toMatchObject(refusedAs("SIZE_EXCEEDED"));
  });

  test("gives a verdict on a claim nested to the limit", () => {
    const deep = forged(bytes, (document) => {
      for (let depth = 0; depth < 500; depth += 1) document.observations[0].value = [document.observations[0].value];
    });
    expect(judge(deep)).toMatchObject({ ok: false, level: "E0" });
  });

  test("gives a verdict on pointers named like members of every object", () => {
    const odd = text.replace(/"open":\{([^}]*)\}/, '"open":{$1,"__proto__":2,"constructor":3}');
    expect(judge(odd)).toMatchObject({ ok: false, level: "E0" });
  });

  test("gives a verdict on a chain of ten thousand links", () => {
    const long = forged(bytes, ({ integrity }) => {
      const [link] = integrity.hash_chain;
      integrity.hash_chain = Array.from({ length: 10_000 }, () => ({ ...link, open: {}, fields: {} }));
    });
    expect(judge(long)).toMatchObject({ ok: false, level: "E0" });
  });

  test("asks for an artifact once, however often it is named", () => {
    const many = forged(bytes, (document) => {
      document.artifacts = Array.from({ length: 1000 }, () => document.artifacts[0]);
    });
    const asked: string[] = [];
    const artifact = (sha256: string): Uint8Array | undefined => {
      asked.push(sha256);
      return atHand(sha256);
    };
    expect(verify(many, { keys: [publicPem], artifact }).level).toBe("E0");
    expect(asked).toEqual([...new Set(asked)]);
    expect(asked).not.toEqual([]);
  });

  test("touches no prototype", () => {
    judge(text.replace("{", '{"__proto__":{"polluted":true},'));
    expect(Object.hasOwn(Object.prototype, "polluted")).toBe(false);
  });
});

/** The places of a document: each member and item, with the way to it. */
function placesOf(value: unknown, way: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, part]) => [[...way, name], ...placesOf(part, [...way, name])]);
}

const places = placesOf(looseOf(bytes));

function put(document: Loose, way: readonly string[], value: unknown): void {
  const parent = way.slice(0, -1).reduce((at, name) => at[name], document);
  if (value === undefined) delete parent[way.at(-1) ?? ""];
  else parent[way.at(-1) ?? ""] = value;
}

describe("verify of anything", () => {
  test("gives a verdict on any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (file) => {
        expect(judge(file)).toMatchObject({ ok: false, level: "none" });
      }),
    );
  });

  test("gives a verdict on any JSON", () => {
    fc.assert(
      fc.property(fc.json(), (file) => {
        expect(judge(file)).toMatchObject({ ok: false, level: "none" });
      }),
    );
  });

  test("refuses an envelope with anything in any place, with codes of the table", () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), fc.jsonValue({ maxDepth: 2 }), (way, value) => {
        const file = forged(bytes, (document) => put(document, way, value));
        const verdict = judge(file);
        expect(verdict.ok).toBe(Buffer.from(bytes).equals(file));
        expect(verdict.codes.every((code) => Object.hasOwn(verifyCodes, code))).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  test("refuses an envelope without any one of its parts", () => {
    const accepted = places.filter((way) => judge(forged(bytes, (document) => put(document, way, undefined))).ok);
    expect(accepted).toEqual([]);
    expect(places.length).toBeGreaterThan(250);
  });

  test("refuses an envelope with parts of another", () => {
    const other = looseOf(seal(job(job().entries.slice(0, 3).concat(job().entries.slice(5))), signer).bytes);
    const accepted = Object.keys(other).filter((name) => {
      const file = forged(bytes, (document) => put(document, [name], other[name]));
      return !Buffer.from(file).equals(bytes) && judge(file).ok;
    });
    expect(accepted).toEqual([]);
  });
});
