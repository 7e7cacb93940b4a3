import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FORM_FIELDS_MAX, FORM_MEDIA_TYPE } from "../../../src/core/form.ts";
import { readPayload } from "../../../src/providers/payload.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const read = (form: string, json: string | null = null, type = FORM_MEDIA_TYPE) =>
  readPayload(Buffer.from(form), type, json);

describe("a form whose field holds JSON", () => {
  test("is that JSON, with its numbers as they were written", () => {
    const payload = read(
      `payload=${encodeURIComponent('{"ref":"refs/heads/märz","n":1.50,"yes":true,"l":[1]}')}`,
      "payload",
    );
    expect([payload.kind, payload.at("/ref"), payload.at("/n"), payload.is("/yes"), payload.count("/l")]).toEqual([
      "json",
      "refs/heads/märz",
      "1.50",
      true,
      1,
    ]);
  });

  test("is that JSON beside other fields, which are not read", () => {
    const payload = read(`payload=${encodeURIComponent('{"a":1}')}&token=x`, "payload");
    expect([payload.kind, payload.at("/a"), payload.at("/token")]).toEqual(["json", "1", null]);
  });

  test("is unparsable when the field is no JSON", () => {
    expect([read("payload=%7B", "payload").kind, read("payload=", "payload").kind]).toEqual([
      "unparsable",
      "unparsable",
    ]);
  });

  test("is its fields when the field is missing or stands twice, so that none of the two is chosen", () => {
    const missing = read("event=x", "payload");
    const twice = read("payload=1&payload=2", "payload");
    expect([missing.kind, missing.at("/event")]).toEqual(["form", "x"]);
    expect([twice.kind, twice.count("/payload"), twice.at("/payload/1"), twice.at("")]).toEqual(["form", 2, "2", null]);
  });
});

describe("a form of fields", () => {
  test("has texts, and lists where a name is repeated", () => {
    const payload = read("To=%2B49+1&Media=a&Media=b&n=1.0&yes=true");
    expect([payload.kind, payload.at("/To"), payload.at("/Media/0"), payload.at("/Media/1")]).toEqual([
      "form",
      "+49 1",
      "a",
      "b",
    ]);
    expect([payload.at("/n"), payload.named("/n"), payload.is("/yes"), payload.count("/Media")]).toEqual([
      "1.0",
      "1.0",
      null,
      2,
    ]);
  });

  test("has names with slashes and tildes under their escapes, and no prototype", () => {
    const payload = read("a%2Fb%7Ec=1&__proto__=2");
    expect([payload.at("/a~1b~0c"), payload.at("/__proto__"), payload.at("/constructor")]).toEqual(["1", "2", null]);
  });

  test("is read under its media type in any writing, and as JSON under any other", () => {
    expect(read("a=1", null, "APPLICATION/x-www-form-urlencoded; charset=UTF-8").kind).toBe("form");
    expect(read('{"a":"1"}', null, "application/json").at("/a")).toBe("1");
    expect(read("a=1", null, "text/plain").kind).toBe("unparsable");
  });

  test("is unparsable when it is not UTF-8 or has too many fields", () => {
    expect(readPayload(Buffer.from([0x61, 0x3d, 0xff]), FORM_MEDIA_TYPE).kind).toBe("unparsable");
    expect(read("a&".repeat(FORM_FIELDS_MAX)).kind).toBe("unparsable");
  });
});

test("every field that was sent once is found under its name", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), fc.string({ unit: "grapheme" })), (fields) => {
      const payload = read(new URLSearchParams(fields).toString());
      for (const [name, value] of Object.entries(fields)) {
        expect(payload.at(`/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`)).toBe(value);
      }
    }),
  );
});

test("JSON in a form says what it says by itself", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("", "/0", "/a", "/0/0"), (value, pointer) => {
      const json = JSON.stringify(value);
      const [plain, formed] = [readPayload(Buffer.from(json)), read(`p=${encodeURIComponent(json)}`, "p")];
      expect([
        formed.kind,
        formed.at(pointer),
        formed.named(pointer),
        formed.is(pointer),
        formed.count(pointer),
      ]).toEqual([plain.kind, plain.at(pointer), plain.named(pointer), plain.is(pointer), plain.count(pointer)]);
    }),
  );
});
