/** A running daemon under requests that no honest sender makes: each is refused as it should be, and the daemon serves on. */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { quiet } from "../support/control.ts";
import { up, type Daemon } from "../support/daemon.ts";
import { deskFolder, webhookToml } from "../support/desk-folder.ts";
import { openConnection } from "../support/raw-connection.ts";
import { post, signed } from "../support/sender.ts";

const DESK = "hostile-desk";
const TOML = [
  "[daemon]",
  'body_limit = "64KiB"',
  'headers_timeout = "1s"',
  'request_timeout = "2s"',
  "",
  webhookToml("price-alert"),
].join("\n");
const PATH = `/webhook/${DESK}/price-alert`;
const HEAD = `POST ${PATH} HTTP/1.1\r\nHost: localhost\r\n`;

describe("a daemon on a bad day", () => {
  let dir: string;
  let daemon: Daemon;
  const send = (body: string, headers: Readonly<Record<string, string>> = {}) =>
    post(daemon.ingress, DESK, { webhook: "price-alert", body }, headers);
  const dialogue = async (...parts: readonly (string | Uint8Array)[]): Promise<string> => {
    const { write, closed } = await openConnection(daemon);
    for (const part of parts) write(part);
    return closed;
  };

  beforeAll(async () => {
    dir = deskFolder(DESK, { toml: TOML });
    daemon = await up([dir]);
  });

  afterEach(async () => {
    expect((await send(JSON.stringify({ event: "still-there", at: Math.random() }))).status).toBe(202);
  });

  test("takes 10,000 nested arrays as the bytes that they are, and seals them", async () => {
    const { status } = await send("[".repeat(10_000) + "]".repeat(10_000));
    await quiet(dir);
    expect(status).toBe(202);
  });

  test("refuses a body over its limit that says how long it is, before it is sent", async () => {
    expect(await dialogue(`${HEAD}Content-Length: 1000000000\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("refuses an endless chunked body at its limit", async () => {
    const chunk = `4000\r\n${"x".repeat(0x4000)}\r\n`;
    const answer = await dialogue(
      `${HEAD}Transfer-Encoding: chunked\r\n\r\n`,
      ...Array.from({ length: 8 }, () => chunk),
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test("gives up a sender that dribbles its headers, and one that dribbles its body", async () => {
    const answers = await Promise.all([
      dialogue(HEAD),
      dialogue(`${HEAD}Content-Length: 10\r\nX-Qoc-Signature: ${signed("x")}\r\n\r\n`, "x"),
    ]);
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 /);
  });

  test.each([
    ["noise", Buffer.from(Array.from({ length: 512 }, (_, n) => (n * 73 + 31) % 256))],
    ["a TLS greeting", Buffer.from("16030100a5010000a10303", "hex")],
    ["two lengths", `${HEAD}Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx`],
    ["a length and chunks", `${HEAD}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
    ["a header without end", `${HEAD}X-Long: ${"x".repeat(100_000)}`],
  ])("refuses %s with a 4xx", async (_, bytes) => {
    expect(await dialogue(bytes)).toMatch(/^HTTP\/1\.1 4\d\d /);
  });

  test.each([
    "/webhook/../healthz",
    `/webhook/${DESK}/..%2f..%2fhealthz`,
    `/webhook/${DESK}/__proto__`,
    "/api/status",
    "/readyz",
    "//",
    "/%",
  ])("knows no %s", async (target) => {
    expect(
      await dialogue(`POST ${target} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`),
    ).toMatch(/^HTTP\/1\.1 404 /);
  });

  test("answers every one of 1,000 connections at once", async () => {
    const statuses = await Promise.all(
      Array.from({ length: 1000 }, async (_, n) => (await send(JSON.stringify({ event: "crowd", n: n % 100 }))).status),
    );
    expect(new Set(statuses)).toEqual(new Set([202]));
    await quiet(dir);
  });
});
