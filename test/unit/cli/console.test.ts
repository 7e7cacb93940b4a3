import { mkdtempSync, readFileSync, rmSync, writeFileSync, chmodSync, existsSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { browserCommand, openBrowser } from "../../../src/cli/browser.ts";
import { buildApiApp } from "../../../src/http/api-app.ts";
import { createLoginCodes, type LoginCodes } from "../../../src/http/console/login-codes.ts";
import { listenPrivately, writeDaemonFile } from "../../../src/http/control-address.ts";
import { holdAnswers } from "../../support/api-answers.ts";
import { entropy, tokensOver } from "../http/console/console-world.ts";
import { AT, aTarget } from "../http/desk-with-runs.ts";
import { type World, cliWorld } from "./cli-world.ts";

const URL_OF_CONSOLE = "http://127.0.0.1:7431";
let world: World;
let close: () => Promise<unknown>;
beforeEach(() => {
  world = cliWorld();
  close = () => Promise.resolve();
});
afterEach(async () => {
  await close();
  await world.close();
});

/** The control socket of a daemon whose console is there, or off. */
async function daemon(consoleUrl: string | null = URL_OF_CONSOLE): Promise<LoginCodes> {
  const clock = { now: () => AT };
  const codes = createLoginCodes(clock, entropy);
  const app = buildApiApp({
    target: aTarget([]),
    clock,
    entropy,
    login: { codes, tokens: tokensOver({ at: AT }).tokens, consoleUrl: () => consoleUrl },
    complain: (_says, reason) => {
      throw reason;
    },
  });
  holdAnswers(app);
  const socket = path.join(world.dir, ".qoc", "c.sock");
  await listenPrivately(socket, (at) => app.listen({ path: at }));
  const started_at = new Date(AT).toISOString();
  writeDaemonFile(world.dir, { pid: process.pid, socket, ingress: null, console: consoleUrl, started_at });
  close = () => app.close();
  return codes;
}

const codeIn = (text: string): string => /#code=([\w-]{32})\n/.exec(text)?.[1] ?? "";

describe("qoc console", () => {
  test("prints an address whose code is good, once, and says so", async () => {
    const codes = await daemon();
    const { exit, stdout, stderr } = await world.qoc("console --print", { terminal: true });
    expect([exit, stdout]).toEqual([0, `${URL_OF_CONSOLE}/#code=${codeIn(stdout)}\n`]);
    expect(stderr).toContain("good once, for 60 seconds");
    expect([codes.trade(codeIn(stdout))?.code, codes.trade(codeIn(stdout))?.code]).toEqual([undefined, "CODE_INVALID"]);
  });

  test("asks for a browser on a terminal, and prints the address all the same", async () => {
    await daemon();
    const asked: string[] = [];
    const parts = { openBrowser: (url: string) => Promise.resolve(asked.push(url) > 0) };
    const { stdout, stderr } = await world.qoc("console", { terminal: true, parts });
    expect(asked).toEqual([stdout.trimEnd()]);
    expect(stderr).toContain("A browser was asked");
  });

  test("says what to do when there is no browser to be seen", async () => {
    await daemon();
    const parts = { openBrowser: () => Promise.resolve(false) };
    const { exit, stderr } = await world.qoc("console", { terminal: true, parts });
    expect([exit, stderr]).toEqual([0, expect.stringContaining("Open it in a browser on this machine.")]);
  });

  test("opens nothing when a program reads the address", async () => {
    await daemon();
    const { exit, json } = await world.qoc("console --json");
    expect([exit, json()]).toEqual([
      0,
      {
        schema: "qoc.console/1",
        url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:7431\/#code=[\w-]{32}$/),
        expires_at: new Date(AT + 60_000).toISOString(),
        opened: false,
      },
    ]);
  });

  test("names the key that turns a console on which is off", async () => {
    await daemon(null);
    const { exit, stdout, stderr } = await world.qoc("console");
    expect([exit, stdout]).toEqual([69, ""]);
    expect(stderr).toMatch(/try: {2}console = "127\.0\.0\.1:7431" below \[daemon\][\s\S]*code: CONSOLE_OFF/);
  });

  test("wants a daemon", async () => {
    const { exit, stderr } = await world.qoc("console");
    expect([exit, stderr]).toEqual([69, expect.stringContaining("DAEMON_UNREACHABLE")]);
  });

  test("is nothing for an agent: the token of its run opens no console", async () => {
    await daemon();
    const env = { QOC_RUN_TOKEN: `qoc_run_${"a".repeat(43)}` };
    const { exit, stdout, stderr } = await world.qoc("console --print", { env });
    expect([exit, stdout]).toEqual([77, ""]);
    expect(stderr).toContain("RUN_TOKEN");
  });
});

describe("the browser", () => {
  test.each([
    ["darwin", {}, "open"],
    ["linux", { DISPLAY: ":0" }, "xdg-open"],
    ["linux", { WAYLAND_DISPLAY: "wayland-0" }, "xdg-open"],
    ["linux", { DISPLAY: "" }, undefined],
    ["linux", {}, undefined],
    ["win32", { DISPLAY: ":0" }, undefined],
  ] as const)("on %s with %j is asked by %s", (platform, env, command) => {
    expect(browserCommand(platform, env)).toBe(command);
  });

  test("gets the address as one argument, whatever a shell would make of it", async () => {
    const dir = mkdtempSync(path.join(tmpdir(), "qoc-browser-"));
    const told = path.join(dir, "told");
    writeFileSync(
      path.join(dir, "xdg-open"),
      `#!/bin/sh\nprintf '%s|' "$#" "$1" > "${told}.part" && mv "${told}.part" "${told}"\n`,
    );
    chmodSync(path.join(dir, "xdg-open"), 0o755);
    const url = "http://127.0.0.1:1/#code=$(touch x);`id`&a b";
    const env = { PATH: `${dir}:${process.env["PATH"] ?? ""}`, DISPLAY: ":0" };
    expect(await openBrowser(url, env, "linux")).toBe(true);
    await expect.poll(() => existsSync(told) && readFileSync(told, "utf8")).toBe(`1|${url}|`);
    rmSync(dir, { recursive: true });
  });

  test("that is not installed is no error", async () => {
    expect(await openBrowser("http://127.0.0.1:1/", { PATH: "/nowhere", DISPLAY: ":0" }, "linux")).toBe(false);
  });
});
