import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  durationMs,
  endpointOf,
  endpointText,
  forms,
  sizeBytes,
  sizeText,
  timeSourceOf,
} from "../../../src/config/forms.ts";

test.each([
  ["250ms", 250],
  ["20s", 20_000],
  ["5m", 300_000],
  ["24h", 86_400_000],
  ["7d", 604_800_000],
])("the duration %s is %d ms", (text, ms) => {
  expect(durationMs(text)).toBe(ms);
});

test.each(["", "20", "s", "0s", "-1s", "1.5h", "20 s", "20S", "1w", "1s1", "0020s", "9999999999s"])(
  "%j is no duration",
  (text) => {
    expect(durationMs(text)).toBeNull();
  },
);

test.each([
  ["512B", 512],
  ["512KiB", 524_288],
  ["1MiB", 1_048_576],
  ["2GiB", 2_147_483_648],
])("the size %s is %d bytes", (text, bytes) => {
  expect(sizeBytes(text)).toBe(bytes);
});

test.each(["", "1", "0MiB", "1MB", "1mib", "1 MiB", "1.5MiB", "-1MiB"])("%j is no size", (text) => {
  expect(sizeBytes(text)).toBeNull();
});

test("a size as text is the same size again", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 29 }), (bytes) => {
      expect(sizeBytes(sizeText(bytes))).toBe(bytes);
    }),
    { seed: 1 },
  );
});

describe("an endpoint", () => {
  test.each([
    ["127.0.0.1:7430", { host: "127.0.0.1", port: 7430 }],
    ["localhost:0", { host: "localhost", port: 0 }],
    ["[::1]:65535", { host: "::1", port: 65_535 }],
  ])("%s has a host and a port", (text, endpoint) => {
    expect(endpointOf(text)).toEqual(endpoint);
    expect(endpointText(endpoint)).toBe(text);
  });

  test.each([
    "",
    "7430",
    ":7430",
    "localhost",
    "localhost:",
    "localhost:65536",
    "::1:80",
    "http://a:80",
    "a:80/",
    "off",
  ])("is not %j", (text) => {
    expect(endpointOf(text)).toBeNull();
  });
});

test.each([
  ["name", "a", true],
  ["name", "0-desk", true],
  ["name", "a".repeat(63), true],
  ["name", "a".repeat(64), false],
  ["name", "-a", false],
  ["name", "A", false],
  ["name", "a_b", false],
  ["name", "a\n", false],
  ["task", "risk-review", true],
  ["task", "../x", false],
  ["task", "a/b", false],
  ["task", ".hidden", false],
  ["pointer", "/a/b~1c/0", true],
  ["pointer", "/", true],
  ["pointer", "a", false],
  ["pointer", "/a~2", false],
  ["console", "off", true],
  ["url", "https://example.com", true],
  ["url", "http://[::1]:8080/webhook/a/b?c=d&e", true],
  ["url", "https://me@example.com/", false],
  ["url", "https://example.com/#rc=2&rp=all", true],
  ["url", "https://example.com#rc=2", true],
  ["url", "https://example.com/#a#b", false],
  ["url", "https://example.com/#", false],
  ["url", "https://example.com/a b", false],
  ["url", "https://", false],
  ["url", "ftp://example.com", false],
  ["header", "X-Hub-Signature-256", true],
  ["header", "x_sig", true],
  ["header", "X Sig", false],
  ["header", "X-Sig:", false],
  ["header", "X-Sig\n", false],
  ["header", "", false],
  ["separator", ",", true],
  ["separator", " ", true],
  ["separator", "; ", true],
  ["separator", "v", false],
  ["separator", "\t", false],
  ["field", "sha256", true],
  ["field", "sha256=", false],
  ["signed", "{body}", true],
  ["signed", "v0:{timestamp}:{body}", true],
  ["signed", "{id}.{timestamp}.{body}", true],
  ["signed", "{body}{timestamp}", true],
  ["signed", "{timestamp}\n{body}", true],
  ["signed", "{timestamp}", false],
  ["signed", "{body}{body}", false],
  ["signed", "{body}{url}", false],
  ["signed", "{{body}}", false],
  ["signed", "twilio", false],
  ["time", "header:X-Time", true],
  ["time", "field:t", true],
  ["time", "body:/data/time", true],
  ["time", "body:", false],
  ["time", "body:time", false],
  ["time", "X-Time", false],
  ["prefix", "whsec_", true],
  ["prefix", "a b", false],
  ["word", "url verification", true],
  ["word", "a\tb", false],
  ["secret", "env:A_1", true],
  ["secret", "env:1A", false],
  ["secret", "file:", false],
] as const)("the form %s of %j: %s", (form, text, fits) => {
  expect(forms[form].pattern.test(text)).toBe(fits);
});

test.each([
  ["header:X-Time", { from: "header", name: "X-Time" }],
  ["field:t", { from: "field", name: "t" }],
  ["body:/a:b", { from: "body", name: "/a:b" }],
  ["header:", null],
  ["header:X Time", null],
  ["query:t", null],
])("a time at %j stands at %j", (text, source) => {
  expect(timeSourceOf(text)).toEqual(source);
});

test("no text of any length keeps a form busy", () => {
  const evil = ["{id}".repeat(50_000), "/~".repeat(50_000), " ".repeat(100_000), `https://${"a.".repeat(50_000)}@`];
  const started = performance.now();
  const fits = Object.values(forms).flatMap(({ pattern }) => evil.filter((text) => pattern.test(text)));
  expect(fits).toEqual([]);
  expect(performance.now() - started).toBeLessThan(1000);
});
