/** Live events over a connection: who does not read, how many may, and how streams end. */
import fastify, { type FastifyRequest } from "fastify";
import { connect, type Socket } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  addEventRoutes,
  createEventHub,
  type EventHub,
  STREAMS_MAX,
  UNSENT_BYTES_MAX,
} from "../../../src/http/events.ts";
import { aRun, aTarget, type GivenTarget, runNumber } from "./desk-with-runs.ts";

type Stream = {
  readonly socket: Socket;
  readonly text: () => string;
  readonly ended: Promise<void>;
  /** Resolves when what was read matches. */
  readonly said: (pattern: RegExp) => Promise<void>;
};

let app: ReturnType<typeof fastify>;
let hub: EventHub;
let target: GivenTarget;
let port: number;
let streams: Stream[];

beforeEach(async () => {
  target = aTarget([]);
  app = fastify({ forceCloseConnections: "idle" });
  hub = createEventHub(target, "e1");
  addEventRoutes(app, hub);
  await app.listen({ port: 0, host: "127.0.0.1" });
  const address = app.server.address();
  port = typeof address === "object" && address !== null ? address.port : 0;
  streams = [];
});
afterEach(async () => {
  for (const { socket } of streams) socket.destroy();
  await app.close();
});

function open(query = "", headers = ""): Stream {
  const socket = connect(port, "127.0.0.1");
  let text = "";
  const waiting = new Set<() => void>();
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("latin1");
    for (const look of waiting) look();
  });
  socket.on("error", () => undefined);
  socket.write(`GET /api/events${query} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`);
  const stream: Stream = {
    socket,
    text: () => text,
    ended: new Promise((resolve) => {
      socket.once("close", () => resolve());
    }),
    said: (pattern) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (!pattern.test(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      }),
  };
  streams.push(stream);
  return stream;
}

const tell = (run: number, note = ""): void => {
  const { record, journal } = aRun({
    run: runNumber(run),
    rows: [{ event: "RECORDED", to: "executing", observed: [["note", note]] }],
  });
  target.tell({ record, entries: journal });
};

describe("GET /api/events", () => {
  test("is a stream of events that no cache keeps, and rows unless it is asked for changes", async () => {
    const rows = open();
    const changes = open("?view=changes");
    await Promise.all([rows.said(/event: open/), changes.said(/event: open/)]);
    expect(rows.text()).toMatch(
      /^HTTP\/1\.1 200 OK\r\ncontent-type: text\/event-stream\r\ncache-control: no-store\r\n/i,
    );
    tell(1);
    await Promise.all([rows.said(/id: e1:2\nevent: row\n/), changes.said(/id: e1:2\nevent: changes\n/)]);
  });

  test("goes on behind the id in Last-Event-ID", async () => {
    tell(1);
    const stream = open("?view=rows", "Last-Event-ID: e1:1\r\n");
    await stream.said(/id: e1:2\nevent: row\n[^]*id: e1:2\nevent: open\n/);
    expect(stream.text()).not.toContain("id: e1:1\n");
  });

  test.each(["?last=e1:1", "?view=all", `?run=${"r".repeat(81)}`])("%s is not well formed", async (query) => {
    const answer = await app.inject({ url: `/api/events${query}` });
    expect([answer.statusCode, answer.json().code]).toEqual([400, "REQUEST_MALFORMED"]);
  });

  test("a reader that lets too much pile up is cut off, and the others go on", async () => {
    const slow = open();
    const other = open("?view=changes");
    await Promise.all([slow.said(/event: open/), other.said(/event: open/)]);
    slow.socket.pause();
    const cut = new Promise<void>((resolve) => {
      slow.socket.once("close", () => resolve());
    });
    // Far more than the kernel takes for it.
    const note = "n".repeat(UNSENT_BYTES_MAX / 4);
    for (let i = 0; i < 60; i += 1) {
      tell(i, note);
      await new Promise((go) => setImmediate(go));
    }
    await other.said(/id: e1:120\n/);
    slow.socket.resume();
    await cut;
    expect(slow.text()).not.toContain("id: e1:120\n");
    tell(100);
    await other.said(/id: e1:122\n/);
  });

  test(`more than ${STREAMS_MAX} streams are refused until one ends`, async () => {
    const all = Array.from({ length: STREAMS_MAX }, () => open("?view=changes"));
    await Promise.all(all.map(({ said }) => said(/event: open/)));
    const refused = await app.inject({ url: "/api/events" });
    expect([refused.statusCode, refused.json().code, refused.headers["retry-after"]]).toEqual([503, "OVERLOADED", "5"]);
    all[0]?.socket.destroy();
    await all[0]?.ended;
    // The server hears of it a moment later.
    for (let tries = 0; tries < 100; tries += 1) {
      const again = open();
      await again.said(/\r\n\r\n/);
      if (again.text().startsWith("HTTP/1.1 200")) return;
      await new Promise((go) => setTimeout(go, 10));
    }
    expect.unreachable("no place became free");
  });

  test("a connection that goes takes every stream with it that was asked for on it", async () => {
    const { socket, said } = open();
    socket.write("GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n".repeat(3));
    await said(/event: open/);
    await expect.poll(() => hub.open()).toBe(4);
    socket.destroy();
    await expect.poll(() => hub.open()).toBe(0);
  });

  test("who has gone before the stream begins has none", async () => {
    await app.close();
    app = fastify();
    app.addHook("onRequest", async ({ raw }: FastifyRequest) => {
      raw.socket.destroy();
      await new Promise((closed) => raw.socket.once("close", closed));
    });
    addEventRoutes(app, hub);
    await app.listen({ port, host: "127.0.0.1" });
    await open().ended;
    await new Promise((go) => setTimeout(go, 20));
    expect(hub.open()).toBe(0);
  });

  test("streams end when the server closes, also of one that does not read", async () => {
    const reading = open("?view=changes");
    const stalled = open();
    await Promise.all([reading.said(/event: open/), stalled.said(/event: open/)]);
    stalled.socket.pause();
    for (let i = 0; i < 30; i += 1) {
      tell(i, "n".repeat(UNSENT_BYTES_MAX / 8));
      await new Promise((go) => setImmediate(go));
    }
    const begun = performance.now();
    await app.close();
    expect(performance.now() - begun).toBeLessThan(5000);
    await reading.ended;
    expect(reading.text().endsWith("0\r\n\r\n")).toBe(true);
    // What is told now goes nowhere, and throws nothing.
    tell(99);
  });
});

test("HEAD is answered at once, and opens none", async () => {
  const answer = await fetch(`http://127.0.0.1:${port}/api/events`, {
    method: "HEAD",
    signal: AbortSignal.timeout(3_000),
  });
  expect([answer.status, answer.headers.get("content-type"), hub.open()]).toEqual([200, "text/event-stream", 0]);
});
