/** Nothing that a person writes as a pattern, and nothing that a sender writes as a body, takes longer than a linear search does. */
import { describe, expect, test } from "vitest";
import { readPattern } from "../../../src/redaction/pattern.ts";
import { apiKey, bearer, email, pattern, privateUrl, redact } from "./redact.ts";

const MIB = 1024 * 1024;
const MS_MAX = 8_000;

function timed<T>(act: () => T): { readonly result: T; readonly ms: number } {
  const begun = performance.now();
  return { result: act(), ms: performance.now() - begun };
}

describe("on a body of 1 MiB", () => {
  test.each([
    ["(a+)+$", "a".repeat(MIB), "a"],
    ["(a|a)*b", "a".repeat(MIB), "a"],
    ["(x+x+)+y", "x".repeat(MIB), "x"],
    ["^(([a-z])+.)+[A-Z]([a-z])+$", "a".repeat(MIB), "a"],
    ["a(.*b)?", "a".repeat(MIB), ""],
    ["a[ab]{200}(x|y|z)", "ab".repeat(MIB / 2), "ab"],
  ])("the pattern %s comes to an end", (text, body, rest) => {
    const { result, ms } = timed(() => redact(`${body}!`, [pattern(text)], "text/plain"));
    expect(ms).toBeLessThan(MS_MAX);
    expect(result.text).toBe(rest === "" ? "[redacted:own]" : `${body}!`);
  });

  test.each([
    ["@", email],
    ["a@", email],
    ["a@a.", email],
    ["eyJ", apiKey],
    ["eyJ.", bearer],
    ["bearer ", bearer],
    ["-----BEGIN PRIVATE KEY-----", apiKey],
    ["ghp_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-", apiKey],
    ["npm_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa ", apiKey],
    ["http://", privateUrl],
    ["http://a@", privateUrl],
    ["h:", privateUrl],
  ])("a quarter of it of nothing but %j comes to an end", (unit, rule) => {
    const body = unit.repeat(Math.floor(MIB / 4 / unit.length));
    expect(timed(() => redact(body, [rule], "text/plain")).ms).toBeLessThan(MS_MAX);
    expect(timed(() => redact(JSON.stringify([body]), [rule])).ms).toBeLessThan(MS_MAX);
  });

  test("a list nested as deep as it is long, with a match at each level, comes to an end", () => {
    const depth = 60_000;
    const body = `${'["a@b.de",'.repeat(depth)}0${"]".repeat(depth)}`;
    const { result, ms } = timed(() => redact(body, [email]));
    expect(ms).toBeLessThan(MS_MAX);
    expect(result.text).not.toContain("@");
    expect(result.receipts.reduce((count, { match_count }) => count + match_count, 0)).toBe(depth);
  });
});

test("where finding all of a pattern would take too long, all of the text is masked", () => {
  const { text, receipts } = redact(JSON.stringify({ a: `${"a".repeat(40_000)}c`, b: "a 1" }), [pattern("a(.*b)?")]);
  expect(text).toBe('{"[redacted:own]":"[redacted:own]","b":"[redacted:own]"}');
  expect(receipts.map(({ path }) => path)).toEqual(["/body/[redacted:own]", "/body/b"]);
});

describe("where matches end for sure, each of them is masked by itself, however many there are", () => {
  test.each([
    ["card [0-9]{4}", "card 1234"],
    ["(ACME|FOO|BAR)-[0-9]{6,12}", "ACME-123456"],
    ["canary-[a-z0-9-]+", "canary-abc"],
    [String.raw`no\.\d+`, "no.12"],
    [String.raw`key=[A-Za-z0-9+/\]]*`, "key=ab+/]"],
    ["x[ab]{100}", `x${"ab".repeat(50)}`],
  ])("%s", (text, match) => {
    const { text: kept, receipts } = redact(`at ${match}, `.repeat(2000), [pattern(text)], "text/plain");
    expect(kept).toBe("at [redacted:own], ".repeat(2000));
    expect(receipts).toMatchObject([{ match_count: 2000 }]);
  });

  test.each([
    ["a(.*b)?", "a"],
    ["a(.{0,9}b+c)?", "ab"],
    ["a(.{3,}b)?", "a"],
    [String.raw`a(?:\[.*]+)?`, "a["],
    [String.raw`a(\Q[\E*]+b)?|\Q[\E*]+`, "a["],
  ])("%s is no such pattern", (text, unit) => {
    const { result, ms } = timed(() => redact(unit.repeat(MIB / 8), [pattern(text)], "text/plain"));
    expect(ms).toBeLessThan(MS_MAX);
    expect(result.text).toBe("[redacted:own]");
  });
});

describe("a pattern is refused that", () => {
  test.each([
    ["does not compile", "(", "must be a pattern in the syntax of RE2: missing closing ): `(`"],
    ["looks behind it", "(?<=a)b", "must be a pattern in the syntax of RE2"],
    ["refers back", String.raw`(a)\1`, "must be a pattern in the syntax of RE2"],
    ["is too long", "a".repeat(513), "must be at most 512 characters"],
    ["is too large once compiled", "[a-z]{300}", "must compile to at most 256 instructions, and has 302"],
    ["matches nothing at all", "a*", "must not match the empty text"],
    ["repeats repetitions without bound", "((a{100}){100}){100}", "must be a pattern in the syntax of RE2"],
  ])("%s", (_name, text, says) => {
    const read = readPattern(text);
    expect(read).toMatchObject({ kind: "refused", says: expect.stringContaining(says) });
  });

  test("and one that can be used has a size", () => {
    expect(readPattern("card-[0-9]{16}")).toEqual({ kind: "pattern", size: expect.any(Number) });
  });
});
