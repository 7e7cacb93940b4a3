import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { durationMs, endpointOf, endpointText, forms, sizeBytes, sizeText } from "../../../src/config/forms.ts";

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
  ["secret", "env:A_1", true],
  ["secret", "env:1A", false],
  ["secret", "file:", false],
] as const)("the form %s of %j: %s", (form, text, fits) => {
  expect(forms[form].pattern.test(text)).toBe(fits);
});
