/** Fifty pages are open when the daemon stops: it waits for none of them. */
import { connect, type Socket } from "node:net";
import { expect, test } from "vitest";
import { addEventRoutes, createEventHub } from "../../../../src/http/events.ts";
import { aTarget } from "../desk-with-runs.ts";
import { listening } from "./console-world.ts";

const PAGES = 50;

type Open = { readonly socket: Socket; readonly heard: () => string; readonly ended: Promise<void> };

/** Resolves when the first bytes of an answer are there. */
async function opened(port: number, head: string): Promise<Open> {
  let text = "";
  const socket = connect(port, "127.0.0.1", () => socket.write(head));
  socket.on("error", () => undefined);
  const ended = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await new Promise<void>((resolve) => {
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString();
      resolve();
    });
  });
  return { socket, heard: () => text, ended };
}

test("streams are ended, WebSockets that do not end are cut, and what is asked meanwhile is answered", async () => {
  let finish = (): void => undefined;
  const asked = new Promise<void>((resolve) => (finish = resolve));
  let begin = (): void => undefined;
  const begun = new Promise<void>((resolve) => (begin = resolve));
  const { app, port, host, tokens } = await listening({
    addRoutes: (to) => {
      addEventRoutes(to, createEventHub(aTarget([]), "epoch"));
      to.get("/api/slow", async () => {
        begin();
        await asked;
        return { slow: true };
      });
    },
    // The worst of viewers: one that never says good-bye.
    addUpgrades: (to, guard) =>
      void to.server.on("upgrade", (request, socket) => {
        expect(guard(request)).toBeUndefined();
        socket.write("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n");
      }),
  });
  const { token } = tokens.issue();
  const own = `host: ${host}\r\nauthorization: Bearer ${token}\r\n`;
  const stream = `GET /api/events HTTP/1.1\r\n${own}\r\n`;
  const viewer = `GET /inspect/ws HTTP/1.1\r\n${own}connection: upgrade\r\nupgrade: websocket\r\n\r\n`;
  const pages = await Promise.all(
    Array.from({ length: PAGES }, () => [opened(port, stream), opened(port, viewer)]).flat(),
  );
  expect(pages.map(({ heard }) => heard().slice(0, 12))).toEqual(
    Array.from({ length: PAGES }, () => ["HTTP/1.1 200", "HTTP/1.1 101"]).flat(),
  );
  const slow = opened(port, `GET /api/slow HTTP/1.1\r\n${own}\r\n`);
  await begun;

  const began = Date.now();
  const closed = app.close();
  await Promise.all(pages.map(({ ended }) => ended));
  finish();
  expect((await slow).heard()).toContain('{"slow":true}');
  await closed;
  expect(Date.now() - began).toBeLessThan(3_000);
});

test("what was begun before the port closes passes the guards when it is whole, and opens nothing any more", async () => {
  let finish = (): void => undefined;
  const viewersAreGone = new Promise<void>((resolve) => (finish = resolve));
  const { app, port, host, tokens } = await listening({
    addRoutes: (to) => addEventRoutes(to, createEventHub(aTarget([]), "epoch")),
    addUpgrades: (to) => to.addHook("preClose", () => viewersAreGone),
  });
  const own = `host: ${host}\r\nauthorization: Bearer ${tokens.issue().token}\r\n`;
  const begun = async (line: string) => {
    const socket = connect(port, "127.0.0.1");
    await new Promise((written) => socket.write(`${line} HTTP/1.1\r\n`, written));
    let text = "";
    socket.on("error", () => undefined).on("data", (chunk: Buffer) => (text += chunk.toString()));
    const ended = new Promise<string>((resolve) => socket.on("close", () => resolve(text)));
    return (head: string): Promise<string> => {
      socket.write(`${head}\r\n`);
      return ended;
    };
  };
  const requests = await Promise.all(["GET /healthz", "GET /api/events"].map(begun));
  await expect.poll(() => new Promise((count) => app.server.getConnections((_error, n) => count(n)))).toBe(2);
  const closed = app.close();
  const [foreign, stream] = await Promise.all(
    requests.map((whole, i) => whole(i === 0 ? "host: evil.example\r\n" : own)),
  );
  expect(foreign).toMatch(/^HTTP\/1\.1 421 [^]*content-security-policy[^]*HOST_UNKNOWN/);
  expect(stream).toMatch(/^HTTP\/1\.1 503 [^]*connection: close[^]*content-security-policy[^]*DRAINING/i);
  finish();
  await closed;
});

test("a logout ends the streams of its token, and no other page's", async () => {
  const { app, port, host, tokens, origin } = await listening({
    addRoutes: (to) => addEventRoutes(to, createEventHub(aTarget([]), "epoch")),
  });
  const [mine, other] = [tokens.issue().token, tokens.issue().token];
  const stream = (token: string): Promise<Open> =>
    opened(port, `GET /api/events HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${token}\r\n\r\n`);
  const [first, second] = await Promise.all([stream(mine), stream(other)]);
  const out = await fetch(`${origin}/api/logout`, {
    method: "POST",
    headers: { authorization: `Bearer ${mine}`, "content-type": "application/json" },
    body: "{}",
  });
  expect(out.status).toBe(200);
  await first.ended;
  expect(second.socket.destroyed).toBe(false);
  await app.close();
  await second.ended;
});
