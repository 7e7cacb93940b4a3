import { expect, test } from "vitest";
import { BODY_BYTES_DEFAULT, BODY_BYTES_MAX, MAIL_WAITING_MAX } from "../../../src/core/limits.ts";
import { sizeBytes } from "../../../src/config/forms.ts";
import { configJsonSchema, configKeys, keyAt, namesIn } from "../../../src/config/keys.ts";
import { senderNames } from "../../../src/config/senders.ts";
import { DeskSchema } from "../../../src/config/schema.ts";

test("every key has a reason", () => {
  expect(configKeys.filter(({ reason }) => reason === "")).toEqual([]);
});

test("defaults are the limits of the core", () => {
  expect(sizeBytes(String(keyAt(["daemon", "body_limit"])?.default))).toBe(BODY_BYTES_DEFAULT);
  expect(keyAt(["daemon", "mail_waiting_max"])?.default).toBe(MAIL_WAITING_MAX);
  expect(BODY_BYTES_MAX).toBe(25 * 1024 * 1024);
});

test("a key is found by a path with places in lists", () => {
  expect(keyAt(["webhook", 3, "map", "event"])?.default).toBe("/event");
  expect(keyAt(["webhook", 3, "map"])).toBeUndefined();
  expect(keyAt(["webhook", "3", "name"])).toBeUndefined();
});

test("the names that a table may hold are known", () => {
  expect(namesIn([])).toEqual([
    "name",
    "workspace",
    "daemon",
    "evidence",
    "redaction",
    "agent",
    "context",
    "risk",
    "approval",
    "connector",
    "draft",
    "notify",
    "inspect",
    "telemetry",
    "webhook",
  ]);
  expect(namesIn(["workspace"])).toEqual(["name"]);
  expect(namesIn(["webhook", 0, "map"])).toContain("commit_sha");
});

test("a list of texts is one key", () => {
  expect(keyAt(["evidence", "public_allowlist"])).toMatchObject({ default: [] });
  expect(namesIn(["evidence"])).toEqual(["public_allowlist", "public_artifact_kinds", "witness"]);
});

test("a section that is left out has its defaults", () => {
  expect(DeskSchema.parse({}).daemon.drain).toBe("20s");
});

/** Every pattern anywhere in the schema. */
function patternsIn(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) =>
    key === "pattern" && typeof value === "string" ? [value] : patternsIn(value),
  );
}

test("the patterns of the JSON schema are patterns to a validator that reads Unicode", () => {
  const patterns = patternsIn(configJsonSchema());
  expect(patterns.length).toBeGreaterThan(30);
  expect(patterns.filter((pattern) => !new RegExp(pattern, "u").test("env:A"))).toEqual([]);
});

test("the JSON schema knows the senders, and numbers that no text can stand for", () => {
  const text = JSON.stringify(configJsonSchema());
  expect(text).toContain(JSON.stringify({ enum: senderNames }).slice(1, -1));
  expect(keyAt(["webhook", 0, "scheme", "ack_status"])).toMatchObject({ default: 202, choices: ["202", "200"] });
  expect(text).toContain('"enum":[202,200]');
});

test("the JSON schema refuses unknown keys and lets any text come from the environment", () => {
  const schema = configJsonSchema();
  const daemon = schema.properties?.["daemon"];
  const drain = typeof daemon === "object" ? daemon.properties?.["drain"] : undefined;
  const level = typeof daemon === "object" ? daemon.properties?.["log_level"] : undefined;
  expect(schema).toMatchObject({ title: "desk.toml", additionalProperties: false });
  expect(drain).toMatchObject({ type: "string", default: "20s" });
  expect("env:DRAIN").toMatch(new RegExp(typeof drain === "object" ? (drain.pattern ?? "$^") : "$^"));
  expect("20 s").not.toMatch(new RegExp(typeof drain === "object" ? (drain.pattern ?? "$^") : "$^"));
  expect(level).toMatchObject({ anyOf: [{ enum: expect.arrayContaining(["info"]) }, { pattern: expect.any(String) }] });
});
