import { describe, expect, test } from "vitest";
import { describeConfig } from "../../../src/config/settings.ts";
import { customWebhook, desk, deskOf, problemsOf, webhook } from "./load-text.ts";

const rule = (lines: string): string => `[[redaction]]\n${lines}\n`;
const mail = rule('id = "mail"\nmatch = "email"');
const filtered = webhook('storage = "filtered"');

const found = (text: string): readonly (readonly [string | null, string])[] =>
  problemsOf(desk(text)).map(({ key, says }) => [key, says]);

describe("a webhook", () => {
  test("stores what comes unless it says otherwise", () => {
    expect(deskOf(desk(webhook())).webhooks[0]?.redaction).toBeNull();
  });

  test("that is filtered masks by all rules of the desk, in their order", () => {
    const all = [
      'id = "mail"\nmatch = "email"',
      'id = "card"\nmatch = "pattern"\npattern = "card-[0-9]{16}"',
      'id = "phone"\nmatch = "pointer"\npointer = "/users/*/phone"',
      'id = "agent"\nmatch = "header"\nheader = "User-Agent"',
      'id = "keys"\nmatch = "api-key"',
    ].map(rule);
    expect(deskOf(desk([...all, filtered].join(""))).webhooks[0]?.redaction).toEqual([
      { kind: "email", id: "mail" },
      { kind: "pattern", id: "card", pattern: "card-[0-9]{16}" },
      { kind: "pointer", id: "phone", pointer: "/users/*/phone" },
      { kind: "header", id: "agent", header: "user-agent" },
      { kind: "api-key", id: "keys" },
    ]);
  });

  test("may name the rules that it masks by", () => {
    const text = `${mail}${rule('id = "keys"\nmatch = "api-key"')}${webhook('storage = "filtered"\nredact = ["keys"]')}`;
    expect(deskOf(desk(text)).webhooks[0]?.redaction).toEqual([{ kind: "api-key", id: "keys" }]);
  });

  test.each([
    ["that is filtered without a rule", filtered, "webhook[0].storage", "needs a rule that says what is masked"],
    [
      "that names a rule that is not there",
      `${mail}${webhook('storage = "filtered"\nredact = ["mial"]')}`,
      "webhook[0].redact[0]",
      "is the id of no [[redaction]]",
    ],
    [
      "that names rules and stores everything",
      `${mail}${webhook('redact = ["mail"]')}`,
      "webhook[0].redact",
      "must be left out unless",
    ],
    ["that stores something else", webhook('storage = "none"'), "webhook[0].storage", 'must be "raw" or "filtered"'],
  ])("%s is refused", (_name, text, key, says) => {
    expect(found(text)).toEqual([[key, expect.stringContaining(says)]]);
  });

  test("that names a rule almost rightly is told which", () => {
    expect(problemsOf(desk(`${mail}${webhook('storage = "filtered"\nredact = ["mial"]')}`))[0]?.nearest).toBe('"mail"');
  });
});

describe("a rule is refused", () => {
  test.each([
    [
      "without what it finds",
      'id = "a"\nmatch = "pattern"',
      "redaction[0].pattern",
      'is required with match = "pattern"',
    ],
    [
      "with a key of another",
      'id = "a"\nmatch = "email"\npattern = "x"',
      "redaction[0].pattern",
      'must be left out unless match = "pattern"',
    ],
    [
      "with a pattern that does not compile",
      'id = "a"\nmatch = "pattern"\npattern = "(x"',
      "redaction[0].pattern",
      "must be a pattern in the syntax of RE2: missing closing ): `(x`",
    ],
    [
      "with a pattern that looks ahead",
      'id = "a"\nmatch = "pattern"\npattern = "(?=x)y"',
      "redaction[0].pattern",
      "in the syntax of RE2",
    ],
    [
      "with a pattern that matches nothing",
      'id = "a"\nmatch = "pattern"\npattern = "x*"',
      "redaction[0].pattern",
      "must not match the empty text",
    ],
    [
      "with a pointer that is none",
      'id = "a"\nmatch = "pointer"\npointer = "user"',
      "redaction[0].pointer",
      "must be a JSON Pointer",
    ],
    [
      "with a header that is none",
      'id = "a"\nmatch = "header"\nheader = "a b"',
      "redaction[0].header",
      "must be the name of a header",
    ],
    ["with an id that is no name", 'id = "A b"\nmatch = "email"', "redaction[0].id", "must be a name"],
    ["that finds something unknown", 'id = "a"\nmatch = "phone"', "redaction[0].match", 'must be "api-key"'],
  ])("%s", (_name, lines, key, says) => {
    expect(found(`${rule(lines)}${filtered}`)).toEqual([[key, expect.stringContaining(says)]]);
  });

  test("at its line and column", () => {
    const text = desk(`${rule('id = "a"\nmatch = "pattern"\npattern = "(x"')}${filtered}`);
    expect(problemsOf(text)).toMatchObject([{ line: 5, column: 11, seen: '"(x"' }]);
  });

  test("whose id another one has", () => {
    expect(found(`${mail}${mail}${filtered}`)).toEqual([["redaction[1].id", "is already the id of redaction[0]"]]);
  });

  test("that brings all patterns together over what is searched in time", () => {
    const many = Array.from({ length: 6 }, (_, n) => rule(`id = "r${n}"\nmatch = "pattern"\npattern = "[a-z]{200}"`));
    expect(found(`${many.join("")}${filtered}`)).toEqual([
      ["redaction[5].pattern", expect.stringContaining("must not bring all patterns together over 1024 instructions")],
    ]);
  });

  test("beyond 64 of them", () => {
    const many = Array.from({ length: 65 }, (_, n) => rule(`id = "r${n}"\nmatch = "email"`));
    expect(found(`${many.join("")}${filtered}`)).toEqual([["redaction", "must have at most 64 items"]]);
  });
});

describe("a rule that no webhook uses", () => {
  test("is a warning, and no problem", () => {
    expect(deskOf(desk(`${mail}${webhook()}`)).warnings).toEqual([
      '[[redaction]] mail masks nothing: no webhook with storage = "filtered" uses it',
    ]);
    expect(deskOf(desk(`${mail}${filtered}`)).warnings).toEqual([]);
  });
});

test("rules are shown under their ids", () => {
  expect(describeConfig(deskOf(desk(`${mail}${filtered}`)))).toEqual(
    expect.arrayContaining([
      { key: "redaction.mail.match", value: "email", origin: "workspace" },
      { key: "webhook.a.storage", value: "filtered", origin: "workspace" },
    ]),
  );
});

describe("a header that carries credentials is refused as", () => {
  test.each([
    ["id_header", 'id_header = "Authorization"'],
    ["event_header", 'event_header = "X-Api-Key"'],
    ["signed_id_header", 'signed = "{id}.{body}"\nsigned_id_header = "Cookie"'],
    ["timestamp", 'signed = "{timestamp}.{body}"\ntimestamp = "header:X-Auth-Token"'],
  ])("%s", (key, lines) => {
    expect(found(customWebhook(lines))).toEqual([
      [`webhook[0].scheme.${key}`, "must be another header: this one carries credentials, and is never kept"],
    ]);
  });

  test("but may hold the signature itself, which then is not kept", () => {
    expect(found(customWebhook("").replace("X-Sig", "Authorization"))).toEqual([]);
  });
});
