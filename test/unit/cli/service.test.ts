import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { launchdList } from "../../../src/cli/service/launchd.ts";
import type { ServicePlace } from "../../../src/cli/service/place.ts";
import { isUnspeakable } from "../../../src/cli/service/place.ts";
import { systemdUnit } from "../../../src/cli/service/systemd.ts";
import { type World, cliWorld } from "./cli-world.ts";

let world: World;
beforeEach(() => {
  world = cliWorld();
});
afterEach(() => world.close());

/** Of the system, and each only where it is there. */
const [SYSTEMD_ANALYZE, PLUTIL] = ["systemd-analyze", "plutil"] as const;
const NASTY = String.raw`/srv/my "desk" at 50% $HOME \n <&'>`;
const place = (changes: Partial<ServicePlace> = {}): ServicePlace => ({
  name: "equity-desk",
  dir: "/srv/desk",
  node: "/usr/bin/node",
  qoc: "/opt/qoc/main.js",
  user: "ada",
  drain_ms: 20_000,
  ...changes,
});
const has = (program: string): boolean => spawnSync(program, ["--version"]).error === undefined;
const valueOf = (unit: string, key: string): string | undefined =>
  unit
    .split("\n")
    .find((line) => line.startsWith(`${key}=`))
    ?.slice(key.length + 1);

describe("a systemd unit", () => {
  test("starts this desk by absolute paths, and waits longer than the drain", () => {
    const unit = systemdUnit(place(), false);
    expect(valueOf(unit, "ExecStart")).toBe('"/usr/bin/node" "/opt/qoc/main.js" "up" "/srv/desk"');
    expect(valueOf(unit, "WorkingDirectory")).toBe("/srv/desk");
    expect(Number(valueOf(unit, "TimeoutStopSec"))).toBeGreaterThan(20);
    expect(Number(valueOf(systemdUnit(place({ drain_ms: 3_600_000 }), false), "TimeoutStopSec"))).toBeGreaterThan(3600);
  });

  test("gives it the desk to write and nothing more", () => {
    const unit = systemdUnit(place(), false);
    for (const line of ["NoNewPrivileges=true", "ProtectSystem=strict", "PrivateTmp=true", "UMask=0077"])
      expect(unit).toContain(`\n${line}\n`);
    expect(valueOf(unit, "ReadWritePaths")).toBe('"/srv/desk"');
    expect(unit).not.toMatch(/EnvironmentFile|SECRET|--token/);
  });

  test("is a user's or the machine's", () => {
    expect(systemdUnit(place(), false)).toMatch(/\nUser=ada\n[^]*WantedBy=multi-user\.target\n$/);
    const own = systemdUnit(place(), true);
    expect(own).not.toContain("User=");
    expect(own).toMatch(/WantedBy=default\.target\n$/);
    // The socket lies in the runtime folder, which a strict unit may not write without this.
    expect(valueOf(own, "RuntimeDirectory")).toBe("qoc");
  });

  test("quotes what its own syntax would read in a path", () => {
    const unit = systemdUnit(place({ dir: NASTY }), false);
    expect(valueOf(unit, "ExecStart")).toBe(
      String.raw`"/usr/bin/node" "/opt/qoc/main.js" "up" "/srv/my \"desk\" at 50%% $$HOME \\n <&'>"`,
    );
    expect(valueOf(unit, "WorkingDirectory")).toBe(String.raw`/srv/my "desk" at 50%% $HOME \n <&'>`);
    expect(valueOf(unit, "ReadWritePaths")).toBe(String.raw`"/srv/my \"desk\" at 50%% $HOME \\n <&'>"`);
  });

  test("makes room for the control socket where the desk's path is too long for one", () => {
    const unit = systemdUnit(place({ dir: `/srv/${"a".repeat(100)}` }), false);
    expect(unit).toContain("\nEnvironment=XDG_RUNTIME_DIR=/run\n");
    expect(systemdUnit(place(), false)).not.toContain("XDG_RUNTIME_DIR");
  });

  test("is one to systemd, whatever the desk is called", ({ skip }) => {
    skip(!has(SYSTEMD_ANALYZE), "systemd-analyze is not installed");
    const dir = realpathSync(mkdtempSync(path.join(tmpdir(), "qoc-unit-")));
    const desk = path.join(dir, String.raw`my "desk" at 50% $HOME \n <&'>`);
    mkdirSync(desk);
    writeFileSync(path.join(dir, "main.js"), "");
    const file = path.join(dir, "qoc-test.service");
    for (const forUser of [false, true]) {
      const given = place({ dir: desk, node: process.execPath, qoc: path.join(dir, "main.js"), user: "root" });
      writeFileSync(file, systemdUnit(given, forUser));
      const verified = spawnSync(SYSTEMD_ANALYZE, ["verify", ...(forUser ? ["--user"] : []), file], {
        encoding: "utf8",
      });
      expect(verified.stderr.split("\n").filter((line) => line.includes("qoc-test"))).toEqual([]);
    }
    rmSync(dir, { recursive: true });
  });
});

describe("a launchd list", () => {
  test("is XML in which no path is markup", () => {
    const list = launchdList(place({ dir: NASTY, name: "a--b" }), true);
    expect(list).toContain(String.raw`<string>/srv/my "desk" at 50% $HOME \n &lt;&amp;'&gt;</string>`);
    // Two hyphens end a comment early.
    expect(/<!--([^]*?)-->/.exec(list)?.[1]).not.toContain("--");
    expect(list).not.toContain("UserName");
    expect(launchdList(place(), false)).toContain("<key>UserName</key>\n  <string>ada</string>");
  });

  test("is one to plutil", ({ skip }) => {
    skip(!has(PLUTIL), "plutil is not installed");
    const list = launchdList(place({ dir: NASTY }), true);
    expect(execFileSync(PLUTIL, ["-lint", "-"], { input: list, encoding: "utf8" })).toContain("OK");
  });
});

test.each([
  ["a line\nend", true],
  ["/a\u0007b", true],
  ["/a\\", true],
  [" /a", true],
  ["/a b", false],
  [NASTY, false],
])("a path such as %j can not be written at all: %j", (text, isSo) => {
  expect(isUnspeakable(text)).toBe(isSo);
});

describe("qoc service", () => {
  test("prints a unit for the desk it stands in, and no secret", async () => {
    const { exit, stdout } = await world.qoc("service systemd --user");
    expect(exit).toBe(0);
    expect(stdout).toContain(`"up" "${realpathSync(world.dir)}"`);
    expect(stdout).not.toContain("5ca1ab1e");
  });

  test("gives it as JSON too", async () => {
    const { json } = await world.qoc("service launchd --json");
    expect(json()).toMatchObject({ schema: "qoc.service/1", text: expect.stringContaining("<plist") });
  });

  test.each([
    ["caddy", "handle /webhook/* {", "respond 404"],
    ["nginx", "location /webhook/ {", "return 404;"],
    ["cloudflared", "path: ^/webhook/", "http_status:404"],
  ])("%s is shown the webhooks and nothing else", async (proxy, only, otherwise) => {
    const { exit, stdout } = await world.qoc(`service ${proxy} --host hooks.example.com`);
    expect(exit).toBe(0);
    for (const part of [only, otherwise, "hooks.example.com", "127.0.0.1:7430"]) expect(stdout).toContain(part);
    expect(stdout).not.toContain("7431");
  });

  test("tailscale needs no name, and gets the path back that it takes away", async () => {
    const { stdout } = await world.qoc("service tailscale");
    expect(stdout).toContain("--set-path /webhook http://127.0.0.1:7430/webhook\n");
  });

  test("lets through as much as the largest limit of the desk", async () => {
    world.write(
      "desk.toml",
      'name = "equity-desk"\n[daemon]\ningress = "0.0.0.0:8000"\n[[webhook]]\nname = "a"\nprovider = "github"\nsecret = "env:WEBHOOK_SECRET_RISK"\naction = "inbox"\n',
    );
    const { stdout } = await world.qoc("service nginx --host hooks.example.com");
    expect(stdout).toContain("client_max_body_size 25m;");
    expect(stdout).toContain("proxy_pass http://127.0.0.1:8000;");
  });

  test.each(["'a b'", "a;b", "'a\nb'", "-a", "a..b", "'x { }'"])("%s is no host's name", async (host) => {
    const { exit, stdout } = await world.qoc(`service nginx --host=${host}`);
    expect([exit, stdout]).toEqual([64, ""]);
  });

  test("says what is missing", async () => {
    const { exit, stderr } = await world.qoc("service caddy");
    expect(exit).toBe(64);
    expect(stderr).toContain("qoc service caddy --host hooks.example.com");
  });
});
