/** Too much of what is allowed, and WebSockets and streams as no browser would speak them. After each the daemon answers as before. */
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { ask, quiet } from "../support/control.ts";
import { deskFolder } from "../support/desk-folder.ts";
import { consoleOf, type OpenConsole, tokenOf } from "../support/open-console.ts";
import { statusOf } from "../support/raw-http.ts";
import { post } from "../support/sender.ts";

const dir = deskFolder("flooded");
let opened: OpenConsole;
let token: string;
beforeAll(async () => {
  opened = await consoleOf(dir);
  token = await tokenOf(dir, opened.port);
}, 60_000);

type Line = { readonly socket: Socket; readonly heard: () => string; readonly closed: Promise<string> };
const lines = new Set<Socket>();
function dial(bytes: string): Line {
  let heard = "";
  const socket = connect(opened.port, "127.0.0.1", () => socket.write(bytes));
  lines.add(socket);
  socket.on("data", (chunk: Buffer) => (heard += chunk.toString("latin1")));
  socket.on("error", () => undefined);
  const closed = new Promise<string>((resolve) => socket.on("close", () => resolve(heard)));
  return { socket, heard: () => heard, closed };
}
const head = (target: string, ...more: readonly string[]): string =>
  [`GET ${target} HTTP/1.1`, `host: 127.0.0.1:${opened.port}`, ...more, "", ""].join("\r\n");
const authorized = (): string => `authorization: Bearer ${token}`;
const status = async (): Promise<number> =>
  (await fetch(`${opened.url}/api/status`, { headers: { authorization: `Bearer ${token}` } })).status;
/** What the daemon has of the machine's memory. */
const memoryMb = (): number => {
  const [, kb] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${opened.daemon.pid}/status`, "utf8")) ?? [];
  return Number(kb) / 1024;
};
const heardOf = (line: Line, text: string): Promise<void> =>
  expect.poll(line.heard, { timeout: 10_000 }).toContain(text);

afterEach(async () => {
  for (const socket of lines) socket.destroy();
  lines.clear();
  await expect.poll(status, { timeout: 10_000 }).toBe(200);
});

describe("a WebSocket", () => {
  const upgrade = (target: string, ...more: readonly string[]): Line =>
    dial(
      head(
        target,
        "connection: Upgrade",
        "upgrade: websocket",
        "sec-websocket-version: 13",
        `sec-websocket-key: ${randomBytes(16).toString("base64")}`,
        ...more,
      ),
    );
  const offered = (): string => `sec-websocket-protocol: qoc.inspect.v1, bearer.${token}`;
  async function viewer(): Promise<Line> {
    const line = upgrade("/inspect/ws", offered());
    await heardOf(line, "HTTP/1.1 101 ");
    return line;
  }
  /** A frame of a client: with its mask, unless told otherwise. */
  function frame(opcode: number, payload: Buffer, { masked = true, final = true, reserved = 0 } = {}): Buffer {
    const mask = masked ? randomBytes(4) : Buffer.alloc(0);
    const size = payload.length < 126 ? Buffer.alloc(0) : Buffer.alloc(2);
    if (size.length > 0) size.writeUInt16BE(payload.length);
    const first = (final ? 0x80 : 0) | reserved | opcode;
    const second = (masked ? 0x80 : 0) | (size.length > 0 ? 126 : payload.length);
    const body = masked ? payload.map((byte, i) => byte ^ (mask[i % 4] ?? 0)) : payload;
    return Buffer.concat([Buffer.from([first, second]), size, mask, body]);
  }

  test("says its own protocol back, and never the token", async () => {
    const { heard } = await viewer();
    expect(heard()).toMatch(/^sec-websocket-protocol: qoc\.inspect\.v1\r$/im);
    expect(heard()).not.toContain(token);
  });

  test.each([
    ["no token", (): readonly string[] => ["sec-websocket-protocol: qoc.inspect.v1"], 401],
    ["no subprotocol", () => [], 401],
    ["a wrong token", () => [`sec-websocket-protocol: qoc.inspect.v1, bearer.qoc_console_${"A".repeat(43)}`], 401],
    ["two tokens", () => [`sec-websocket-protocol: bearer.${token}, bearer.${token}`], 401],
    ["a run's token", () => [`sec-websocket-protocol: bearer.qoc_run_${"a".repeat(43)}`], 403],
    ["another site's origin", () => [offered(), "origin: http://evil.example"], 403],
    ["the origin of nobody", () => [offered(), "origin: null"], 403],
    ["the sign of another site", () => [offered(), "sec-fetch-site: cross-site"], 403],
  ])("with %s is refused before the handshake", async (_says, more, expected) => {
    const answer = await upgrade("/inspect/ws", ...more()).closed;
    expect(statusOf(answer)).toBe(expected);
    expect(answer).not.toMatch(/sec-websocket-accept/i);
    expect(answer).toMatch(/frame-ancestors 'none'/);
  });

  test("with its token in the address is refused, also with another one that is good", async () => {
    expect(statusOf(await upgrade(`/inspect/ws?token=${token}`).closed)).toBe(401);
    expect(statusOf(await upgrade(`/inspect/ws?token=${token}`, offered()).closed)).toBe(401);
  });

  test.each(["/api/status", "/", "/inspect", "/metrics", "/inspect/ws/", "/inspect/ws/../ws", "//inspect/ws"])(
    "is nowhere else: %s",
    async (target) => expect(statusOf(await upgrade(target, offered()).closed)).toBe(404),
  );

  test.each([
    "?run=%00",
    "?run=../../x",
    "?run=<script>",
    `?run=${"0".repeat(81)}`,
    "?run=nobody",
    "?context=2",
    "?x=1",
    "?run=a&run=b",
  ])("for %s is refused", async (query) => {
    expect([400, 404]).toContain(statusOf(await upgrade(`/inspect/ws${query}`, offered()).closed));
  });

  test.each([
    ["without a mask", () => frame(1, Buffer.from("x"), { masked: false })],
    ["of an unknown kind", () => frame(3, Buffer.from("x"))],
    ["with reserved bits", () => frame(1, Buffer.from("x"), { reserved: 0x40 })],
    ["that goes on with nothing", () => frame(0, Buffer.from("x"))],
    ["of control in pieces", () => frame(9, Buffer.from("x"), { final: false })],
    ["of control that is too long", () => frame(9, Buffer.alloc(126))],
    ["that is no UTF-8", () => frame(1, Buffer.from([0xff, 0xfe]))],
    ["that is too long", () => frame(1, Buffer.alloc(2000, 120))],
    [
      "that is never done",
      () =>
        Buffer.concat([
          frame(1, Buffer.alloc(900, 120), { final: false }),
          frame(0, Buffer.alloc(900, 120), { final: false }),
        ]),
    ],
    ["of 2^63 bytes", () => Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ["that closes with a bad code", () => frame(8, Buffer.from([0, 1]))],
    ["of nonsense", () => randomBytes(512)],
  ])("that is sent a frame %s ends", async (_says, bytes) => {
    const line = await viewer();
    line.socket.write(bytes());
    expect(await line.closed).toContain("HTTP/1.1 101 ");
  });

  test("that talks on is closed", async () => {
    const line = await viewer();
    for (let n = 0; n < 300; n += 1) line.socket.write(frame(1, Buffer.from("hello")));
    expect(await line.closed).toContain("HTTP/1.1 101 ");
  });

  test("is answered a ping", async () => {
    const line = await viewer();
    line.socket.write(frame(9, Buffer.from("are you there")));
    await expect.poll(line.heard, { timeout: 10_000 }).toContain("\x8a\x0dare you there");
  });

  test("that pings without end and reads no answer is cut off, and fills no memory", async () => {
    const line = await viewer();
    line.socket.pause();
    const pings = Buffer.concat(Array.from({ length: 10_000 }, () => frame(9, Buffer.alloc(120))));
    const before = memoryMb();
    for (let n = 0; n < 100; n += 1) await new Promise((taken) => line.socket.write(pings, taken));
    const began = Date.now();
    expect(await status()).toBe(200);
    expect(Date.now() - began).toBeLessThan(2_000);
    expect(memoryMb() - before).toBeLessThan(60);
    await line.closed;
  });

  test("is opened sixty-four times, and then no more until one closes", async () => {
    const open = await Promise.all(Array.from({ length: 64 }, viewer));
    expect(statusOf(await upgrade("/inspect/ws", offered()).closed)).toBe(503);
    const [first] = open;
    first?.socket.destroy();
    await first?.closed;
    await expect.poll(async () => (await Promise.race([viewer(), pause(3_000)])) !== undefined).toBe(true);
  });
});

describe("streams", () => {
  test("a thousand are asked for: no more are given than there is room for, and the ingress does not notice", async () => {
    const asked = Array.from({ length: 1000 }, () => dial(head("/api/events", authorized())));
    const statuses = (): readonly string[] => asked.map(({ heard }) => heard().slice(9, 12));
    await expect.poll(() => statuses().filter((each) => each === "200").length, { timeout: 15_000 }).toBe(256);
    const began = Date.now();
    const { status: taken } = await post(opened.daemon.ingress, "flooded", { webhook: "price-alert", body: "{}" });
    expect([taken, Date.now() - began < 2_000]).toEqual([202, true]);
    await quiet(dir);
    await pause(500);
    expect(new Set(statuses())).toEqual(new Set(["200", "503", ""]));
    expect(statuses().filter((each) => each === "200")).toHaveLength(256);
    expect(await ask(dir, "/api/status")).toMatchObject({ schema: "qoc.status/1" });
  });

  test.each([
    "",
    "x",
    ":",
    "x:1",
    "1:x",
    "-1:-1",
    "a:9007199254740993",
    "__proto__:0",
    "../../x:1",
    "é:1",
    `x:${"9".repeat(9000)}`,
  ])("one that goes on behind %j begins anew", async (id) => {
    const line = dial(head("/api/events", authorized(), `last-event-id: ${id}`));
    await heardOf(line, "\n\n");
    expect(statusOf(line.heard())).toBe(200);
    expect(line.heard()).toContain("event: reset");
    expect(line.heard()).not.toContain("event: row");
  });
});

describe("connections", () => {
  test("three hundred that say nothing leave room for a page, and are gone in seconds", async () => {
    const silent = Array.from({ length: 300 }, () => dial(""));
    await pause(300);
    expect(await status()).toBe(200);
    const began = Date.now();
    await Promise.all(silent.map(({ closed }) => closed));
    expect(Date.now() - began).toBeLessThan(9_000);
  });

  test("headers that come by drops are cut off", async () => {
    const slow = dial(`GET / HTTP/1.1\r\nhost: 127.0.0.1:${opened.port}\r\n`);
    const drip = setInterval(() => slow.socket.write("x-a: b\r\n"), 500);
    const began = Date.now();
    const answer = await slow.closed;
    clearInterval(drip);
    expect(Date.now() - began).toBeLessThan(9_000);
    expect(statusOf(answer)).toBe(408);
  });

  test("a body that comes by drops is cut off", async () => {
    const slow = dial(
      `POST /api/login HTTP/1.1\r\nhost: 127.0.0.1:${opened.port}\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{`,
    );
    const drip = setInterval(() => slow.socket.write(" "), 500);
    const began = Date.now();
    await slow.closed;
    clearInterval(drip);
    expect(Date.now() - began).toBeLessThan(15_000);
  });
});
