import { Stripe } from "stripe";
import { describe, expect, test } from "vitest";
import { stripe } from "../../../src/providers/stripe.ts";
import { foundBy, readsAnything, verdictOn } from "./found-by.ts";

const SECRET = "whsec_c29tZSB0ZXN0IHNlY3JldA==";
const OLD = "whsec_b2xk";
const TIME_S = 1_772_438_400;
const sender = new Stripe("sk_test_none");

describe("what Stripe's own library signs", () => {
  const body = '{"id":"evt_1","type":"charge.succeeded"}';
  const header = (secret: string, timestamp = TIME_S): string =>
    sender.webhooks.generateTestHeaderString({ payload: body, secret, timestamp });
  const signed = (value: string, over: { readonly secrets?: readonly string[]; readonly body?: string } = {}) =>
    verdictOn(stripe, {
      body,
      secrets: [SECRET],
      now_ms: TIME_S * 1000,
      headers: { "Stripe-Signature": value },
      ...over,
    });

  test("verifies with the secret as text, its prefix included", () => {
    expect(signed(header(SECRET))).toBe(0);
    expect(signed(header(SECRET), { secrets: [SECRET.slice("whsec_".length)] })).toBe("MISMATCH");
  });

  test("verifies while a secret rolls and there are two signatures", () => {
    const v1 = header(OLD).split(",")[1] ?? "";
    expect(signed(`${header(SECRET)},${v1}`, { secrets: [OLD] })).toBe(0);
  });

  test("does not verify by v0, which anyone may have been given in test mode", () => {
    expect(signed(header(SECRET).replace("v1=", "v0="))).not.toBe(0);
  });

  test("does not verify over another body, or at another time than it was signed for", () => {
    expect(signed(header(SECRET), { body: `${body}\n` })).toBe("MISMATCH");
    expect(signed(header(SECRET).replace(`t=${TIME_S}`, `t=${TIME_S - 1}`))).toBe("MISMATCH");
  });

  test("is too old after five minutes", () => {
    expect(signed(header(SECRET, TIME_S - 300))).toBe(0);
    expect(signed(header(SECRET, TIME_S - 301))).toBe("TOO_OLD");
  });
});

test("there is no order, however the times of two events compare", () => {
  const event = {
    type: "charge.succeeded",
    created: 1,
    data: { object: { object: "charge", id: "ch_1", created: 2 } },
  };
  expect(foundBy(stripe, event).order).toBeNull();
});

describe("the mode that keeps two worlds apart", () => {
  test.each([
    [true, "live"],
    [false, "test"],
    ["true", null],
    [undefined, null],
  ])("for livemode %j is %j", (livemode, project) => {
    expect(foundBy(stripe, { livemode }).project).toBe(project);
  });
});

test("an object without an id is no subject", () => {
  expect(foundBy(stripe, { data: { object: { object: "balance" } } }).subject_key).toBeNull();
});

readsAnything(stripe);
