import { createServer } from "node:http";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { clockCheck } from "../../../src/cli/clock-check.ts";
import { doorChecks } from "../../../src/cli/door-checks.ts";
import { mendModes, modeChecks } from "../../../src/cli/mode-checks.ts";
import { buildConsoleApp } from "../../../src/http/console-app.ts";
import { type World, cliWorld } from "./cli-world.ts";

const closers: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** Answers everything with one status, as whatever took the port would. */
async function server(status: number): Promise<string> {
  const all = createServer((request, response) => {
    request.resume();
    response.writeHead(status).end();
  });
  await new Promise<void>((resolve) => all.listen(0, "127.0.0.1", resolve));
  closers.push(() => new Promise((resolve) => all.close(resolve)));
  const address = all.address();
  return `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
}

async function theConsole(): Promise<string> {
  let port = 0;
  const app = buildConsoleApp({
    hosts: () => [`127.0.0.1:${port}`],
    tokens: { accepts: () => false, isLive: () => false },
    files: new Map(),
    addRoutes: (routes) => {
      routes.get("/healthz", () => ({ status: "ok" }));
      routes.get("/api/status", () => ({}));
    },
    complain: () => undefined,
  });
  await app.listen({ host: "127.0.0.1", port: 0 });
  closers.push(() => app.close());
  const address = app.server.address();
  port = typeof address === "object" ? (address?.port ?? 0) : 0;
  return `http://127.0.0.1:${port}`;
}
const named = async (doors: Parameters<typeof doorChecks>[0], name: string) =>
  (await doorChecks(doors)).find((check) => check.name === name);

describe("the console's port, looked at from outside", () => {
  test("refuses each stranger, as it must", async () => {
    const check = await named({ ingress: null, console: await theConsole() }, "console");
    expect(check).toMatchObject({ verdict: "ok", says: expect.stringContaining("a foreign Host (DNS rebinding)") });
  });

  test("that takes everybody is wrong, with each that it took", async () => {
    const check = await named({ ingress: null, console: await server(200) }, "console");
    expect(check?.verdict).toBe("wrong");
    for (const part of ["a foreign Host (DNS rebinding) got 200 and not 421", "a foreign Origin", "without a token"])
      expect(check?.says).toContain(part);
  });

  test("that nobody answers on is worth a look", async () => {
    expect(await named({ ingress: null, console: "http://127.0.0.1:1" }, "console")).toMatchObject({
      verdict: "warning",
    });
  });

  test.each([
    ["http://127.0.0.1:7431", "ok"],
    ["http://[::1]:7431", "ok"],
    ["http://localhost:7431", "ok"],
    ["http://0.0.0.0:7431", "wrong"],
    ["http://192.168.1.4:7431", "wrong"],
    ["http://[::]:7431", "wrong"],
  ])("at %s is %s", async (console, verdict) => {
    const checks = await doorChecks({ ingress: null, console }, () => Promise.resolve(undefined));
    expect(checks.find(({ name }) => name === "console address")?.verdict).toBe(verdict);
  });
});

describe("the ingress", () => {
  test("has nothing of the console's", async () => {
    expect(await named({ ingress: await server(404), console: null }, "ingress")).toMatchObject({ verdict: "ok" });
    expect(await named({ ingress: await server(200), console: null }, "ingress")).toMatchObject({
      verdict: "wrong",
      says: expect.stringContaining("/api/status"),
    });
  });

  test("on every address is worth a look, and points at the proxies", async () => {
    const checks = await doorChecks({ ingress: "http://0.0.0.0:7430", console: null }, () => Promise.resolve(404));
    expect(checks.find(({ name }) => name === "ingress address")).toMatchObject({
      verdict: "warning",
      try: expect.stringContaining("qoc service caddy"),
    });
  });
});

describe("modes", () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "qoc-modes-"));
    mkdirSync(path.join(dir, ".qoc", "keys"), { recursive: true });
    for (const [name, mode] of [
      [".env.qoc", 0o644],
      [".qoc/keys/evidence.key", 0o640],
      [".qoc/console-tokens.json", 0o600],
    ] as const) {
      writeFileSync(path.join(dir, name), "");
      chmodSync(path.join(dir, name), mode);
    }
    chmodSync(path.join(dir, ".qoc"), 0o755);
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const modeOf = (name: string): number => statSync(path.join(dir, name)).mode & 0o777;
  const verdicts = (): readonly string[] => modeChecks(dir).map(({ name, verdict }) => `${name} ${verdict}`);

  test("that let others in are wrong, and are mended", () => {
    expect(verdicts()).toEqual([
      ".env.qoc wrong",
      ".qoc wrong",
      ".qoc/keys/evidence.key wrong",
      ".qoc/console-tokens.json ok",
    ]);
    expect(mendModes(dir, [])).toHaveLength(3);
    expect([modeOf(".env.qoc"), modeOf(".qoc"), modeOf(".qoc/keys/evidence.key")]).toEqual([0o600, 0o700, 0o600]);
    expect(verdicts().filter((text) => text.endsWith("wrong"))).toEqual([]);
    expect(mendModes(dir, [])).toEqual([]);
  });

  test("of what a link leads to are not touched, nor of a file that only calls itself a socket", () => {
    const other = path.join(dir, "other");
    writeFileSync(other, "");
    chmodSync(other, 0o644);
    rmSync(path.join(dir, ".env.qoc"));
    symlinkSync(other, path.join(dir, ".env.qoc"));
    mendModes(dir, [other]);
    expect(modeOf("other")).toBe(0o644);
  });

  test("are not given rights that the owner did not have", () => {
    chmodSync(path.join(dir, ".env.qoc"), 0o444);
    mendModes(dir, []);
    expect(modeOf(".env.qoc")).toBe(0o400);
  });
});

describe("the clock", () => {
  const NOW = Date.UTC(2026, 10, 22);
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(path.join(tmpdir(), "qoc-clock-"));
    mkdirSync(path.join(dir, ".qoc"));
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const written = (at: number): void => {
    writeFileSync(path.join(dir, ".qoc", "daemon.json"), "");
    utimesSync(path.join(dir, ".qoc", "daemon.json"), at / 1000, at / 1000);
  };

  test("that stands behind what was written here is worth a look", () => {
    written(NOW + 3_600_000);
    expect(clockCheck(dir, NOW)).toMatchObject({ verdict: "warning", says: expect.stringContaining("daemon.json") });
  });

  test("that does not is well, and one of before this program is wrong", () => {
    written(NOW - 1_000);
    expect(clockCheck(dir, NOW).verdict).toBe("ok");
    expect(clockCheck(dir, 0).verdict).toBe("wrong");
  });
});

describe("qoc doctor", () => {
  let world: World;
  beforeEach(() => {
    world = cliWorld();
  });
  afterEach(() => world.close());

  test("with --fix closes what was open, says so, and then finds it closed", async () => {
    world.write(".env.qoc", "WEBHOOK_SECRET_PRICE_ALERT=a\nWEBHOOK_SECRET_RISK=b\n", 0o644);
    const { stdout, stderr } = await world.qoc("doctor --fix");
    expect(stderr).toContain(`mended: chmod 600 ${path.join(world.dir, ".env.qoc")}\n`);
    expect(stdout).toContain("✓ ok  .env.qoc: private");
  });

  test("without it changes nothing", async () => {
    const file = world.write(".env.qoc", "WEBHOOK_SECRET_PRICE_ALERT=a\nWEBHOOK_SECRET_RISK=b\n", 0o644);
    await world.qoc("doctor");
    expect(statSync(file).mode & 0o777).toBe(0o644);
  });

  test("looks at the doors of a daemon that runs", async () => {
    await world.daemon([], {}, await server(404));
    const { stdout } = await world.qoc("doctor");
    expect(stdout).toContain("✓ ok  ingress: webhooks and /healthz, nothing else");
    expect(stdout).toContain("✓ ok  console: off");
  });
});
