import { describe, expect, test } from "vitest";
import { bytes, causeOf, sent, STANDARD_SECRET, webhook } from "./failed-delivery.ts";

describe("a body that was re-encoded on the way is proved to be", () => {
  const minified = '{"price":420.00,"name":"Zoë","url":"https://x/y","list":[1,2],"none":{}}';
  const pretty = `{
  "price": 420.00,
  "name": "Zoë",
  "url": "https://x/y",
  "list": [
    1,
    2
  ],
  "none": {}
}`;
  test.each([
    ["indented", minified, pretty, "without blanks"],
    ["minified", pretty, minified, "indented by two"],
    ["given other blanks", '{"n":420}', '{"n" : 420}', "without blanks"],
    [
      "freed of Python's blanks and escapes",
      '{"price": 420.00, "name": "Zo\\u00eb"}',
      '{"price":420.00,"name":"Zoë"}',
      "ASCII alone",
    ],
    ["freed of PHP's escapes", '{"url":"https:\\/\\/x\\/y"}', '{"url":"https://x/y"}', "slashes escaped"],
    ["robbed of its final line end", "a=1\n", "a=1", "with a final line end"],
    ["given a final line end", minified, `${minified}\n`, "without its final line end"],
    ["given the line ends of Windows", "a\nb\nc", "a\r\nb\r\nc", "line ends of Unix"],
    ["given the line ends of Unix", "a\r\nb\r\nc", "a\nb\nc", "line ends of Windows"],
    ["given a byte order mark", minified, `\ufeff${minified}`, "byte order mark"],
  ])("%s", (_how, signed, received, says) => {
    const raw = { ...sent({ provider: "qoc", body: bytes(signed) }), body: bytes(received) };
    const cause = causeOf(raw, webhook("qoc"));
    expect(cause).toMatchObject({ kind: "body", sure: "proved" });
    expect(cause.says).toContain(says);
  });

  test("read as Latin-1 and written as UTF-8", () => {
    const body = bytes("price of Zoë: 420 €");
    const raw = { ...sent({ provider: "github", body }), body: bytes(Buffer.from(body).toString("latin1")) };
    expect(causeOf(raw, webhook("github")).says).toContain("Latin-1");
  });

  test.each([
    [
      "taken out of its form",
      `payload=${encodeURIComponent('{"a": 1}').replaceAll("%20", "+")}`,
      '{"a": 1}',
      "application/json",
    ],
    ["put into a form", '{"a": 1}', "payload=%7B%22a%22%3A%201%7D", "application/x-www-form-urlencoded"],
    ["encoded anew as a form", "a=x+y&b=%7E", "a=x%20y&b=~", "application/x-www-form-urlencoded"],
  ])("%s", (_how, signed, received, type) => {
    const raw = sent({ provider: "github", body: bytes(signed), headers: { "content-type": type } });
    expect(causeOf({ ...raw, body: bytes(received) }, webhook("github"))).toMatchObject({
      kind: "body",
      sure: "proved",
    });
  });

  test("under a scheme that signs id and time with it", () => {
    const secret = bytes(STANDARD_SECRET);
    const raw = sent({ provider: "standard-webhooks", secret, body: bytes('{"a": 1}') });
    const cause = causeOf({ ...raw, body: bytes('{"a":1}') }, webhook("standard-webhooks", STANDARD_SECRET));
    expect(cause).toMatchObject({ kind: "body", sure: "proved" });
  });
});
