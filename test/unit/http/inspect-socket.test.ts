/** Who may look, how many, and how a look ends: tried with raw sockets where a browser would help. */
import { connect } from "node:net";
import { afterEach, expect, test } from "vitest";
import { VIEWERS_MAX } from "../../../src/http/inspect-sockets-open.ts";
import { type InspectDoor, inspectDoor, openViewer, TOKEN } from "../inspect/inspect-door.ts";
import { aRun, runNumber, storeOf } from "./desk-with-runs.ts";

const run = aRun({ run: runNumber(1), state: "executing.performing" });
let door: InspectDoor;
afterEach(() => door.close());

const open = async (): Promise<void> => {
  door = await inspectDoor({ store: storeOf([run]) });
};
async function guarded(): Promise<string> {
  await open();
  return new URL(door.url).host;
}

/** Sends lines as they are, and gives all that came back once the other side has closed, or once it has switched protocols. */
async function raw(lines: readonly string[]): Promise<string> {
  const socket = connect(Number(new URL(door.url).port), "127.0.0.1");
  socket.write(`${lines.join("\r\n")}\r\n\r\n`);
  return new Promise((resolve, reject) => {
    let text = "";
    socket.setEncoding("latin1").on("data", (more: string) => {
      text += more;
      if (text.startsWith("HTTP/1.1 101") && text.includes("\r\n\r\n")) socket.destroy();
    });
    socket.on("close", () => resolve(text));
    socket.on("error", reject);
  });
}
const upgrade = (host: string, extra: readonly string[] = [], path = "/inspect/ws"): readonly string[] => [
  `GET ${path} HTTP/1.1`,
  `Host: ${host}`,
  "Connection: Upgrade",
  "Upgrade: websocket",
  "Sec-WebSocket-Version: 13",
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
  ...extra,
];
const BEARER = `Sec-WebSocket-Protocol: qoc.inspect.v1, bearer.${TOKEN}`;

test("the right host, origin and token switch protocols, and the token is not said back", async () => {
  const host = await guarded();
  const answer = await raw(upgrade(host, [BEARER, `Origin: http://${host}`, "Sec-Fetch-Site: same-origin"]));
  expect(answer).toMatch(/^HTTP\/1\.1 101 /);
  expect(answer).toMatch(/^sec-websocket-protocol: qoc\.inspect\.v1\r$/im);
  expect(answer).not.toContain(TOKEN);
  expect(answer).not.toMatch(/permessage-deflate/i);
});

test.each([
  ["a foreign host, as DNS rebinding has it", 421, "HOST_UNKNOWN", () => upgrade("evil.example", [BEARER])],
  [
    "another site's page",
    403,
    "ORIGIN_REFUSED",
    (host: string) => upgrade(host, [BEARER, "Origin: https://evil.example"]),
  ],
  ["a frame of no origin", 403, "ORIGIN_REFUSED", (host: string) => upgrade(host, [BEARER, "Origin: null"])],
  [
    "what another site began",
    403,
    "ORIGIN_REFUSED",
    (host: string) => upgrade(host, [BEARER, "Sec-Fetch-Site: cross-site"]),
  ],
  ["no token", 401, "TOKEN_INVALID", (host: string) => upgrade(host)],
  ["a wrong token", 401, "TOKEN_INVALID", (host: string) => upgrade(host, ["Sec-WebSocket-Protocol: bearer.wrong"])],
  [
    "a token in the address",
    401,
    "TOKEN_INVALID",
    (host: string) => upgrade(host, [BEARER], `/inspect/ws?token=${TOKEN}`),
  ],
  ["a run's token", 403, "RUN_TOKEN", (host: string) => upgrade(host, ["Sec-WebSocket-Protocol: bearer.qoc_run_x"])],
  ["another path", 404, "ROUTE_UNKNOWN", (host: string) => upgrade(host, [BEARER], "/api/events")],
  [
    "another protocol",
    404,
    "ROUTE_UNKNOWN",
    (host: string) => upgrade(host, [BEARER]).map((line) => line.replace("websocket", "h2c")),
  ],
  ["an unknown run", 404, "RUN_UNKNOWN", (host: string) => upgrade(host, [BEARER], `/inspect/ws?run=${runNumber(9)}`)],
  ["an unknown question", 400, "REQUEST_MALFORMED", (host: string) => upgrade(host, [BEARER], "/inspect/ws?all=1")],
])("%s is refused before any handshake: %i %s", async (_what, status, code, lines) => {
  const host = await guarded();
  const answer = await raw(lines(host));
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toContain("content-type: application/problem+json");
  expect(JSON.parse(answer.slice(answer.indexOf("\r\n\r\n")))).toMatchObject({ status, code });
});

test(`${VIEWERS_MAX} may look at once; who comes then is told to come back, and gets in when one has gone`, async () => {
  await open();
  const viewers = await Promise.all(Array.from({ length: VIEWERS_MAX }, () => openViewer(door.url)));
  await expect(openViewer(door.url)).rejects.toThrow("Unexpected server response: 503");
  viewers[0]?.socket.close();
  await viewers[0]?.closed;
  const late = await openViewer(door.url);
  await late.until((frames) => frames.length > 0);
});

test("what a viewer says is thrown away; who says too much, or too much at once, is shown out", async () => {
  await open();
  const loud = await openViewer(door.url);
  loud.socket.send("x".repeat(2000));
  expect(await loud.closed).toBe(1009);
  const often = await openViewer(door.url);
  for (let n = 0; n < 200; n += 1) often.socket.send("{}");
  expect(await often.closed).toBe(1008);
  expect(door.complaints).toEqual([]);
});

test("all sockets end with 1001 when the daemon stops, also one that does not say good-bye", async () => {
  await open();
  const polite = await openViewer(door.url);
  const deaf = connect(Number(new URL(door.url).port), "127.0.0.1");
  deaf.on("error", () => undefined);
  deaf.write(`${upgrade(new URL(door.url).host, [BEARER]).join("\r\n")}\r\n\r\n`);
  await new Promise((resolve) => deaf.once("data", resolve));
  const began = Date.now();
  await door.app.close();
  expect(await polite.closed).toBe(1001);
  expect(Date.now() - began).toBeLessThan(3_000);
});

test("a sender that goes away in the middle of its question is nobody's error", async () => {
  await open();
  for (let n = 0; n < 5; n += 1) {
    const socket = connect(Number(new URL(door.url).port), "127.0.0.1");
    socket.on("error", () => undefined);
    socket.write(
      `${upgrade(new URL(door.url).host, [BEARER], `/inspect/ws?run=${runNumber(1)}`).join("\r\n")}\r\n\r\n`,
      () => socket.resetAndDestroy(),
    );
    await new Promise((resolve) => socket.on("close", resolve));
  }
  const viewer = await openViewer(door.url);
  await viewer.until((frames) => frames.length > 0);
  expect(door.complaints).toEqual([]);
});

test("without a run: the newest unfinished runs, the oldest of them first, and then whatever happens", async () => {
  const runs = [3, 1, 2].map((n) => aRun({ run: runNumber(n), at: 1000 + n, state: "held.for-context" }));
  const rest = aRun({ run: runNumber(4), state: "sealed" });
  door = await inspectDoor({ store: storeOf([...runs, rest]) });
  const viewer = await openViewer(door.url);
  await viewer.until((frames) => frames.length >= 9);
  const names = viewer.frames.filter(({ type }) => type === "@xstate.actor").map(({ sessionId }) => sessionId);
  expect(names).toEqual([1, 2, 3].map((n) => `delivery/${runNumber(n)}`));
  const [entry] = rest.journal;
  if (entry === undefined) throw new Error("a run has a row");
  door.tell({ record: rest.record, before: null, entries: [entry], artifacts: [], index: [] });
  await viewer.until((frames) => frames.length >= 12);
  expect(viewer.frames.slice(9).map(({ type, sessionId }) => [type, sessionId])).toEqual(
    ["@xstate.actor", "@xstate.event", "@xstate.snapshot"].map((type) => [type, `delivery/${runNumber(4)}`]),
  );
});
