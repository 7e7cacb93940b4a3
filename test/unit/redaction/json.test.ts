import { describe, expect, test } from "vitest";
import { email, pattern, pointer, redact } from "./redact.ts";

const secret = pattern("s3cret-[0-9]+");
const masks = (body: string, ...rules: Parameters<typeof redact>[1]): string => redact(body, rules).text;

describe("in JSON", () => {
  test("a string is masked where it matches, and every other byte stays", () => {
    expect(masks('{ "n" : 420.00,\n "a":"x s3cret-1 y" ,"b":[1e2,-0,"\\u00e9"]}', secret)).toBe(
      '{ "n" : 420.00,\n "a":"x [redacted:own] y" ,"b":[1e2,-0,"\\u00e9"]}',
    );
  });

  test.each([['"s\\u0033cret-1"'], ['"s3cret\\u002d1"'], ['"\\u00733cret-\\u0031"'], ['"\\/\\"s3cret-1\\\\"']])(
    "the escapes of %s hide nothing",
    (text) => {
      const said: unknown = JSON.parse(masks(text, secret));
      expect(said).toBe(String(JSON.parse(text)).replace("s3cret-1", "[redacted:own]"));
    },
  );

  test("a body without a match is the same bytes", () => {
    const body = Buffer.from('{"a":"s3cret","b":"\\u0041"}');
    expect(redact(body, [secret, email]).bytes).toBe(body);
  });

  test("a number that a pattern would match stays as it was written", () => {
    expect(masks('{"card":4111111111111111}', pattern("4[0-9]{15}"))).toBe('{"card":4111111111111111}');
  });

  test("names are masked, and two that become alike stay two", () => {
    expect(masks('{"joe@x.de":1,"ann@x.de":{"joe@x.de":2},"to bob@x.de":3,"eve@x.de":4}', email)).toBe(
      '{"[redacted:mail]":1,"[redacted:mail#2]":{"[redacted:mail]":2},"to [redacted:mail]":3,"[redacted:mail#3]":4}',
    );
  });

  test("a name that stands twice is masked twice", () => {
    expect(masks('{"p":"s3cret-1","p":"s3cret-2"}', pointer("/p"))).toBe(
      '{"p":"[redacted:place]","p":"[redacted:place]"}',
    );
  });

  test("of two rules that meet, the first gives the name and all of it goes", () => {
    const both = [pattern("token=[^ ]+", "token"), email];
    expect(redact('"token=joe@x.de-tail end"', both)).toMatchObject({
      text: '"[redacted:token] end"',
      receipts: [{ rule_id: "token", match_count: 1, masked_len: 19 }],
    });
    expect(masks('"token=joe@x.de-tail end"', email, pattern("token=[^ ]+", "token"))).toBe('"[redacted:mail] end"');
  });

  test("half a surrogate pair beside a match makes no broken UTF-8", () => {
    expect(masks('"\\ud800s3cret-1"', secret)).toBe('"\\ud800[redacted:own]"');
  });

  test.each([['"s3cret-1"'], ['[["s3cret-1"]]'], ['{"":{"":"s3cret-1"}}'], [' \n"s3cret-1"\t']])(
    "%s is masked",
    (body) => {
      expect(masks(body, secret)).toBe(body.replace("s3cret-1", "[redacted:own]"));
    },
  );

  test("a mask that a sender wrote is left alone", () => {
    expect(masks('{"a":"[redacted:own]","b":"[redacted:other] s3cret-1"}', secret, pattern("redacted", "x"))).toBe(
      '{"a":"[redacted:own]","b":"[[redacted:x]:other] [redacted:own]"}',
    );
  });
});

describe("a pointer", () => {
  test.each([
    ["/a", '{"a":"x","b":"x"}', '{"a":"[redacted:place]","b":"x"}'],
    ["/a", '{"a": 12.50 }', '{"a": "[redacted:place]" }'],
    ["/a", '{"a":null,"b":{"a":true}}', '{"a":"[redacted:place]","b":{"a":true}}'],
    ["/a", '{"a":{"b":["]","}",{"c":"\\""}]},"d":1}', '{"a":"[redacted:place]","d":1}'],
    ["/a/1", '{"a":[1,2,3]}', '{"a":[1,"[redacted:place]",3]}'],
    ["/a/*", '{"a":[1,[2],{"b":3}]}', '{"a":["[redacted:place]","[redacted:place]","[redacted:place]"]}'],
    [
      "/*/pw",
      '{"a":{"pw":1},"b":{"pw":2,"c":3}}',
      '{"a":{"pw":"[redacted:place]"},"b":{"pw":"[redacted:place]","c":3}}',
    ],
    ["/a~1b/c~0d", '{"a/b":{"c~d":1}}', '{"a/b":{"c~d":"[redacted:place]"}}'],
    ["/a", '{"\\u0061":1}', '{"\\u0061":"[redacted:place]"}'],
    ["/a/01", '{"a":[1,2]}', '{"a":[1,2]}'],
    ["/0", '{"0":1}', '{"0":"[redacted:place]"}'],
    ["/a/b/c", '{"a":{"b":1}}', '{"a":{"b":1}}'],
  ])("%s in %s", (to, body, kept) => {
    expect(masks(body, pointer(to))).toBe(kept);
  });

  test("masks what stands below a name that is masked itself", () => {
    expect(masks('{"joe@x.de":{"pw":1}}', email, pointer("/*/pw"))).toBe(
      '{"[redacted:mail]":{"pw":"[redacted:place]"}}',
    );
  });
});

describe("receipts", () => {
  test("say which rule took how much where, under the names that are kept", () => {
    const body = '{"joe@x.de":["a","s3cret-1 é s3cret-22"],"a/b":{"c~":"s3cret-3"},"p":{"q":1.50}}';
    expect(redact(body, [secret, email, pointer("/p")]).receipts).toEqual([
      { rule_id: "mail", path: "/body/[redacted:mail]", match_type: "email", match_count: 1, masked_len: 8 },
      { rule_id: "own", path: "/body/[redacted:mail]/1", match_type: "pattern", match_count: 2, masked_len: 17 },
      { rule_id: "own", path: "/body/a~1b/c~0", match_type: "pattern", match_count: 1, masked_len: 8 },
      { rule_id: "place", path: "/body/p", match_type: "pointer", match_count: 1, masked_len: 10 },
    ]);
  });

  test("count bytes of UTF-8", () => {
    expect(redact('"é😀"', [pattern("é😀")]).receipts[0]?.masked_len).toBe(6);
  });

  test("beyond 256 places become one", () => {
    const body = JSON.stringify(Array.from({ length: 300 }, (_, n) => `s3cret-${n + 100}`));
    const { receipts, text } = redact(body, [secret]);
    expect(text).not.toContain("s3cret");
    expect(receipts).toHaveLength(257);
    expect(receipts.at(-1)).toEqual({
      rule_id: "*",
      path: "",
      match_type: "several",
      match_count: 44,
      masked_len: 440,
    });
  });

  test("far down are told by the nearest place that can be named", () => {
    const body = `${'{"a":'.repeat(400)}"s3cret-1"${"}".repeat(400)}`;
    const [receipt] = redact(body, [secret]).receipts;
    expect(receipt?.path).toBe(`/body${"/a".repeat(63)}`);
  });
});
