import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { linear } from "../../../src/providers/linear.ts";
import { foundBy, isAscending, readsAnything, verdictOn } from "./found-by.ts";

describe("the signature", () => {
  const now_ms = 1_772_438_400_000;
  const signed = (body: string, headers = {}) =>
    verdictOn(linear, {
      body,
      secrets: ["s3cret"],
      now_ms,
      headers: { "Linear-Signature": createHmac("sha256", "s3cret").update(body).digest("hex"), ...headers },
    });
  const sentAt = (time: unknown): string => JSON.stringify({ type: "Issue", webhookTimestamp: time });

  test("is over the body, in which the time stands in milliseconds", () => {
    expect(signed(sentAt(now_ms))).toBe(0);
    expect(signed(sentAt(now_ms), { "Linear-Signature": "0".repeat(64) })).toBe("MISMATCH");
  });

  test("holds for a minute either way", () => {
    expect([signed(sentAt(now_ms - 60_000)), signed(sentAt(now_ms + 60_000))]).toEqual([0, 0]);
    expect(signed(sentAt(now_ms - 60_001))).toBe("TOO_OLD");
    expect(signed(sentAt(now_ms + 60_001))).toBe("IN_FUTURE");
  });

  test("without a time in the body is none, whatever time a header says", () => {
    expect(signed("{}", { "Linear-Timestamp": `${now_ms}` })).toBe("NO_TIME");
  });
});

test("is told 200, which alone it counts as received", () => {
  expect(linear.acknowledgement.status).toBe(200);
});

describe("the order of a thing's events", () => {
  const event = (action: string, updatedAt: unknown) =>
    foundBy(linear, { type: "Issue", action, webhookTimestamp: 1, data: { id: "i", updatedAt } }).order;

  test("is by when it was last updated", () => {
    const life = [
      event("create", "2026-03-02T08:00:00.050Z"),
      event("update", "2026-03-02T08:00:00.051Z"),
      event("update", "2026-03-02T08:01:00.000Z"),
      event("remove", "2026-03-02T08:02:00.000Z"),
    ];
    expect(isAscending(life)).toBe(true);
  });

  test("within one such time begins with its creation and ends with its removal", () => {
    expect(isAscending(["create", "update", "remove"].map((action) => event(action, "2026-03-02T08:00:00.050Z")))).toBe(
      true,
    );
  });

  test("is never that of the attempt, which a retry has anew", () => {
    expect(event("update", undefined)).toBeNull();
  });
});

readsAnything(linear);
