import { Webhook } from "standardwebhooks";
import { describe, expect, test } from "vitest";
import { shownUrl } from "../../../src/config/forms.ts";
import { Secret } from "../../../src/config/secrets.ts";
import { notificationAddress, runIdOf } from "../../../src/core/ids.ts";
import { evidenceIdOf } from "../../../src/core/ids.ts";
import { signMessage } from "../../../src/notify/message.ts";
import { notificationBody, testBody } from "../../../src/notify/payload.ts";
import { retryAfterMs, verdictOn, type Reply } from "../../../src/notify/post.ts";
import { checkUrl } from "../../../src/notify/target.ts";

const RUN = runIdOf("00000000-0000-8000-8000-000000000001");
const ID = notificationAddress(RUN, 1, "ops");
const key = (bytes: number): string => Buffer.alloc(bytes, 7).toString("base64");
const WHSEC = `whsec_${key(32)}`;
const secret = (text: string): Secret => new Secret(new TextEncoder().encode(text), "env:OPS");
const now = Date.parse("2026-07-05T14:22:00.500Z");

describe("a signed message", () => {
  test("is taken by another's receiver, and not when a byte of it is another", () => {
    const at = Date.now();
    const message = signMessage(ID, at, testBody("desk", at), secret(WHSEC));
    const oracle = new Webhook(WHSEC);
    const text = Buffer.from(message?.body ?? []).toString();
    expect(oracle.verify(text, { ...message?.headers })).toMatchObject({ type: "test", data: { workspace: "desk" } });
    expect(() => oracle.verify(`${text} `, { ...message?.headers })).toThrow("No matching signature");
    expect(() => oracle.verify(text, { ...message?.headers, "webhook-id": `${ID}x` })).toThrow("No matching signature");
  });

  test("is named by its actor and timed in whole seconds", () => {
    expect(signMessage(ID, now, new Uint8Array(), secret(WHSEC))?.headers).toMatchObject({
      "webhook-id": `notification/${RUN}/1/ops`,
      "webhook-timestamp": "1783261320",
      "webhook-signature": expect.stringMatching(/^v1,[A-Za-z0-9+/]{43}=$/),
    });
  });

  test.each([
    ["nothing", ""],
    ["a prefix alone", "whsec_"],
    ["a key without its prefix", key(32)],
    ["a public key", `whpk_${key(32)}`],
    ["what is no base64", `whsec_${"*".repeat(44)}`],
    ["base64 that is cut off", `whsec_${key(32).slice(0, -1)}`],
    ["a key that is too short", `whsec_${key(23)}`],
    ["a key that is too long", `whsec_${key(65)}`],
    ["a line end behind it", `${WHSEC}\n`],
  ])("is not made with %s", (_says, text) => {
    expect(signMessage(ID, now, new Uint8Array(), secret(text))).toBeUndefined();
  });

  test.each([24, 64])("is made with a key of %i bytes", (bytes) => {
    expect(signMessage(ID, now, new Uint8Array(), secret(`whsec_${key(bytes)}`))).toBeDefined();
  });
});

test("what a target reads are ids and states, in one order", () => {
  const about = { workspace: "desk", evidence_id: evidenceIdOf("00000000-0000-7000-8000-000000000001") };
  const asked = { run: RUN, n: 2, target: "ops", webhook: "risk", task: null, outcome: "denied", drafts: 2 } as const;
  const body = notificationBody({ ...asked, event: "run.finalized" }, about, now);
  expect(Buffer.from(body).toString()).toBe(
    `{"type":"run.finalized","timestamp":"2026-07-05T14:22:00.500Z","data":{"workspace":"desk","run":"${RUN}","webhook":"risk",` +
      `"task":null,"state":"sealed","outcome":"denied","evidence_id":"00000000-0000-7000-8000-000000000001","drafts":2}}`,
  );
  const states = (["approval.requested", "run.stuck"] as const).map(
    (event) => JSON.parse(Buffer.from(notificationBody({ ...asked, event }, about, now)).toString()).data.state,
  );
  expect(states).toEqual(["awaiting-approval", "stuck"]);
});

describe("a URL", () => {
  test.each([
    ["https://example.com/hook?key=1", false, "url"],
    ["http://example.com/", true, "url"],
    ["http://example.com/", false, "its URL is http:, which takes allow_private = true"],
    ["https://user@example.com/", true, "its URL has a user or a password in it"],
    ["https://:secret@example.com/", false, "its URL has a user or a password in it"],
    ["ftp://example.com/", true, "its URL is neither https: nor http:"],
    ["file:///etc/passwd", true, "its URL is neither https: nor http:"],
    ["unix:/run/docker.sock", true, "its URL is neither https: nor http:"],
    ["/relative", true, "its URL cannot be read"],
    ["https://", true, "its URL cannot be read"],
    ["", true, "its URL cannot be read"],
  ])("%j with allow_private = %s: %s", (url, allow_private, says) => {
    const checked = checkUrl({ url, allow_private });
    expect(checked.kind === "url" ? "url" : checked.reason).toBe(says);
  });

  test.each([
    ["https://hooks.example.com/services/T0/B0/canary?key=canary#canary", "https://hooks.example.com/…"],
    ["https://example.com:8443/?key=canary", "https://example.com:8443/…"],
    ["https://canary:canary@example.com/", "https://example.com"],
    ["https://example.com", "https://example.com"],
    ["javascript:canary", "(no URL)"],
    ["canary", "(no URL)"],
  ])("%j is shown as %s", (url, shown) => expect(shownUrl(url)).toBe(shown));
});

describe("an answer", () => {
  const answered = (status: number): Reply => ({
    kind: "answered",
    status,
    retry_after: null,
    body: new Uint8Array(),
  });
  test.each([
    [200, "delivered"],
    [202, "delivered"],
    [299, "delivered"],
    [300, "refused"],
    [302, "refused"],
    [307, "refused"],
    [400, "refused"],
    [401, "refused"],
    [404, "refused"],
    [408, "failed"],
    [410, "refused"],
    [425, "failed"],
    [429, "failed"],
    [499, "refused"],
    [500, "failed"],
    [503, "failed"],
    [599, "failed"],
    [999, "failed"],
  ])("of %i is %s", (status, kind) => expect(verdictOn(answered(status)).kind).toBe(kind));

  test.each([
    ["0", 0],
    ["120", 120_000],
    ["Sun, 05 Jul 2026 14:23:00 GMT", 59_500],
    ["Sun, 05 Jul 2026 14:00:00 GMT", 0],
    ["Sun, 99 Jul 2026 14:00:00 GMT", null],
    ["-5", null],
    ["1.5", null],
    ["1e9", null],
    ["9999999999", null],
    ["2026-07-05", null],
    ["soon", null],
    ["", null],
    [null, null],
  ])("that says to come again after %j means %j ms", (text, ms) => expect(retryAfterMs(text, now)).toBe(ms));
});
