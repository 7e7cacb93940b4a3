import { randomBytes } from "node:crypto";
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import { createRunTokens } from "../../../src/agent/run-tokens.ts";
import { runIdOf } from "../../../src/core/ids.ts";

const one = runIdOf("0190aaaa-0000-8000-8000-000000000001");
const other = runIdOf("0190bbbb-0000-8000-8000-000000000002");
const entropy = { bytes: (count: number) => randomBytes(count) };

describe("a run's token", () => {
  test("opens the box of its own run and of no other", () => {
    const tokens = createRunTokens<string>(entropy);
    const [first, second] = [tokens.issue(one, "box of one"), tokens.issue(other, "box of other")];
    expect(first).toMatch(/^qoc_run_[A-Za-z0-9_-]{43}$/);
    expect([tokens.boxFor(first), tokens.boxFor(second)]).toEqual(["box of one", "box of other"]);
  });

  test("carries all the entropy that it was given", () => {
    const bytes = Uint8Array.from({ length: 32 }, (_, i) => i);
    const token = createRunTokens<string>({ bytes: () => bytes }).issue(one, "box");
    expect(token).toBe(`qoc_run_${Buffer.from(bytes).toString("base64url")}`);
    expect(() => createRunTokens<string>({ bytes: () => bytes.subarray(1) }).issue(one, "box")).toThrow("32 random");
  });

  test("opens nothing once its run has ended, and is known to have been that run's", () => {
    const tokens = createRunTokens<string>(entropy);
    const token = tokens.issue(one, "box");
    const others = tokens.issue(other, "box of other");
    expect(tokens.endedRunOf(token)).toBeUndefined();
    tokens.end(one);
    tokens.end(one);
    expect(tokens.boxFor(token)).toBeUndefined();
    expect(tokens.endedRunOf(token)).toBe(one);
    expect(tokens.boxFor(others)).toBe("box of other");
  });

  test("is told of once when it is shown after its end, so that nobody fills the log with it", () => {
    const tokens = createRunTokens<string>(entropy);
    const [token, others] = [tokens.issue(one, "box"), tokens.issue(other, "box of other")];
    for (const run of [one, other]) tokens.end(run);
    expect([token, token, others, others].map(tokens.endedRunOf)).toEqual([one, undefined, other, undefined]);
  });

  test("is dead from when another is issued to the same run", () => {
    const tokens = createRunTokens<string>(entropy);
    const [first, second] = [tokens.issue(one, "first"), tokens.issue(one, "second")];
    expect([tokens.boxFor(first), tokens.boxFor(second)]).toEqual([undefined, "second"]);
  });

  test("is not met by anything near it", () => {
    const tokens = createRunTokens<string>(entropy);
    const token = tokens.issue(one, "box");
    const near = Array.from(
      token,
      (character, i) => `${token.slice(0, i)}${character === "A" ? "B" : "A"}${token.slice(i + 1)}`,
    );
    for (const text of [
      ...near,
      "",
      "qoc_run_",
      `${token} `,
      ` ${token}`,
      `${token}=`,
      token.slice(0, -1),
      token.toUpperCase(),
    ])
      expect(tokens.boxFor(text)).toBeUndefined();
  });

  test("is not kept: nothing that holds it shows it", () => {
    const tokens = createRunTokens<string>(entropy);
    const token = tokens.issue(one, "box");
    tokens.end(one);
    const shown = inspect(tokens, { depth: null, showHidden: true }) + JSON.stringify(tokens);
    expect(shown).not.toContain(token.slice(8, 20));
  });
});
