import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readPayload } from "../../../src/providers/payload.ts";
import { SAMPLE } from "../../support/ingress-desk.ts";

const read = (text: string) => readPayload(Buffer.from(text));

describe("what a pointer leads to", () => {
  test.each([
    ["a text", "/event", "price_alert"],
    ["a number as it was written", "/trigger_price", "420.00"],
    ["nothing", "/absent", null],
    ["a member of a text", "/event/length", null],
    ["a name of the prototype", "/constructor", null],
    ["something malformed", "event", null],
    ["the whole, which is no text", "", null],
  ])("%s", (_name, pointer, found) => {
    expect(read(SAMPLE).at(pointer)).toBe(found);
  });

  test.each([
    ["more digits than a double has", "12345678901234567890.10", "/n"],
    ["more than a double can be", "1e999", "/n"],
    ["a zero with a sign", "-0", "/n"],
  ])("a number with %s is not rounded", (_name, lexeme, pointer) => {
    expect(read(`{"n":${lexeme}}`).at(pointer)).toBe(lexeme);
  });

  test("names with escapes, and places in a list", () => {
    const payload = read('{"a/b":{"m~n":["x",7]}}');
    expect([
      payload.at("/a~1b/m~0n/0"),
      payload.at("/a~1b/m~0n/1"),
      payload.at("/a~1b/m~0n/01"),
      payload.at("/a~1b/m~2n"),
    ]).toEqual(["x", "7", null, null]);
  });

  test("a member called __proto__ is a member like others", () => {
    expect(read('{"__proto__":{"event":"x"}}').at("/__proto__/event")).toBe("x");
    expect(read('{"__proto__":{"event":"x"}}').at("/event")).toBeNull();
  });

  test("a number that a second member of its name makes ambiguous is none", () => {
    expect(read('{"n":1,"n":2}').at("/n")).toBeNull();
  });

  test.each([["true"], ["null"], ["{}"], ["[]"]])("%s is neither text nor number", (value) => {
    expect(read(`{"v":${value}}`).at("/v")).toBeNull();
  });
});

describe("a body that cannot be read", () => {
  test.each([
    ["empty", Buffer.alloc(0)],
    ["not JSON", Buffer.from("event=price_alert")],
    ["not UTF-8", Buffer.from([0x22, 0xff, 0xfe, 0x22])],
    ["behind a byte order mark", Buffer.from("\uFEFF{}")],
    ["cut off", Buffer.from('{"event":"pri')],
  ])("because it is %s is unparsable and holds nothing", (_name, body) => {
    const payload = readPayload(body);
    expect([payload.kind, payload.at("/event"), payload.at("")]).toEqual(["unparsable", null, null]);
  });
});

test("10,000 nested arrays are read, and hold nothing that is asked for", () => {
  const payload = read("[".repeat(10_000) + "]".repeat(10_000));
  expect([payload.kind, payload.at("/event"), payload.at("/0".repeat(9_999))]).toEqual(["json", null, null]);
});

test("a number below the depth that is read exactly is none", () => {
  const payload = read(`${"[".repeat(10_000)}1.0${"]".repeat(10_000)}`);
  expect(payload.at("/0".repeat(10_000))).toBeNull();
});

test("every text and number is found under its own pointer, as it was written", () => {
  const leaf = fc.oneof(fc.string({ unit: "binary" }), fc.double({ noDefaultInfinity: true, noNaN: true }));
  fc.assert(
    fc.property(fc.dictionary(fc.string(), leaf), (members) => {
      const payload = read(JSON.stringify(members));
      for (const [name, value] of Object.entries(members)) {
        const pointer = `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
        expect(payload.at(pointer)).toBe(typeof value === "string" ? value : JSON.stringify(value));
      }
    }),
    { seed: 1 },
  );
});
