/** What a stranger gets: the packed tarball in an empty folder. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { environment, ready, ROOT, startProcess, stop, lastingFolder, type Said } from "../support/daemon.ts";

const INSTALL_MS_MAX = 150_000;

describe("the packed tarball, installed into an empty folder", () => {
  const home = lastingFolder();
  const dir = path.join(home, "my-desk");
  /** npm finds its cache and its registry where this user has them. */
  const env = environment({ HOME: process.env["HOME"] ?? home });
  const run = (cwd: string, command: string, ...args: readonly string[]): Promise<Said> =>
    startProcess(command, args, { cwd, env }).ended;
  const installed = (cwd: string, ...args: readonly string[]): Promise<Said> =>
    run(cwd, path.join(home, "node_modules", ".bin", "qoc"), ...args);

  beforeAll(async () => {
    // Built already; the scripts would build again, under the other tests.
    const packed = await run(ROOT, "npm", "pack", "--ignore-scripts", "--pack-destination", home);
    expect(packed).toMatchObject({ code: 0 });
    writeFileSync(path.join(home, "package.json"), "{}");
    const tarball = readdirSync(home).find((name) => name.endsWith(".tgz")) ?? "no tarball";
    const flags = ["--prefer-offline", "--no-audit", "--no-fund", "--omit=dev"];
    expect(await run(home, "npm", "install", ...flags, `./${tarball}`)).toMatchObject({ code: 0 });
  }, INSTALL_MS_MAX);

  test("gives a qoc that inits, runs, takes a delivery and verifies its envelope", async () => {
    expect(await installed(home, "init", "my-desk")).toMatchObject({ code: 0 });
    const qoc = path.join(home, "node_modules", ".bin", "qoc");
    const daemon = await ready(
      startProcess(qoc, ["up", "--ingress", "127.0.0.1:0", "--console", "off"], { cwd: dir, env }),
      dir,
    );
    expect(await installed(dir, "send", "price-alert", "--wait")).toMatchObject({ code: 0 });
    expect((await stop(daemon)).code).toBe(0);
    const [envelope] = readdirSync(path.join(dir, ".qoc", "evidence")).filter((name) => name.endsWith(".json"));
    const verified = await installed(home, "envelope", "verify", `my-desk/.qoc/evidence/${envelope}`, "--json");
    expect(verified.code).toBe(0);
    expect(JSON.parse(verified.stdout)).toMatchObject({ ok: true, level: "E3" });
  });

  test("gives the verifier as a library", async () => {
    const script = `
      const { isPack, verify, verifyPack } = await import("qoc/verify");
      const file = Buffer.from("{}");
      console.log(verify(file, {}).level, verifyPack(file, {}).level, isPack(file));`;
    expect(await run(home, process.execPath, "--input-type=module", "--eval", script)).toMatchObject({
      code: 0,
      stdout: "none none false\n",
    });
  });

  test("gives the verifier as a page", async () => {
    const { code, stdout } = await installed(home, "envelope", "verify", "--page");
    expect([code, readFileSync(stdout.trim(), "utf8").startsWith("<!doctype html>")]).toEqual([0, true]);
  });

  test("holds no tests and no sources", () => {
    const files = readdirSync(path.join(home, "node_modules", "qoc"), { recursive: true, encoding: "utf8" });
    expect(
      files.filter((file) => file.endsWith(".test.js") || (file.endsWith(".ts") && !file.endsWith(".d.ts"))),
    ).toEqual([]);
    expect(files).toContain("desk.toml.example");
  });
});
