/** The attacks on the console's port, against a daemon as a person starts it; and that daemon stopped with pages open. */
import { readFileSync, statSync } from "node:fs";
import { connect } from "node:net";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { describeAttacks } from "../support/console-attacks.ts";
import { qoc, stop } from "../support/daemon.ts";
import { deskFolder } from "../support/desk-folder.ts";
import { codeOf, consoleOf, tokenOf } from "../support/open-console.ts";

const statusWith = async (port: number, token: string): Promise<number> =>
  (await fetch(`http://127.0.0.1:${port}/api/status`, { headers: { authorization: `Bearer ${token}` } })).status;

describe("a daemon's console", () => {
  describeAttacks(async () => {
    const dir = deskFolder("attacked");
    const { port } = await consoleOf(dir);
    return { port, code: () => codeOf(dir) };
  });
});

test("`qoc console` prints an address whose code logs in, once", async () => {
  const dir = deskFolder("asked");
  const { port } = await consoleOf(dir);
  const { code: exit, stdout } = await qoc({ cwd: dir }, "console", "--print");
  const [, address, code] = /^(http:\/\/127\.0\.0\.1:\d+)\/#code=([\w-]{32})\n$/.exec(stdout) ?? [];
  expect([exit, address]).toEqual([0, `http://127.0.0.1:${port}`]);
  const login = () =>
    fetch(`${address}/api/login`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ code }),
    });
  expect([(await login()).status, (await login()).status]).toEqual([200, 401]);
});

test("a token outlives a restart, as a hash that only its owner can read, and stands in no log", async () => {
  const dir = deskFolder("restarted");
  const first = await consoleOf(dir);
  const token = await tokenOf(dir, first.port);
  expect(await statusWith(first.port, token)).toBe(200);
  const { stdout, stderr } = await stop(first.daemon);
  const file = path.join(dir, ".qoc", "console-tokens.json");
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const log = readFileSync(path.join(dir, ".qoc", "log", "daemon.ndjson"), "utf8");
  for (const text of [readFileSync(file, "utf8"), log, stdout, stderr]) expect(text).not.toContain(token.slice(12));

  const second = await consoleOf(dir, first.port);
  expect(await statusWith(second.port, token)).toBe(200);
  await stop(second.daemon);
});

test("fifty open pages hold up no stop", async () => {
  const dir = deskFolder("watched");
  const { daemon, port } = await consoleOf(dir);
  const token = await tokenOf(dir, port);
  const pages = Array.from({ length: 50 }, () => {
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(`GET /api/events HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\n\r\n`),
    );
    socket.on("error", () => undefined);
    const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    const heard = new Promise<string>((resolve) => socket.once("data", (chunk: Buffer) => resolve(chunk.toString())));
    return { ended, heard };
  });
  for (const { heard } of pages) expect(await heard).toMatch(/^HTTP\/1\.1 200 /);
  const began = Date.now();
  const { code } = await stop(daemon);
  await Promise.all(pages.map(({ ended }) => ended));
  expect([code, Date.now() - began < 10_000]).toEqual([0, true]);
});
