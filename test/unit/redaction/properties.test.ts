/** Whatever a sender writes and whatever the rules are: nothing that they match is left, and nothing else is touched. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parsePayload } from "../../../src/core/json.ts";
import type { RedactionRule } from "../../../src/redaction/rule.ts";
import { apiKey, bearer, email, FORM, pattern, pointer, privateUrl, redact } from "./redact.ts";

fc.configureGlobal({ seed: 1, numRuns: 300 });

/** Each is found by one of the rules, wherever it stands. */
const SECRETS = [
  "canary-7f3a91",
  "joe.doe@example.com",
  "ghp_abcdefghijklmnopqrstuvwxyz0123456789",
  "https://u:hunter2@example.com/x",
  "Bearer abcdefgh12345678",
] as const;
const ALL: readonly RedactionRule[] = [
  email,
  apiKey,
  bearer,
  privateUrl,
  pattern("canary-[0-9a-f]{6}"),
  pointer("/pw"),
];

/** Between blanks, so that nothing of a neighbour becomes part of what is looked for. */
const holding = fc
  .tuple(fc.string({ unit: "grapheme" }), fc.constantFrom(...SECRETS), fc.string())
  .map(([before, secret, after]) => `${before} ${secret} ${after}`);
const text = fc.oneof(fc.string({ unit: "binary" }), holding, fc.constantFrom(...SECRETS));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: "small" },
    text,
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie("value")),
    fc.dictionary(fc.oneof(text, fc.constantFrom("pw", "a")), tie("value")),
  ),
}));
/** As a sender may write it: with blanks, and some letters as escapes. */
const json = fc.tuple(value, fc.constantFrom(0, 1, "\t"), fc.nat(7)).map(([said, indent, odd]) =>
  JSON.stringify(said, null, indent).replaceAll(/[a-z@]/g, (letter, at: number, whole: string) =>
    // Only within the secrets' own letters, never in a word of JSON or behind a backslash.
    odd > 0 && at % odd === 0 && isInString(whole, at)
      ? `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`
      : letter,
  ),
);

function isInString(whole: string, at: number): boolean {
  const before = whole.slice(0, at);
  const quotes = before.replaceAll(/\\./g, "").split('"').length - 1;
  return quotes % 2 === 1 && !/\\(?:u[0-9a-f]{0,3})?$/.test(before);
}

/** All that a reader could find in it, escapes undone. */
function saidIn(body: string): string {
  const read = (found: unknown): string =>
    typeof found === "object" && found !== null
      ? Object.entries(found)
          .map(([name, below]) => `${name}\n${read(below)}`)
          .join("\n")
      : String(found);
  return `${body}\n${read(JSON.parse(body))}`;
}

describe("of any JSON", () => {
  test("no secret is left, in its bytes, in what they say, or in a receipt", () => {
    fc.assert(
      fc.property(json, (body) => {
        const { text: kept, receipts } = redact(body, ALL);
        const all = saidIn(kept) + JSON.stringify(receipts);
        expect(SECRETS.filter((secret) => all.includes(secret))).toEqual([]);
      }),
    );
  });

  test("what is kept is JSON that our reader takes", () => {
    fc.assert(
      fc.property(json, (body) => {
        expect(parsePayload(redact(body, ALL).text, { depthMax: 512 }).kind).toBe("json");
      }),
    );
  });

  test("filtering again changes nothing, and finds nothing", () => {
    fc.assert(
      fc.property(
        json,
        fc.subarray([...ALL, pattern("^.", "first"), pattern(".$", "last"), pattern("[a-z]{3}", "word")]),
        (body, rules) => {
          const once = redact(body, rules);
          expect(redact(once.text, rules)).toMatchObject({ text: once.text, receipts: [] });
        },
      ),
    );
  });

  test("everything but the tokens that hold a mask is byte for byte what came", () => {
    const TOKENS = /"(?:[^"\\]|\\.)*"|[^"]+/gs;
    fc.assert(
      fc.property(json, (body) => {
        // Without the pointer, which may take several tokens at once.
        const kept =
          redact(
            body,
            ALL.filter(({ kind }) => kind !== "pointer"),
          ).text.match(TOKENS) ?? [];
        const sent = body.match(TOKENS) ?? [];
        expect(kept.length).toBe(sent.length);
        expect(kept.filter((token, i) => token !== sent[i] && !token.includes("[redacted:"))).toEqual([]);
      }),
    );
  });

  test("a body without anything to mask is the same bytes", () => {
    fc.assert(
      fc.property(json, (body) => {
        const sent = Buffer.from(body);
        const { bytes, receipts } = redact(sent, ALL);
        expect(bytes === sent).toBe(receipts.length === 0);
        expect(Buffer.from(bytes).equals(sent)).toBe(receipts.length === 0);
      }),
    );
  });
});

test("of any form no secret is left", () => {
  const fields = fc.array(fc.tuple(text, fc.oneof(text, json)), { maxLength: 6 });
  fc.assert(
    fc.property(fields, (given) => {
      const body = new URLSearchParams(given.map(([name, said]): [string, string] => [name, said])).toString();
      const kept = redact(body, ALL, FORM).text;
      const read = [...new URLSearchParams(kept)].flat().map((part) => {
        try {
          return saidIn(part);
        } catch {
          return part;
        }
      });
      const all = [kept, ...read].join("\n");
      expect(SECRETS.filter((secret) => all.includes(secret))).toEqual([]);
    }),
  );
});

test("of any bytes something is kept or nothing is, and nobody throws", () => {
  const types = fc.constantFrom(undefined, "application/json", "text/plain", FORM);
  const bytes = fc.oneof(
    fc.uint8Array(),
    fc.string().map((said) => Buffer.from(said)),
    json.map((said) => Buffer.from(said.slice(0, -1))),
  );
  fc.assert(
    fc.property(bytes, types, (body, type) => {
      const { text: kept, receipts } = redact(body, ALL, type);
      const isWithheld = kept === "" && body.length > 0;
      expect(receipts.some(({ match_type }) => match_type === "unreadable")).toBe(isWithheld);
      expect(SECRETS.filter((secret) => kept.includes(secret))).toEqual([]);
    }),
  );
});
