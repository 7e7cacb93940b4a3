import { expect, test } from "vitest";
import { BODY_BYTES_DEFAULT, BODY_BYTES_MAX, MAIL_WAITING_MAX } from "../../../src/core/limits.ts";
import { sizeBytes } from "../../../src/config/forms.ts";
import { configJsonSchema, configKeys, keyAt, namesIn } from "../../../src/config/keys.ts";
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
  expect(namesIn([])).toEqual(["name", "workspace", "daemon", "webhook"]);
  expect(namesIn(["workspace"])).toEqual(["name"]);
  expect(namesIn(["webhook", 0, "map"])).toContain("commit_sha");
});

test("a section that is left out has its defaults", () => {
  expect(DeskSchema.parse({}).daemon.drain).toBe("20s");
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
