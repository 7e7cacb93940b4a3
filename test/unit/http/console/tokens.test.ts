import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { sha256Of } from "../../../../src/core/ids.ts";
import type { KeptToken } from "../../../../src/core/token-store.ts";
import { tokensOver } from "./console-world.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const AT = 1_900_000_000_000;
const hashOf = (token: string): string => createHash("sha256").update(token).digest("hex");
const keptToken = (changes: Partial<KeptToken>): KeptToken => ({
  hash: sha256Of(hashOf(`qoc_console_${"k".repeat(43)}`)),
  made_at: AT,
  used_at: AT,
  ...changes,
});
const KEPT = `qoc_console_${"k".repeat(43)}`;

describe("a token", () => {
  test("is 32 random bytes, of which only the hash is kept", () => {
    const { tokens, kept } = tokensOver({ at: AT });
    const { token } = tokens.issue();
    expect(token).toMatch(/^qoc_console_[\w-]{43}$/);
    expect(kept()).toEqual([{ hash: hashOf(token), made_at: AT, used_at: AT }]);
    expect(JSON.stringify(kept())).not.toContain(token.slice(12));
  });

  test("opens, and no other text does", () => {
    const { tokens } = tokensOver({ at: AT });
    const { token } = tokens.issue();
    const others = ["", token.slice(0, -1), `${token}x`, token.toLowerCase(), hashOf(token), ` ${token}`];
    expect([token, ...others].map((text) => tokens.accepts(text))).toEqual([true, ...others.map(() => false)]);
  });

  test("ends 12 hours after its last use", () => {
    const clock = { at: AT };
    const { tokens } = tokensOver(clock);
    const { token, expires_at } = tokens.issue();
    expect(expires_at).toBe(AT + 12 * HOUR);
    clock.at += 12 * HOUR - 1;
    expect(tokens.accepts(token)).toBe(true);
    clock.at += 12 * HOUR - 1;
    expect(tokens.accepts(token)).toBe(true);
    clock.at += 12 * HOUR;
    expect(tokens.accepts(token)).toBe(false);
    clock.at -= 12 * HOUR;
    expect(tokens.accepts(token)).toBe(false);
  });

  test("ends after 7 days, however it is used", () => {
    const clock = { at: AT };
    const { tokens } = tokensOver(clock);
    const { token } = tokens.issue();
    for (; clock.at < AT + 7 * DAY; clock.at += HOUR) expect(tokens.accepts(token)).toBe(true);
    expect(tokens.accepts(token)).toBe(false);
  });

  test("ends with its logout, and no other one does", () => {
    const { tokens, kept } = tokensOver({ at: AT });
    const [mine, other] = [tokens.issue().token, tokens.issue().token];
    tokens.end(mine);
    expect([tokens.accepts(mine), tokens.accepts(other)]).toEqual([false, true]);
    expect(kept().map(({ hash }) => hash)).toEqual([hashOf(other)]);
    tokens.end("unknown");
    expect(tokens.accepts(other)).toBe(true);
  });

  test("that was not used for longest makes room for a 33rd", () => {
    const clock = { at: AT };
    const { tokens, kept } = tokensOver(clock);
    const made = Array.from({ length: 32 }, () => {
      clock.at += 1;
      return tokens.issue().token;
    });
    clock.at += 1;
    const [first, second, third] = made;
    expect(tokens.accepts(first ?? "")).toBe(true);
    clock.at += 1;
    const last = tokens.issue().token;
    expect([first, second, third, last].map((token) => tokens.accepts(token ?? ""))).toEqual([true, false, true, true]);
    expect(kept()).toHaveLength(32);
  });
});

describe("over a restart", () => {
  test("a token that was kept opens again", () => {
    expect(tokensOver({ at: AT + HOUR }, [keptToken({})]).tokens.accepts(KEPT)).toBe(true);
  });

  test.each([
    ["was not used for 12 hours", keptToken({ used_at: AT - 12 * HOUR, made_at: AT - DAY })],
    ["is older than 7 days", keptToken({ made_at: AT - 7 * DAY })],
    ["was made in a time to come", keptToken({ made_at: AT + DAY, used_at: AT + DAY })],
  ])("one that %s does not", (_says, kept) => {
    expect(tokensOver({ at: AT }, [kept]).tokens.accepts(KEPT)).toBe(false);
  });

  test("at most the last ten minutes of use are forgotten", () => {
    const clock = { at: AT };
    const { tokens, kept } = tokensOver(clock, [keptToken({})]);
    clock.at += 10 * 60_000 - 1;
    tokens.accepts(KEPT);
    expect(kept()[0]?.used_at).toBe(AT);
    clock.at += 1;
    tokens.accepts(KEPT);
    expect(kept()[0]?.used_at).toBe(clock.at);
  });
});

describe("a disk that fails", () => {
  test("keeps nobody from logging in, and is complained of", () => {
    const given = tokensOver({ at: AT });
    given.failFromNowOn();
    expect(given.tokens.accepts(given.tokens.issue().token)).toBe(true);
    expect(given.complaints).toHaveLength(1);
  });

  test("lets no logout be called done that a restart would undo; it holds in this process", () => {
    const given = tokensOver({ at: AT }, [keptToken({})]);
    given.failFromNowOn();
    expect(() => given.tokens.end(KEPT)).toThrow("ENOSPC");
    expect(given.tokens.accepts(KEPT)).toBe(false);
  });
});
