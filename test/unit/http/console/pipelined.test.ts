/** Questions that wait on one connection behind a stream: Node tells their answers nothing when the connection goes. */
import { connect } from "node:net";
import { afterEach, expect, test, vi } from "vitest";
import { addEventRoutes, createEventHub } from "../../../../src/http/events.ts";
import { aTarget } from "../desk-with-runs.ts";
import { listening, tokensOver } from "./console-world.ts";

const LOOK_MS = 60_000;
afterEach(() => vi.useRealTimers());

test("what waited behind a stream that has gone is no use of its token any more", async () => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
  const { tokens } = tokensOver({ at: 0 });
  const isLive = vi.fn(tokens.isLive);
  const { app, port, host } = await listening({
    tokens: { accepts: tokens.accepts, isLive },
    addRoutes: (to) => addEventRoutes(to, createEventHub(aTarget([]), "epoch")),
  });
  const { token } = tokens.issue();
  const ask = (path: string): string =>
    `GET ${path} HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n\r\n`;
  const socket = connect(port, "127.0.0.1", () => socket.write(ask("/api/events") + ask("/api/secret").repeat(5)));
  socket.on("error", () => undefined);
  await new Promise((heard) => socket.once("data", heard));
  vi.advanceTimersByTime(LOOK_MS);
  expect(isLive).toHaveBeenCalledOnce();

  socket.destroy();
  await expect.poll(() => new Promise((count) => app.server.getConnections((_error, n) => count(n)))).toBe(0);
  vi.advanceTimersByTime(LOOK_MS);
  expect(isLive).toHaveBeenCalledOnce();
  await app.close();
});
