import type { Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { IngressDoor } from "../../../src/http/ingress-app.ts";
import type { IngressLimits } from "../../../src/http/ingress-limits.ts";
import { refuse } from "../../../src/core/refusals.ts";
import { SAMPLE, SAMPLE_SIGNATURE } from "../../support/ingress-desk.ts";
import { bodyOf, dial, ingress, say, statusOf, type Ingress } from "../../support/raw-http.ts";

let open: Ingress | undefined;
afterEach(() => open?.app.close());
function started(door: Partial<IngressDoor> = {}, limits: Partial<IngressLimits> = {}): Ingress {
  open = ingress(door, limits);
  return open;
}

const HEAD = "POST /webhook/equity-desk/price-alert HTTP/1.1\r\nhost: x\r\n";
const SIGNED = `x-qoc-signature: sha256=${SAMPLE_SIGNATURE}\r\n`;
const CLOSE = "connection: close\r\n";
const sized = (bytes: number): string => `content-length: ${bytes}\r\n`;
const chunk = (text: string): string => `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
const CHUNKED = "transfer-encoding: chunked\r\n";

describe("a body", () => {
  test("is taken in one piece, in many, and in chunks", async () => {
    const { app, host } = started();
    const whole = await say(app, `${HEAD}${SIGNED}${CLOSE}${sized(SAMPLE.length)}\r\n${SAMPLE}`);
    const chunks = await say(
      app,
      `${HEAD}${SIGNED}${CLOSE}${CHUNKED}\r\n${SAMPLE.split("").map(chunk).join("")}0\r\n\r\n`,
    );
    const { socket, closed } = await dial(app);
    socket.setNoDelay(true);
    for (const piece of [`${HEAD}${SIGNED}${CLOSE}${sized(SAMPLE.length)}\r\n`, SAMPLE.slice(0, 9), SAMPLE.slice(9)]) {
      await new Promise((sent) => socket.write(piece, sent));
    }
    expect([whole, chunks, await closed].map(statusOf)).toEqual([202, 202, 202]);
    expect(host.posted.map(({ birth }) => birth === null)).toEqual([false, true, true]);
  });

  test("that says it is over the limit is refused before any of it comes, and the connection closed", async () => {
    const { app } = started();
    const answer = await say(app, `${HEAD}${SIGNED}${sized(10_000_000_000)}\r\n`);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([413, expect.objectContaining({ code: "BODY_TOO_LARGE" })]);
    expect(answer.toLowerCase()).toContain("connection: close");
  });

  test("that grows over the limit without saying so is refused, and not read to its end", async () => {
    const { app, reports } = started();
    const { socket, closed } = await dial(app);
    socket.write(`${HEAD}${SIGNED}${CHUNKED}\r\n`);
    let sent = 0;
    const block = chunk("x".repeat(16_000));
    while (!socket.destroyed && sent < 100_000_000) {
      sent += block.length;
      if (!socket.write(block)) await new Promise((go) => socket.once("drain", go).once("close", go));
    }
    const answer = await closed;
    expect([statusOf(answer), bodyOf(answer)]).toEqual([413, expect.objectContaining({ code: "BODY_TOO_LARGE" })]);
    expect(sent).toBeLessThan(50_000_000);
    expect(reports).toMatchObject([{ kind: "refused", code: "BODY_TOO_LARGE" }]);
  });

  test("that ends before its length is refused", async () => {
    const { app, host } = started();
    const { socket, closed } = await dial(app);
    socket.end(`${HEAD}${SIGNED}${sized(SAMPLE.length)}\r\n${SAMPLE.slice(0, 9)}`);
    expect([statusOf(await closed), host.posted]).toEqual([400, []]);
  });

  test("that is torn off is answered by nobody and reported as nothing", async () => {
    const { app, host, reports } = started();
    const { socket, closed } = await dial(app);
    const arrived = new Promise<Socket>((resolve) => app.server.once("request", ({ socket: peer }) => resolve(peer)));
    socket.write(`${HEAD}${SIGNED}${sized(SAMPLE.length)}\r\n${SAMPLE.slice(0, 9)}`);
    const peer = await arrived;
    const gone = new Promise((resolve) => peer.on("close", resolve));
    socket.resetAndDestroy();
    await Promise.all([closed, gone]);
    expect([host.posted, reports]).toEqual([[], []]);
  });

  test("for nobody is not read to its end either", async () => {
    const { app } = started();
    const answer = await say(app, `POST /absent HTTP/1.1\r\nhost: x\r\n${sized(10_000_000_000)}\r\n`);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([404, expect.objectContaining({ code: "ROUTE_UNKNOWN" })]);
  });

  test("that is small and refused unread leaves the connection open for the next", async () => {
    let closed = true;
    const { app } = started({ gate: () => (closed ? refuse("DISK_LOW", "") : undefined) });
    const { socket, closed: heard } = await dial(app);
    const request = `${HEAD}${SIGNED}${sized(SAMPLE.length)}`;
    socket.write(`${request}\r\n${SAMPLE}`);
    await new Promise((answered) => socket.once("data", answered));
    closed = false;
    socket.write(`${request}${CLOSE}\r\n${SAMPLE}`);
    expect((await heard).match(/HTTP\/1\.1 \d+/g)).toEqual(["HTTP/1.1 503", "HTTP/1.1 202"]);
  });
});

test.each([["HEAD"], ["PROPFIND"], ["TRACE"]])("%s, for an endpoint, is 405", async (method) => {
  const { app } = started();
  const answer = await say(app, `${HEAD.replace("POST", method)}${CLOSE}\r\n`);
  const [head, body] = answer.split("\r\n\r\n");
  expect([statusOf(answer), head?.toLowerCase().includes("allow: post"), body === ""]).toEqual([
    405,
    true,
    method === "HEAD",
  ]);
});

describe("a signature header", () => {
  test("that is repeated is refused, though each is right", async () => {
    const { app } = started();
    expect(statusOf(await say(app, `${HEAD}${SIGNED}${SIGNED}${CLOSE}${sized(SAMPLE.length)}\r\n${SAMPLE}`))).toBe(401);
  });

  test("that is repeated in other capitals is repeated", async () => {
    const { app } = started();
    const answer = await say(
      app,
      `${HEAD}${SIGNED}${SIGNED.toUpperCase()}${CLOSE}${sized(SAMPLE.length)}\r\n${SAMPLE}`,
    );
    expect(statusOf(answer)).toBe(401);
  });
});

describe("a sender who is slow", () => {
  const hasty = { headersTimeoutMs: 30, requestTimeoutMs: 60, timeoutCheckMs: 10 };

  test.each([
    ["with its headers", HEAD],
    ["with its body", `${HEAD}${SIGNED}${sized(SAMPLE.length)}\r\n{`],
    ["with its chunks", `${HEAD}${SIGNED}${CHUNKED}\r\n${chunk("{")}`],
  ])("%s is told 408 and cut off", async (_name, text) => {
    const { app, host, reports } = started({}, hasty);
    const answer = await say(app, text);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([408, expect.objectContaining({ code: "REQUEST_TIMEOUT" })]);
    expect(host.posted).toEqual([]);
    expect(reports).toMatchObject([{ kind: "refused", code: "REQUEST_TIMEOUT" }]);
  });
});

describe("what is no request", () => {
  test.each([
    ["text", "hello\r\n\r\n", 400],
    ["a broken header", `${HEAD}no colon\r\n\r\n`, 400],
    ["two lengths", `${HEAD}${sized(1)}${sized(2)}\r\n`, 400],
    ["a length and chunks, as in smuggling", `${HEAD}${sized(5)}${CHUNKED}\r\n0\r\n\r\n`, 400],
    ["a length that is no number", `${HEAD}content-length: 1e3\r\n\r\n`, 400],
    ["a broken chunk", `${HEAD}${CHUNKED}\r\nzz\r\n`, 400],
    ["more headers than may be", `${HEAD}x: ${"a".repeat(17_000)}\r\n\r\n`, 431],
  ])("%s is refused as a problem and cut off", async (_name, text, status) => {
    const { app } = started();
    const answer = await say(app, text);
    expect([statusOf(answer), bodyOf(answer)]).toEqual([status, expect.objectContaining({ status })]);
    expect(answer).toContain("application/problem+json");
  });
});
