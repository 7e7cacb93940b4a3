/** What a logout ends, over real sockets: what is open under its token, whether or not whoever asked waits for the answer. */
import { connect, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { addEventRoutes, createEventHub } from "../../../../src/http/events.ts";
import { aTarget } from "../desk-with-runs.ts";
import { listening } from "./console-world.ts";

let close = async (): Promise<void> => undefined;
afterEach(() => close());

async function aStream(given: { readonly whoAsksIsGone: boolean }) {
  const { app, port, host, tokens } = await listening({
    addRoutes: (to) => {
      addEventRoutes(to, createEventHub(aTarget([]), "epoch"));
      // Behind the reading of the body, and before the answer.
      to.addHook("preHandler", async ({ raw }) => {
        if (given.whoAsksIsGone && raw.url === "/api/logout") raw.socket.destroy();
      });
    },
  });
  close = async () => app.close();
  const { token } = tokens.issue();
  const own = `host: ${host}\r\nauthorization: Bearer ${token}\r\n`;
  const socket = connect(port, "127.0.0.1", () => socket.write(`GET /api/events HTTP/1.1\r\n${own}\r\n`));
  socket.on("error", () => undefined);
  const ended = new Promise<"ended">((resolve) => socket.on("close", () => resolve("ended")));
  await new Promise((heard) => socket.once("data", heard));
  const logout = (type: string, after: (sender: Socket) => void): void => {
    const head = `POST /api/logout HTTP/1.1\r\n${own}content-type: ${type}\r\ncontent-length: 2\r\n\r\n{}`;
    const sender = connect(port, "127.0.0.1", () => sender.write(head, () => after(sender)));
    sender.on("error", () => undefined);
  };
  return { socket, ended, tokens, token, logout };
}

test("who is gone before the answer is logged out all the same, with what is open", async () => {
  const { ended, tokens, token, logout } = await aStream({ whoAsksIsGone: true });
  logout("application/json", () => undefined);
  expect(await Promise.race([ended, new Promise((late) => setTimeout(late, 3_000, "still open"))])).toBe("ended");
  expect(tokens.accepts(token)).toBe(false);
});

test("one that is refused ends nothing", async () => {
  const { socket, tokens, token, logout } = await aStream({ whoAsksIsGone: false });
  const answer = new Promise<string>((resolve) =>
    logout("text/plain", (sender) => sender.once("data", (bytes: Buffer) => resolve(bytes.toString()))),
  );
  expect(await answer).toMatch(/^HTTP\/1\.1 415 /);
  await new Promise((waited) => setTimeout(waited, 200));
  expect([socket.closed, tokens.accepts(token)]).toEqual([false, true]);
});
