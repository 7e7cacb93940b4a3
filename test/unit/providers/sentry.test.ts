import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { sentry } from "../../../src/providers/sentry.ts";
import { foundBy, readsAnything, verdictOn } from "./found-by.ts";

test("is signed over its bytes as they came, in bare hex", () => {
  const body = '{"n": 1.0}';
  const hmac = (text: string): string => createHmac("sha256", "s3cret").update(text).digest("hex");
  const signed = (value: string) =>
    verdictOn(sentry, { body, secrets: ["s3cret"], headers: { "Sentry-Hook-Signature": value } });
  expect(signed(hmac(body))).toBe(0);
  expect(signed(hmac(JSON.stringify(JSON.parse(body))))).toBe("MISMATCH");
});

describe("what an event is about", () => {
  const about = (data: unknown, resource: string) =>
    foundBy(sentry, { action: "created", data }, { headers: { "Sentry-Hook-Resource": resource } });

  test("stands in the signed body, and no header makes it another", () => {
    const [honest, forged] = ["issue", "installation"].map((resource) => about({ issue: { id: "1" } }, resource));
    expect(forged?.subject_key).toBe("sentry:issue:1");
    expect(forged?.subject_key).toBe(honest?.subject_key);
  });

  test("is the same whether its id is a text or a number", () => {
    expect([about({ comment_id: 7 }, "comment"), about({ comment_id: "7" }, "comment")]).toMatchObject([
      { subject_key: "sentry:comment:7" },
      { subject_key: "sentry:comment:7" },
    ]);
  });

  test("is nothing when nothing known stands there", () => {
    expect(about({ unheard: { id: "1" } }, "unheard")).toMatchObject({
      subject_key: null,
      event_type: "unheard.created",
    });
  });
});

test("the event is named by the body where the header is gone", () => {
  expect(foundBy(sentry, { action: "resolved", data: { issue: { id: "1" } } }).event_type).toBe("issue.resolved");
});

test("a release is no commit, though it is named after one", () => {
  const release = "0123456789abcdef0123456789abcdef01234567";
  const data = { error: { event_id: "e", release }, issue: { id: "1", release } };
  expect(foundBy(sentry, { data, release }).commit_sha).toBeNull();
});

test("there is no order, because the one time that every event has is not signed", () => {
  const body = { data: { issue: { id: "1", lastSeen: "2026-03-02T08:00:00Z" } } };
  expect(foundBy(sentry, body, { headers: { "Sentry-Hook-Timestamp": "1772438400" } }).order).toBeNull();
});

readsAnything(sentry);
