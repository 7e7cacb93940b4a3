import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { shopify } from "../../../src/providers/shopify.ts";
import { foundBy, isAscending, readsAnything, verdictOn } from "./found-by.ts";

const order = (topic: string, updated_at: unknown) =>
  foundBy(
    shopify,
    { id: 1, updated_at },
    {
      headers: {
        "X-Shopify-Topic": topic,
        "X-Shopify-Shop-Domain": "desk.myshopify.com",
        "X-Shopify-Triggered-At": "2026-03-02T08:00:00.000000001Z",
      },
    },
  ).order;

test("is signed over its body, in base64", () => {
  const body = '{"id":1}';
  const mac = createHmac("sha256", "s3cret").update(body);
  const signature = mac.digest();
  const signed = (value: string, sent = body) =>
    verdictOn(shopify, { body: sent, secrets: ["s3cret"], headers: { "X-Shopify-Hmac-SHA256": value } });
  expect(signed(signature.toString("base64"))).toBe(0);
  expect(signed(signature.toString("base64"), '{"id":2}')).toBe("MISMATCH");
  expect(signed(signature.toString("hex"))).not.toBe(0);
});

describe("the order of a thing's events", () => {
  test("is by the instant, whatever the shop's zone", () => {
    const times = ["2026-03-02T09:00:00+01:00", "2026-03-02T03:00:01-05:00", "2026-03-02T08:00:02Z"];
    expect(isAscending(times.map((time) => order("orders/updated", time)))).toBe(true);
  });

  test("within one second has what was created first", () => {
    const time = "2026-03-02T09:00:00+01:00";
    expect(isAscending([order("orders/create", time), order("orders/updated", time)])).toBe(true);
    expect(order("orders/paid", time)).toEqual(order("orders/updated", time));
  });

  test("is unknown where only the unsigned header has a time", () => {
    expect(order("orders/delete", undefined)).toBeNull();
  });
});

test("two ids that one double stands for are two subjects", () => {
  const headers = { "X-Shopify-Topic": "orders/create", "X-Shopify-Shop-Domain": "desk.myshopify.com" };
  const subjects = ["820982911946154508", "820982911946154509"].map(
    (id) => foundBy(shopify, `{"id":${id}}`, { headers }).subject_key,
  );
  expect(subjects).toEqual([
    "shopify:desk.myshopify.com:orders:820982911946154508",
    "shopify:desk.myshopify.com:orders:820982911946154509",
  ]);
});

readsAnything(shopify);
