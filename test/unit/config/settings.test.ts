import { expect, test } from "vitest";
import { changesNeedingRestart, describeConfig } from "../../../src/config/settings.ts";
import { configKeys } from "../../../src/config/keys.ts";
import { customWebhook, desk, deskOf, webhook } from "./load-text.ts";

const changes = (old: string, next: string): readonly string[] => changesNeedingRestart(deskOf(old), deskOf(next));

const shownFor = (text: string): readonly string[] =>
  describeConfig(deskOf(desk(text))).map(({ key }) => key.replace("webhook.a.", "webhook.*."));
/** Every key but those of tables of which the desk has none. */
const ofWebhooks = configKeys
  .filter(({ path }) => !path.includes("*") || path[0] === "webhook")
  .map(({ path }) => path.join("."));
const outside = (...tables: readonly string[]): readonly string[] =>
  ofWebhooks.filter((key) => !tables.some((table) => key.startsWith(`webhook.*.${table}.`)));

test("a webhook of a sender that it describes has every key of the schema", () => {
  expect(shownFor(customWebhook())).toEqual(ofWebhooks);
});

test("a webhook has no keys of tables that its sender does not have", () => {
  expect(shownFor(webhook())).toEqual(outside("scheme"));
  expect(shownFor(webhook('provider = "github"'))).toEqual(outside("scheme", "map"));
});

test.each([
  [webhook(), "dedupe", "body", "default"],
  [webhook(), "body_limit", null, "default"],
  [webhook('provider = "github"'), "dedupe", "id+body", "default"],
  [webhook('provider = "github"'), "body_limit", "25MiB", "default"],
  [webhook('provider = "github"\ndedupe = "body"\nbody_limit = "1MiB"'), "body_limit", "1MiB", "workspace"],
  [customWebhook('id_header = "X-Id"'), "dedupe", "id+body", "default"],
  [customWebhook(), "scheme.tolerance", "5m", "default"],
  [customWebhook("ack_status = 200"), "scheme.ack_status", 200, "workspace"],
])("in %j, %s is %j from %s", (text, key, value, origin) => {
  expect(describeConfig(deskOf(desk(text)))).toContainEqual({ key: `webhook.a.${key}`, value, origin });
});

test("a list is shown with its items, one that is left out with none", () => {
  const shown = describeConfig(deskOf(desk('[evidence]\npublic_allowlist = ["/subject/id", "/artifacts/*/bytes"]')));
  expect(shown).toContainEqual({
    key: "evidence.public_allowlist",
    value: "/subject/id, /artifacts/*/bytes",
    origin: "workspace",
  });
  expect(shown).toContainEqual({ key: "evidence.public_artifact_kinds", value: "", origin: "default" });
});

test("a description never holds a secret", () => {
  const loaded = deskOf(desk(webhook()).replace('"env:S"', '["env:S", "file:k"]'), {
    env: { S: "hunter2" },
    files: { k: "hunter2" },
  });
  expect(describeConfig(loaded)).toContainEqual({
    key: "webhook.a.secret",
    value: "env:S (set), file:k (set)",
    origin: "workspace",
  });
  expect(JSON.stringify(loaded)).not.toContain("hunter2");
});

test("new webhooks and limits need no restart", () => {
  expect(changes(desk(), desk(`[daemon]\ndrain = "1s"\nlog_level = "warn"\n${webhook()}`))).toEqual([]);
});

test("another name or another port needs one", () => {
  expect(changes(desk(), 'name = "other"\n[daemon]\ningress = "127.0.0.1:1"\nconsole = "off"')).toEqual([
    "name",
    "daemon.ingress",
    "daemon.console",
  ]);
});

test.each([
  ["approval.require", 'require = "local"'],
  ["approval.approvers", "approvers = 2"],
])("whose word a draft needs is not changed by a reload: %s", (key, line) => {
  expect(changes(desk(), desk(`[approval]\n${line}\n${webhook()}`))).toEqual([key]);
});

test("the same name in the other form is the same", () => {
  expect(changes('name = "a"', '[workspace]\nname = "a"')).toEqual([]);
});
