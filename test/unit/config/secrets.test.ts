import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { Secret } from "../../../src/config/secrets.ts";
import { desk, deskOf, type Given, problemsOf } from "./load-text.ts";

const text = (secret: string): string =>
  desk(`[[webhook]]\nname = "price-alert"\naction = "inbox"\nsecret = ${secret}`);
const revealed = (secret: string, given: Given): readonly string[] =>
  deskOf(text(secret), given).webhooks.flatMap(({ secrets }) =>
    secrets.map((each) => new TextDecoder().decode(each.reveal())),
  );
const said = (secret: string, given: Given = { env: {} }): string => JSON.stringify(problemsOf(text(secret), given));

describe("a secret", () => {
  const secret = new Secret(new TextEncoder().encode("hunter2"), "env:S");

  test.each([
    ["as text", String(secret)],
    ["joined", ["", secret].join(" ")],
    ["as JSON", JSON.stringify({ secret })],
    ["inspected", inspect({ secret }, { depth: 9, showHidden: true })],
    ["by its own fields", JSON.stringify(Object.entries(secret))],
  ])("is hidden %s", (_, printed) => {
    expect(printed).not.toContain("hunter2");
    expect(printed).not.toContain("104,117,110");
    expect(printed).toContain("env:S");
  });

  test("reveals its bytes to who asks for them", () => {
    expect(new TextDecoder().decode(secret.reveal())).toBe("hunter2");
  });
});

describe("a webhook's secret", () => {
  test("is read from the environment as UTF-8", () => {
    expect(revealed('"env:S"', { env: { S: "schlüssel" } })).toEqual(["schlüssel"]);
  });

  test("is read from a file without one line end behind it", () => {
    expect(revealed('["file:a", "file:b", "file:c"]', { files: { a: "x\n", b: "y\r\n", c: "z\n\n" } })).toEqual([
      "x",
      "y",
      "z\n",
    ]);
  });

  test("may be a list, in the order that it is tried", () => {
    expect(revealed('["env:NEW", "env:OLD"]', { env: { NEW: "n", OLD: "o" } })).toEqual(["n", "o"]);
  });

  test.each([
    ['"hunter2"', "must not stand in this file"],
    ['"Env:HUNTER2"', "must not stand in this file"],
    ['["env:S", "hunter2"]', "must not stand in this file"],
    ['"env:hunter2-x"', "must name a variable after env:"],
    ['"""hunter2\nhunter2"""', "must not stand in this file"],
    ['{ value = "hunter2" }', 'must be \\"env:VAR\\"'],
    ['[["hunter2"]]', 'must be \\"env:VAR\\"'],
    ["20_2", 'must be \\"env:VAR\\"'],
  ])("written as %s is refused and not repeated", (secret, says) => {
    const problems = said(secret, { env: { S: "x" } });
    expect(problems).toContain(says);
    expect(problems).not.toMatch(/hunter2|20_?2/i);
  });

  test("written as a literal is answered with the name that the variable may have", () => {
    const [problem] = problemsOf(text('"hunter2"'));
    expect(problem).toMatchObject({
      seen: "(hidden)",
      nearest: '"env:WEBHOOK_SECRET_PRICE_ALERT"',
      line: 5,
      column: 10,
    });
  });

  test.each([
    ['"env:S"', { env: {} }, "is read from the environment variable S, which is not set"],
    ['"env:S"', { env: { S: "" } }, "is read from the environment variable S, which is empty"],
    ['"env:constructor"', { env: {} }, "environment variable constructor, which is not set"],
    ['"file:k"', {}, 'is read from the file \\"k\\", which does not exist'],
    ['"file:k"', { files: { k: "" } }, "which is empty"],
    ['"file:k"', { files: { k: "\r\n" } }, "which is empty"],
    ['"file:"', {}, "must not stand in this file"],
    ['""', {}, "is required"],
    ['[""]', {}, "is empty"],
    ["[]", {}, 'must be \\"env:VAR\\"'],
  ] as const)("%s with %j is refused: %s", (secret, given, says) => {
    expect(said(secret, given).replaceAll('\\\\"', '\\"')).toContain(says);
  });

  test("whose variable is not set is answered with a variable that is", () => {
    const given = { env: { WEBHOOK_SECRET_PRICE_ALERT: "hunter2" } };
    const [problem] = problemsOf(text('"env:WEBHOOK_SECRET_PRICEALERT"'), given);
    expect(problem?.nearest).toBe('"env:WEBHOOK_SECRET_PRICE_ALERT"');
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });

  test("that is below a wrong header is not repeated", () => {
    const problems = problemsOf(
      desk('[webhook]\nname = "a"\nsecret = "hunter2"\n[webhooks]\nsecret = "hunter2"\n[daemon]\nsecret = "hunter2"'),
    );
    expect(problems.map(({ key }) => key)).toEqual(["webhook", "webhooks", "daemon.secret"]);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });

  test("in a file that is not TOML is not repeated", () => {
    const problems = problemsOf('secret = "hunter2\nname = "hunter2" hunter2');
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain("hunter2");
  });
});
