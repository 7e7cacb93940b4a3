import { describe, expect, test } from "vitest";
import { atPointer, parseIJson, type IJsonValue } from "../../../src/core/json.ts";

/** The document of RFC 6901, section 5. */
const EXAMPLE = `{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\\\j":5,"k\\"l":6," ":7,"m~n":8}`;

function read(text: string): IJsonValue {
  const parsed = parseIJson(text, { depthMax: 8 });
  return parsed.kind === "json" ? parsed.value : null;
}

describe("atPointer", () => {
  test.each([
    ["/foo/0", "bar"],
    ["/", 0],
    ["/a~1b", 1],
    ["/c%d", 2],
    ["/e^f", 3],
    ["/g|h", 4],
    ["/i\\j", 5],
    ['/k"l', 6],
    ["/ ", 7],
    ["/m~0n", 8],
  ])("follows %s as RFC 6901 does", (pointer, value) => {
    expect(atPointer(read(EXAMPLE), pointer)).toBe(value);
  });

  test("gives the whole document for the empty pointer", () => {
    const document = read(EXAMPLE);
    expect(atPointer(document, "")).toBe(document);
  });

  test("reads ~01 as ~1, not as a slash", () => {
    expect(atPointer(read('{"~1":1,"/":2}'), "/~01")).toBe(1);
  });

  test.each([
    ["a name that is not there", "/nothing"],
    ["an index beyond the end", "/foo/2"],
    ["an index with a leading zero", "/foo/00"],
    ["a negative index", "/foo/-1"],
    ["the index behind the last", "/foo/-"],
    ["a name of arrays' own", "/foo/length"],
    ["a way through a scalar", "/foo/0/0"],
    ["a name of objects' prototype", "/toString"],
    ["a malformed escape", "/m~2n"],
    ["no slash at its head", "foo"],
  ])("leads nowhere with %s", (_name, pointer) => {
    expect(atPointer(read(EXAMPLE), pointer)).toBeUndefined();
  });

  test("follows __proto__ where the document has it", () => {
    expect(atPointer(read('{"__proto__":{"a":1}}'), "/__proto__/a")).toBe(1);
  });
});
