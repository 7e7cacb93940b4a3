import { describe, expect, test } from "vitest";
import { apiKey, email, FORM, pattern, pointer, redact } from "./redact.ts";

const secret = pattern("s3cret [0-9]+");

describe("a form", () => {
  const kept = (body: string, rules: Parameters<typeof redact>[1], json: string | null = null): string =>
    redact(body, rules, `${FORM}; charset=utf-8`, json).text;

  test("is masked field by field, and every other field stays byte for byte", () => {
    expect(kept("a=%7e+x&b=s3cret+1&&c&d=%73%33cret%201&=z", [secret])).toBe(
      "a=%7e+x&b=%5Bredacted%3Aown%5D&&c&d=%5Bredacted%3Aown%5D&=z",
    );
  });

  test("has names that are masked too", () => {
    expect(kept("joe%40x.de=1&joe@x.de", [email])).toBe("%5Bredacted%3Amail%5D=1&%5Bredacted%3Amail%5D");
  });

  test("has fields that a pointer masks, each time they stand there", () => {
    expect(redact("pw=1&x=2&pw=3&pw", [pointer("/pw")], FORM)).toMatchObject({
      text: "pw=%5Bredacted%3Aplace%5D&x=2&pw=%5Bredacted%3Aplace%5D&pw",
      receipts: [{ rule_id: "place", path: "/body/pw", match_type: "pointer", match_count: 2, masked_len: 2 }],
    });
  });

  test.each([
    ["/to/*", "to=%5Bredacted%3Aplace%5D&x=2&to=%5Bredacted%3Aplace%5D"],
    ["/to/1", "to=ann&x=2&to=%5Bredacted%3Aplace%5D"],
    ["/to/2", "to=ann&x=2&to=joe"],
  ])("has repeated fields, which are a list to the pointer %s", (to, kept_) => {
    expect(kept("to=ann&x=2&to=joe", [pointer(to)])).toBe(kept_);
  });

  test("may hold JSON in a field, whose escapes hide nothing and whose numbers stay", () => {
    const json = '{"n":1.50,"a":"s3cret\\u00201"}';
    const body = kept(`payload=${encodeURIComponent(json)}`, [secret]);
    expect(new URLSearchParams(body).get("payload")).toBe('{"n":1.50,"a":"[redacted:own]"}');
  });

  test.each(["/users/0", "/payload/users/0"])("whose field is the payload is entered by the pointer %s", (to) => {
    const body = kept(`payload=${encodeURIComponent('{"users":[1,2]}')}`, [pointer(to)], "payload");
    expect(new URLSearchParams(body).get("payload")).toBe('{"users":["[redacted:place]",2]}');
  });

  test("with more fields than are ever read is not kept", () => {
    expect(redact("a=1&".repeat(10_001), [secret], FORM)).toMatchObject({
      text: "",
      receipts: [{ match_type: "unreadable" }],
    });
  });

  test("by its name alone, which begins as JSON, is JSON", () => {
    expect(kept('{"a":"s3cret 1"}', [secret])).toBe('{"a":"[redacted:own]"}');
  });
});

describe("another text", () => {
  test("is masked where it matches", () => {
    expect(redact("at noon\ns3cret 12 by joe@x.de\n", [secret, email], "text/plain")).toEqual({
      text: "at noon\n[redacted:own] by [redacted:mail]\n",
      bytes: expect.anything(),
      receipts: [
        { rule_id: "own", path: "/body", match_type: "pattern", match_count: 1, masked_len: 9 },
        { rule_id: "mail", path: "/body", match_type: "email", match_count: 1, masked_len: 8 },
      ],
    });
  });

  test("is masked over its line ends", () => {
    const key = "-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----";
    expect(redact(`a\n${key}\nb`, [apiKey], "text/plain").text).toBe("a\n[redacted:keys]\nb");
  });

  test("that begins with a mask is a text the second time too", () => {
    const once = redact("joe@x.de {", [email], "text/plain").text;
    expect(once).toBe("[redacted:mail] {");
    expect(redact(once, [email], "text/plain").text).toBe(once);
  });
});

describe("what would hide from the rules is not kept", () => {
  test.each([
    ["bytes that are not UTF-8", new Uint8Array([0xff, 0x41]), undefined],
    ["JSON that breaks off", '{"a":"\\u0073', undefined],
    ["a list that breaks off", "[1,", "text/plain"],
    ["what is called JSON and is none", "s3cret 1", "application/problem+json; charset=utf-8"],
    ["JSON behind a byte order mark", '\ufeff{"a":1}', "application/json"],
    ["UTF-16", Buffer.from("s3cret 1", "utf16le"), "text/plain; charset=utf-16"],
  ])("%s", (_name, body, type) => {
    expect(redact(body, [secret], type)).toEqual({
      text: "",
      bytes: new Uint8Array(0),
      receipts: [
        { rule_id: "*", path: "/body", match_type: "unreadable", match_count: 1, masked_len: Buffer.from(body).length },
      ],
    });
  });

  test("but of nothing, nothing is hidden", () => {
    expect(redact("", [secret])).toMatchObject({ text: "", receipts: [] });
  });
});
