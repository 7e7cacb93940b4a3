import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readDesk } from "../../../src/config/read-desk.ts";
import { desk, webhook } from "./load-text.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), "qoc-config-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

function put(name: string, content: string | Uint8Array, mode = 0o600): void {
  mkdirSync(path.dirname(path.join(dir, name)), { recursive: true });
  writeFileSync(path.join(dir, name), content);
  chmodSync(path.join(dir, name), mode);
}

const read = (env: Readonly<Record<string, string>> = {}) =>
  readDesk({ dir, globalFile: path.join(dir, "home", "config.toml"), env });

const said = (): readonly string[] => {
  const loaded = read();
  return loaded.kind === "problems"
    ? loaded.problems.map((each) => `${path.relative(dir, each.file)}: ${each.says}`)
    : [];
};

test("a desk is read from its folder, its secrets from .env.qoc", () => {
  put("desk.toml", desk(webhook()));
  put(".env.qoc", "S=hidden\n");
  expect(read()).toMatchObject({ kind: "config", desk: { name: "desk", webhooks: [{ name: "a" }] } });
});

test("the global file lies under it", () => {
  put("desk.toml", desk());
  put("home/config.toml", '[daemon]\nlog_level = "debug"');
  expect(read()).toMatchObject({ kind: "config", desk: { daemon: { log_level: "debug" } } });
});

test("a secret's file is looked for beside desk.toml", () => {
  put("desk.toml", desk(webhook().replace("env:S", "file:keys/a")));
  put("keys/a", new Uint8Array([0xff, 0x00, 0x0a]));
  const loaded = read();
  expect(loaded.kind === "config" && loaded.desk.webhooks[0]?.secrets[0]?.reveal()).toEqual(
    new Uint8Array([0xff, 0x00]),
  );
});

test("a folder without desk.toml is answered with the command that makes one", () => {
  expect(said()).toEqual([`desk.toml: does not exist; "qoc init ${dir}" makes a desk`]);
});

test("a .env.qoc that others can open is refused, together with every other problem", () => {
  put("desk.toml", desk("[daemon]\ndrain = 5"));
  put(".env.qoc", "S=hidden\n", 0o644);
  expect(said()).toEqual([
    `.env.qoc: is open to others; run: chmod 600 ${path.join(dir, ".env.qoc")}`,
    "desk.toml: must be a duration, a whole number and one of ms, s, m, h, d",
  ]);
});

test("a file that is not UTF-8 is refused", () => {
  put("desk.toml", new Uint8Array([0x61, 0xff]));
  expect(said()).toEqual(["desk.toml: is not UTF-8"]);
});

test("a folder in the place of a file is refused", () => {
  mkdirSync(path.join(dir, "desk.toml"));
  expect(said()).toEqual(["desk.toml: cannot be read (not a file)"]);
});

test("a file without measure is refused unread", () => {
  put("desk.toml", "#".repeat(1024 * 1024 + 1));
  expect(said()).toEqual(["desk.toml: cannot be read (over 1048576 bytes)"]);
});

test("reading again sees what was edited", () => {
  put("desk.toml", desk());
  const before = read();
  put("desk.toml", 'name = "other"');
  expect([before, read()]).toMatchObject([{ desk: { name: "desk" } }, { desk: { name: "other" } }]);
});
