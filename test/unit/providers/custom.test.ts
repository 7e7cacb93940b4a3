import { createHmac } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { customProvider } from "../../../src/providers/custom.ts";
import type { CustomSender, PayloadMap } from "../../../src/providers/provider.ts";
import { hmacOfBody, type SignatureScheme } from "../../../src/providers/scheme.ts";
import { foundBy, verdictOn } from "./found-by.ts";

const scheme = hmacOfBody("x-signature", "");
const timed: SignatureScheme = {
  ...scheme,
  signed: "{id}.{timestamp}.{body}",
  timestamp: { from: "header", names: ["x-time"], unit: "s", tolerance_s: 60 },
  id_headers: ["x-id"],
};
const token: SignatureScheme = { ...scheme, algorithm: "token", headers: ["x-token"] };
const sender = (over: Partial<CustomSender> = {}) =>
  customProvider({ scheme, id_header: null, event_header: null, ack_status: 202, handshake: null, ...over });

const found = (body: unknown, over: Partial<CustomSender>, headers = {}, map: PayloadMap = { event: "/event" }) =>
  foundBy(sender(over), body, { headers, map });

test("is what its description says", () => {
  const handshake = { pointer: "/type", value: "hello", echo: "/token" };
  expect(sender({ ack_status: 200, handshake })).toMatchObject({
    name: "custom",
    schemes: [scheme],
    acknowledgement: { status: 200, body: "receipt" },
    handshake,
  });
});

test("verifies by the scheme of its description", () => {
  const [body, id, time_s] = ["{}", "d-1", 1_772_438_400];
  const signature = createHmac("sha256", "s3cret").update(`${id}.${time_s}.${body}`).digest("hex");
  const headers = { "X-Signature": signature, "X-Id": id, "X-Time": `${time_s}` };
  const sent = { body, headers, secrets: ["s3cret"], now_ms: time_s * 1000 };
  expect(verdictOn(sender({ scheme: timed }), sent)).toBe(0);
  expect(verdictOn(sender({ scheme: timed }), { ...sent, headers: { ...headers, "X-Id": "d-2" } })).toBe("MISMATCH");
});

describe("the event", () => {
  test("is the mapped one before the header's: the body is signed", () => {
    expect(found({ event: "signed" }, { event_header: "x-event" }, { "X-Event": "sent" }).event_type).toBe("signed");
  });
  test("is the header's where the map finds none", () => {
    expect(found({}, { event_header: "x-event" }, { "X-Event": "sent" }).event_type).toBe("sent");
  });
  test("is none where neither has it", () => {
    expect(found({}, { event_header: "x-event" }, { "X-Other": "sent" }).event_type).toBeNull();
  });
});

describe("the delivery's id", () => {
  const map = { event: "/event", id: "/id" };
  test("is the mapped one before the header's", () => {
    expect(found({ id: "signed" }, { id_header: "x-id" }, { "X-Id": "sent" }, map).delivery_id).toBe("signed");
  });
  test("is the header's where the map finds none", () => {
    expect(found({}, { id_header: "x-id" }, { "X-Id": "sent" }, map).delivery_id).toBe("sent");
  });
  test.each([
    ["with a blank", "a b"],
    ["too long", "a".repeat(129)],
    ["empty", ""],
  ])("is the body's hash for a header that is %s", (_name, value) => {
    expect(found({}, { id_header: "x-id" }, { "X-Id": value }, map).delivery_id).toMatch(/^[0-9a-f]{64}$/);
  });
  test("decides with the bytes what is a duplicate; without one the bytes do", () => {
    expect([sender({ id_header: "x-id" }).dedupe, sender().dedupe]).toEqual(["id+body", "body"]);
  });
});

test("the other facts stand where the map says", () => {
  const map = { event: "/e", actor: "/who", project: "/p", ref: "/r", subject: "/s", updated_at: "/t" };
  expect(found({ e: "push", who: "ada", p: "desk", r: "main", s: "thing", t: 7 }, {}, {}, map)).toMatchObject({
    provider: "custom",
    event_type: "push",
    actor: "ada",
    project: "desk",
    ref: "main",
    subject_key: "thing",
    order: { kind: "mark", mark: "00000000000000000007", rank: 0 },
  });
});

describe("of the headers", () => {
  test("those are kept that say how to read the body and how it was signed", () => {
    expect(sender({ scheme: timed, id_header: "x-id", event_header: "x-event" }).headers_kept).toEqual([
      "content-type",
      "content-length",
      "user-agent",
      "x-signature",
      "x-id",
      "x-time",
      "x-event",
    ]);
  });

  test("one that holds the secret itself is neither kept nor a fact", () => {
    const over = { scheme: token, id_header: "x-token", event_header: "x-token" };
    expect(sender(over).headers_kept).not.toContain("x-token");
    expect(sender(over).dedupe).toBe("body");
    expect(JSON.stringify(found({}, over, { "X-Token": "s3cret" }))).not.toContain("s3cret");
  });

  test.each(["authorization", "proxy-authorization", "cookie"])("%s is neither kept nor a fact", (name) => {
    const over = { scheme: hmacOfBody(name, ""), id_header: name, event_header: name };
    expect(sender(over).headers_kept).toEqual(["content-type", "content-length", "user-agent"]);
    expect(JSON.stringify(found({}, over, { [name]: "s3cret" }))).not.toContain("s3cret");
  });
});

test("whatever the JSON, the pointers and the headers: facts, and no exception", () => {
  const pointer = fc.oneof(fc.constantFrom("/event", "", "/0", "/~", "event"), fc.string());
  const text = fc.string({ unit: "binary" });
  fc.assert(
    fc.property(fc.jsonValue(), pointer, text, (body, at, sent) => {
      const map = { event: at, id: at, commit_sha: at, subject: at, updated_at: at };
      const facts = found(body, { id_header: "x-id", event_header: "x-event" }, { "x-id": sent, "x-event": sent }, map);
      expect(facts.delivery_id.length).toBeGreaterThan(0);
      expect(JSON.stringify(facts).length).toBeLessThan(8 * 1024);
    }),
  );
});
