/** A daemon that is stopped with many pages open, some of which read nothing: it ends in time, and so does what it had open. */
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { qoc, stop, within } from "../support/daemon.ts";
import { deskFolder } from "../support/desk-folder.ts";
import { consoleOf, type OpenConsole, tokenOf } from "../support/open-console.ts";
import { openConnection, requestOf } from "../support/raw-connection.ts";
import { post } from "../support/sender.ts";

const DRAIN_MS = 20_000;

type Watching = {
  /** What each stream that was read said, until it ended. */
  readonly streams: readonly Promise<string>[];
  readonly stuck: readonly Promise<string>[];
  /** How each socket was closed. */
  readonly sockets: readonly Promise<number>[];
};

/** Fifty streams and ten sockets that are read, and as many more of each as are not. */
async function watched({ port, url }: OpenConsole, token: string): Promise<Watching> {
  const stream = (view: string) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1", () =>
      socket.write(
        `GET /api/events?view=${view} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\n\r\n`,
      ),
    );
    socket.on("error", () => undefined);
    const opened = new Promise((resolve) => socket.once("data", resolve));
    socket.on("data", (chunk: Buffer) => (heard += chunk.toString()));
    const ended = new Promise<string>((resolve) => socket.on("close", () => resolve(heard)));
    return { socket, opened, ended };
  };
  const viewer = () => {
    const socket = new WebSocket(`${url.replace("http", "ws")}/inspect/ws`, ["qoc.inspect.v1", `bearer.${token}`]);
    socket.on("error", () => undefined);
    const opened = new Promise((resolve) => socket.once("open", resolve));
    return { socket, opened, closed: new Promise<number>((resolve) => socket.on("close", resolve)) };
  };
  const read = Array.from({ length: 50 }, (_, n) => stream(n % 2 === 0 ? "rows" : "changes"));
  const unread = Array.from({ length: 10 }, () => stream("rows"));
  const viewers = Array.from({ length: 10 }, viewer);
  const deaf = Array.from({ length: 5 }, viewer);
  const all = [...read, ...unread, ...viewers, ...deaf].map(({ opened }) => opened);
  await within(Promise.all(all), () => "opened no stream");
  for (const { socket } of unread) socket.pause();
  for (const { socket } of deaf) socket.pause();
  return {
    streams: read.map(({ ended }) => ended),
    stuck: unread.map(({ socket, ended }) => {
      // What nobody reads has no end that anybody sees.
      void pause(DRAIN_MS / 2).then(() => socket.resume());
      return ended;
    }),
    sockets: viewers.map(({ closed }) => closed),
  };
}

async function withPages(name: string) {
  const dir = deskFolder(name);
  const opened = await consoleOf(dir);
  const pages = await watched(opened, await tokenOf(dir, opened.port));
  for (let n = 0; n < 20; n += 1)
    // oxlint-disable-next-line no-await-in-loop -- one after the other
    await post(opened.daemon.ingress, name, { webhook: "price-alert", body: `{"event":"e","n":${n}}` });
  return { dir, ...opened, pages };
}

/** Streams end as HTTP says that an answer ends, and sockets with the word that the daemon goes. */
async function endedCleanly({ streams, sockets }: Watching): Promise<void> {
  for (const heard of await Promise.all(streams)) {
    expect(heard).toContain("event: ");
    expect(heard.endsWith("0\r\n\r\n")).toBe(true);
  }
  expect(new Set(await Promise.all(sockets))).toEqual(new Set([1001]));
}

test("SIGTERM: it exits with 0 long before its drain is over, and every page that read hears a clean end", async () => {
  const { daemon, pages } = await withPages("terminated");
  const began = Date.now();
  const { code } = await stop(daemon);
  expect([code, Date.now() - began < DRAIN_MS / 4]).toEqual([0, true]);
  await endedCleanly(pages);
});

test("qoc stop: the same", async () => {
  const { dir, daemon, pages } = await withPages("asked-to-stop");
  const began = Date.now();
  const said = await qoc({ cwd: dir }, "stop");
  const { code } = await daemon.ended;
  expect([said.code, code, Date.now() - began < DRAIN_MS / 4]).toEqual([0, 0, true]);
  await endedCleanly(pages);
});

test("a second signal ends at once what the first one waits for", async () => {
  const { daemon, port } = await withPages("hurried");
  const { head } = requestOf("hurried", { event: "late" });
  const sender = await openConnection(daemon);
  sender.write(head);
  await sender.answered("100 Continue");
  daemon.signal("SIGTERM");
  await pause(700);
  // It still waits for the body, and the console's port is shut already.
  await expect(fetch(`http://127.0.0.1:${port}/healthz`)).rejects.toThrow("fetch failed");
  const began = Date.now();
  daemon.signal("SIGTERM");
  const { code, signal } = await daemon.ended;
  expect(Date.now() - began).toBeLessThan(2_000);
  expect(code ?? signal).not.toBe(0);
  sender.end();
});
