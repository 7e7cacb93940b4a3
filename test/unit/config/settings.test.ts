import { expect, test } from "vitest";
import { changesNeedingRestart, describeConfig } from "../../../src/config/settings.ts";
import { configKeys } from "../../../src/config/keys.ts";
import { desk, deskOf, webhook } from "./load-text.ts";

const changes = (old: string, next: string): readonly string[] => changesNeedingRestart(deskOf(old), deskOf(next));

test("a desk is described with every key of the schema", () => {
  const shown = describeConfig(deskOf(desk(webhook()))).map(({ key }) => key.replace("webhook.a.", "webhook.*."));
  expect(shown).toEqual(configKeys.map(({ path }) => path.join(".")));
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

test("the same name in the other form is the same", () => {
  expect(changes('name = "a"', '[workspace]\nname = "a"')).toEqual([]);
});
