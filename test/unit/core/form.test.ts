import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FORM_FIELDS_MAX, formFields, isForm } from "../../../src/core/form.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

const read = (text: string) => formFields(Buffer.from(text));

describe("a media type is that of a form", () => {
  test.each([
    ["application/x-www-form-urlencoded"],
    ["Application/X-WWW-Form-Urlencoded"],
    ["application/x-www-form-urlencoded; charset=utf-8"],
    ["  application/x-www-form-urlencoded ;charset=utf-8;charset=utf-8"],
  ])("when it is written as %j", (type) => {
    expect(isForm(type)).toBe(true);
  });

  test.each([
    [undefined],
    [""],
    [";application/x-www-form-urlencoded"],
    ["application/json; x=application/x-www-form-urlencoded"],
    ["application/x-www-form-urlencoded-seq"],
    ["multipart/form-data"],
  ])("but not when it is written as %j", (type) => {
    expect(isForm(type)).toBe(false);
  });
});

describe("the fields of a form", () => {
  test.each<[string, string, [string, string[]][]]>([
    [
      "in the order of their first names",
      "b=1&a=2&b=3",
      [
        ["b", ["1", "3"]],
        ["a", ["2"]],
      ],
    ],
    ["with pluses as blanks and escapes as bytes", "a+b=%C3%A4+%2B", [["a b", ["ä +"]]]],
    ["with equals signs behind the first", "a=b=c==", [["a", ["b=c=="]]]],
    [
      "without a value, or without a name",
      "a&=b&c=",
      [
        ["a", [""]],
        ["", ["b"]],
        ["c", [""]],
      ],
    ],
    ["without those that are empty", "&&a=1&&", [["a", ["1"]]]],
    [
      "with what is no escape as it stands",
      "a=%&b=%zz&c=%4",
      [
        ["a", ["%"]],
        ["b", ["%zz"]],
        ["c", ["%4"]],
      ],
    ],
    ["with a replacement for escaped bytes that are not UTF-8", "a=%FF", [["a", ["\ufffd"]]]],
    ["with a question mark at the head as part of a name", "?a=1", [["?a", ["1"]]]],
    ["with a byte order mark as part of a name", "\ufeffa=1", [["\ufeffa", ["1"]]]],
    [
      "with names that objects have",
      "__proto__=1&constructor=2",
      [
        ["__proto__", ["1"]],
        ["constructor", ["2"]],
      ],
    ],
    ["of an empty body, of which there are none", "", []],
  ])("are read %s", (_how, text, fields) => {
    expect([...(read(text) ?? [])]).toEqual(fields);
  });

  test("are not read from bytes that are not UTF-8", () => {
    expect(formFields(Buffer.from([0x61, 0x3d, 0xff]))).toBeUndefined();
  });

  test("are read up to their limit, and not beyond it", () => {
    const form = (count: number) => Array.from({ length: count }, (_, index) => `f${index}=1`).join("&");
    expect(read(form(FORM_FIELDS_MAX))?.size).toBe(FORM_FIELDS_MAX);
    expect(read(form(FORM_FIELDS_MAX + 1))).toBeUndefined();
  });

  test("count towards the limit also where they are empty", () => {
    expect(read("&".repeat(FORM_FIELDS_MAX - 1))?.size).toBe(0);
    expect(read("&".repeat(FORM_FIELDS_MAX))).toBeUndefined();
  });

  test("are counted before they are read: 25 MB of separators cost no more than to look at them", () => {
    const before = process.memoryUsage().heapUsed;
    expect(formFields(Buffer.alloc(25 * 1024 * 1024, "&"))).toBeUndefined();
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(8 * 1024 * 1024);
  });
});

test("what a browser writes is read as it was meant, whatever the names and values", () => {
  const text = fc.string({ unit: "grapheme" });
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (sent) => {
      const fields = read(new URLSearchParams(sent).toString());
      const expected = new Map<string, string[]>();
      for (const [name, value] of sent) expected.set(name, [...(expected.get(name) ?? []), value]);
      expect(fields).toEqual(expected);
    }),
  );
});

test("any bytes give fields or nothing, and the bytes stay as they were", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
      const copy = Uint8Array.from(body);
      const fields = formFields(body);
      expect(fields === undefined || [...fields.values()].every((values) => values.length > 0)).toBe(true);
      expect(body).toEqual(copy);
    }),
  );
});
