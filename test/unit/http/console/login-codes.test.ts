import { describe, expect, test } from "vitest";
import { createLoginCodes } from "../../../../src/http/console/login-codes.ts";
import { entropy } from "./console-world.ts";

const MINUTE = 60_000;
const given = () => {
  const clock = { at: 1_000_000 };
  return { clock, codes: createLoginCodes({ now: () => clock.at }, entropy) };
};

describe("a login code", () => {
  test("is 192 bits, and another one each time", () => {
    const { codes } = given();
    const made = Array.from({ length: 50 }, () => codes.make().code);
    expect(new Set(made).size).toBe(50);
    for (const code of made) expect(Buffer.from(code, "base64url").length).toBe(24);
  });

  test("is good once", () => {
    const { codes } = given();
    const { code } = codes.make();
    expect(codes.trade(code)).toBeUndefined();
    expect(codes.trade(code)?.code).toBe("CODE_INVALID");
  });

  test("is good until its 60 seconds are over, to the millisecond", () => {
    const { clock, codes } = given();
    const [first, second] = [codes.make(), codes.make()];
    expect(first.expires_at).toBe(clock.at + MINUTE);
    clock.at += MINUTE - 1;
    expect(codes.trade(first.code)).toBeUndefined();
    clock.at += 1;
    expect(codes.trade(second.code)?.code).toBe("CODE_INVALID");
  });

  test("does not live longer because the clock was set back", () => {
    const { clock, codes } = given();
    const { code } = codes.make();
    clock.at -= 3_600_000;
    expect(codes.trade(code)?.code).toBe("CODE_INVALID");
  });

  test("makes room when a fifth is made", () => {
    const { codes } = given();
    const made = Array.from({ length: 5 }, () => codes.make().code);
    expect(made.map((code) => codes.trade(code)?.code)).toEqual(["CODE_INVALID", ...Array<undefined>(4)]);
  });

  test.each(["", "x", "a".repeat(32), "é".repeat(32), "a".repeat(100_000)])("is not %j", (code) => {
    const { codes } = given();
    codes.make();
    expect(codes.trade(code.slice(0, 200))?.code).toBe("CODE_INVALID");
  });

  test("that is nearly right is wrong, and does not use up the right one", () => {
    const { codes } = given();
    const { code } = codes.make();
    for (const near of [code.slice(1), `${code}=`, ` ${code}`, code.toLowerCase().toUpperCase()])
      expect(codes.trade(near)?.code).toBe("CODE_INVALID");
    expect(codes.trade(code)).toBeUndefined();
  });
});

describe("wrong codes", () => {
  test("are told to wait after ten in a minute; a right one is taken all the same", () => {
    const { clock, codes } = given();
    const { code } = codes.make();
    const answers = Array.from({ length: 12 }, () => codes.trade("wrong"));
    expect(answers.map((answer) => answer?.code)).toEqual([
      ...Array<string>(10).fill("CODE_INVALID"),
      "LOGIN_RATE",
      "LOGIN_RATE",
    ]);
    expect(answers.at(-1)?.retryAfterS).toBe(60);
    expect(codes.trade(code)).toBeUndefined();
    clock.at += MINUTE;
    expect(codes.trade("wrong")?.code).toBe("CODE_INVALID");
  });
});
