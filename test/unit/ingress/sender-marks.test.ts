import { describe, expect, test } from "vitest";
import { failureKind, markCount } from "../../../src/ingress/sender-marks.ts";
import { isProviderName, providerFor, providers } from "../../../src/providers/index.ts";
import { hmacOfBody } from "../../../src/providers/scheme.ts";
import { bytes, rawOf } from "./failed-delivery.ts";

const kindOf = (
  headers: Readonly<Record<string, string>>,
  provider = providerFor({ kind: "preset", name: "github" }),
) => failureKind(rawOf(headers, bytes("{}")), provider);

/** What proxies, load balancers and every client add. */
const ANYBODYS = [
  "host",
  "accept",
  "user-agent",
  "content-type",
  "content-length",
  "x-request-id",
  "request-id",
  "x-request-uuid",
  "x-correlation-id",
  "idempotency-key",
  "x-webhook-id",
  "x-attempt-number",
  "x-event-time",
  "x-forwarded-for",
  "traceparent",
  "date",
];

describe("the mark of a sender", () => {
  test.each(Object.keys(providers).filter(isProviderName))("%s is none that anybody's request has", (name) => {
    const headers = Object.fromEntries(ANYBODYS.map((each) => [each, "1"]));
    expect(markCount(rawOf(headers, bytes("{}")), providers[name])).toBe(0);
  });

  test.each([
    ["github", "x-github-event"],
    ["gitlab", "x-gitlab-event"],
    ["bitbucket", "x-hook-uuid"],
    ["bitbucket-server", "x-event-key"],
    ["jira", "x-atlassian-webhook-identifier"],
    ["pagerduty", "x-webhook-subscription"],
    ["slack", "x-slack-request-timestamp"],
    ["shopify", "x-shopify-topic"],
    ["linear", "linear-event"],
    ["sentry", "sentry-hook-resource"],
    ["standard-webhooks", "svix-id"],
    ["twilio", "i-twilio-idempotency-token"],
    ["qoc", "x-qoc-delivery"],
  ] as const)("%s is a header with its name, such as %s", (name, header) => {
    expect(markCount(rawOf({ [header]: "1" }, bytes("{}")), providers[name])).toBe(1);
  });

  test("of a sender that desk.toml describes is a header that is named there, unless anybody's request may have it", () => {
    const sender = { scheme: hmacOfBody("x-acme-sig", ""), event_header: "x-acme-event", id_header: "x-request-id" };
    const provider = providerFor({ kind: "custom", sender: { ...sender, ack_status: 202, handshake: null } });
    const counts = ["x-acme-event", "x-request-id", "user-agent"].map((name) =>
      markCount(rawOf({ [name]: "1" }, bytes("{}")), provider),
    );
    expect(counts).toEqual([1, 0, 0]);
  });
});

describe("a request that failed", () => {
  test.each([
    ["signed", "with the sender's signature", { "x-hub-signature-256": "sha256=00" }],
    ["signed", "with the signature of another sender", { "x-slack-signature": "v0=00" }],
    ["unsigned", "with the sender's marks and no signature", { "x-github-event": "push" }],
    ["knock", "with neither", { "user-agent": "curl/8", "x-request-id": "7" }],
    ["knock", "with the marks of another sender alone", { "x-gitlab-event": "Push Hook" }],
    ["knock", "with neither, and compressed", { "content-encoding": "gzip" }],
  ] as const)("is %s %s", (kind, _with, headers) => {
    expect(kindOf(headers)).toBe(kind);
  });
});
