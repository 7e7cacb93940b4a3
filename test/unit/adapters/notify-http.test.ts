/** A target is a stranger's server: whatever it does, an attempt ends in time, goes nowhere else and tells nothing that it was not to tell. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { createServer as createSocketServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { createNotifyPoster, type NotifyPoster, type PosterOptions } from "../../../src/adapters/notify-http.ts";
import { systemResolve, type Resolve } from "../../../src/adapters/notify-lookup.ts";
import type { Reply } from "../../../src/notify/post.ts";

const CANARY = "c4n4ry";
const SWITCHING = "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n";
const message = { headers: { "webhook-id": "a/1" }, body: Buffer.from(`{"of":"ours"}`) };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function poster(options: PosterOptions = {}): NotifyPoster {
  const made = createNotifyPoster({ deadlineMs: 2_000, ...options });
  closers.push(made.close);
  return made;
}

type Listening = { readonly port: number; readonly heard: IncomingMessage[] };
async function serving(listener: RequestListener): Promise<Listening> {
  const heard: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    heard.push(request);
    listener(request, response);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === "object" && address !== null ? address.port : 0, heard };
}

/** A server of bare bytes. */
async function sockets(
  onConnection: (socket: Socket) => void,
  place = { host: "127.0.0.1", port: 0 },
): Promise<number> {
  const open = new Set<Socket>();
  const server = createSocketServer((socket) => {
    open.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => {
    server.listen(place.port, place.host, resolve);
  });
  closers.push(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

const at = (port: number, path = `/hook/${CANARY}?key=${CANARY}`): string => `http://127.0.0.1:${port}${path}`;
const sent = (url: string, options: PosterOptions = {}): Promise<Reply> =>
  poster(options).post({ url, allow_private: true }, message);
const outcome = (reply: Reply): string => (reply.kind === "answered" ? String(reply.status) : reply.reason);

test("a message arrives as it was signed", async () => {
  const bodies: string[] = [];
  const { port, heard } = await serving((request, response) => {
    void (async () => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(Buffer.from(chunk));
      bodies.push(Buffer.concat(chunks).toString());
      response.writeHead(201, { "retry-after": "7" }).end("thanks");
    })();
  });
  const reply = await sent(at(port));
  expect(reply).toEqual({ kind: "answered", status: 201, retry_after: "7", body: Buffer.from("thanks") });
  expect(bodies).toEqual([message.body.toString()]);
  expect(heard[0]?.url).toBe(`/hook/${CANARY}?key=${CANARY}`);
  expect(heard[0]?.method).toBe("POST");
  expect(heard[0]?.headers).toMatchObject({
    "webhook-id": "a/1",
    "content-type": "application/json",
    "content-length": String(message.body.length),
    "user-agent": expect.stringMatching(/^qoc\/\d/),
    connection: "close",
  });
});

describe("a target", () => {
  test("that fails is told by its status", async () => {
    const { port } = await serving((_request, response) => void response.writeHead(500).end(CANARY));
    expect(outcome(await sent(at(port)))).toBe("500");
  });

  test.each([301, 302, 303, 307, 308])("that redirects with %i is not followed", async (status) => {
    const elsewhere = await serving((_request, response) => void response.writeHead(200).end());
    const { port } = await serving(
      (_request, response) => void response.writeHead(status, { location: at(elsewhere.port) }).end(),
    );
    expect(outcome(await sent(at(port)))).toBe(String(status));
    expect(elsewhere.heard).toEqual([]);
  });

  test("that takes the message and never answers is left at the deadline", async () => {
    const { port } = await serving(() => undefined);
    expect(await sent(at(port), { deadlineMs: 200 })).toEqual({
      kind: "failed",
      reason: "it did not answer within 200 ms",
    });
  });

  test("that takes the connection and nothing else is left at the deadline", async () => {
    const port = await sockets(() => undefined);
    expect(outcome(await sent(at(port), { deadlineMs: 200 }))).toBe("it did not answer within 200 ms");
  });

  test("that answers a byte at a time is left at the deadline, however it goes on", async () => {
    const port = await sockets((socket) => {
      const bytes = setInterval(() => socket.write("H"), 20);
      socket.on("close", () => clearInterval(bytes));
      socket.write("HTTP/1.1 200 OK\r\nx-slow: ");
    });
    expect(outcome(await sent(at(port), { deadlineMs: 300 }))).toBe("it did not answer within 300 ms");
  });

  test("that has taken the message counts, also when its answer never ends", async () => {
    const port = await sockets((socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome");
    });
    const begun = performance.now();
    const reply = await sent(at(port), { deadlineMs: 300 });
    expect(reply).toMatchObject({ kind: "answered", status: 200, body: Buffer.from("some") });
    expect(performance.now() - begun).toBeLessThan(1_500);
  });

  test("that answers without end is heard for 64 KiB", async () => {
    let written = 0;
    const { port } = await serving((_request, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && written < 64 * 1024 * 1024) {
          written += 65_536;
          if (!response.write(Buffer.alloc(65_536))) {
            response.once("drain", more);
            return;
          }
        }
      };
      more();
    });
    const reply = await sent(at(port));
    expect(reply.kind === "answered" && reply.body.length).toBe(65_536);
    expect(written).toBeLessThan(32 * 1024 * 1024);
  });

  test.each([
    ["resets the connection at once", (socket: Socket) => void socket.resetAndDestroy()],
    ["resets it behind the message", (socket: Socket) => void socket.once("data", () => socket.resetAndDestroy())],
  ])("that %s has failed", async (_says, onConnection) => {
    expect(outcome(await sent(at(await sockets(onConnection))))).toMatch(
      /^the connection failed \(E(CONNRESET|PIPE)\)$/,
    );
  });

  test.each([
    ["hangs up behind the message", (socket: Socket) => void socket.once("data", () => socket.end())],
    ["answers what is no HTTP", (socket: Socket) => void socket.end(`${CANARY}\r\n\r\n`)],
    [
      "answers headers without end",
      (socket: Socket) => void socket.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(99_999)}`),
    ],
  ])("that %s has failed", async (_says, onConnection) => {
    const reply = await sent(at(await sockets(onConnection)));
    expect(reply.kind).toBe("failed");
    expect(outcome(reply)).toMatch(/^the connection failed \([A-Z_]+\)$/);
  });

  test("that switches to another protocol has failed", async () => {
    const port = await sockets((socket) => void socket.end(SWITCHING));
    expect(outcome(await sent(at(port)))).toBe("the connection ended without an answer");
  });

  test("that is not there has failed", async () => {
    const { port } = await serving(() => undefined);
    for (const close of closers.splice(0)) close();
    expect(outcome(await sent(at(port)))).toBe("the connection failed (ECONNREFUSED)");
  });

  test("that speaks no TLS where it is to has failed", async () => {
    const port = await sockets((socket) => void socket.once("data", () => socket.end("no TLS")));
    expect(outcome(await sent(`https://127.0.0.1:${port}/?key=${CANARY}`))).toMatch(/^the connection failed \(/);
  });

  test("whose certificate nobody vouches for is sent nothing", async () => {
    const folder = mkdtempSync(join(tmpdir(), "qoc-notify-"));
    closers.push(() => rmSync(folder, { recursive: true }));
    const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(folder, name));
    const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"];
    const named = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", [...made, ...named, "-keyout", key ?? "", "-out", cert ?? ""], { stdio: "pipe" });
    let heard = 0;
    const server = createTlsServer({ key: readFileSync(key ?? ""), cert: readFileSync(cert ?? "") }, () => {
      heard += 1;
    });
    await new Promise<void>((resolve) => {
      server.listen(0, "127.0.0.1", resolve);
    });
    closers.push(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    expect(outcome(await sent(`https://127.0.0.1:${port}/`))).toBe(
      "the connection failed (DEPTH_ZERO_SELF_SIGNED_CERT)",
    );
    expect(heard).toBe(0);
  });

  test("whose name is asked for in vain is left at the deadline", async () => {
    const resolve: Resolve = () => new Promise(() => undefined);
    expect(outcome(await sent("http://silent.example/", { resolve, deadlineMs: 100 }))).toBe(
      "it did not answer within 100 ms",
    );
  });

  test("whose name nobody knows has failed", async () => {
    const resolve: Resolve = () => Promise.reject(Object.assign(new Error(`no ${CANARY}`), { code: "ENOTFOUND" }));
    expect(outcome(await sent(`http://${CANARY}.example/`, { resolve }))).toBe("the connection failed (ENOTFOUND)");
    expect(outcome(await sent("http://none.example/", { resolve: () => Promise.resolve([]) }))).toBe(
      "the connection failed",
    );
  });
});

describe("without allow_private", () => {
  const REFUSED = "its host has an address that is not public, which takes allow_private = true";
  const guarded = (url: string, options: PosterOptions = {}): Promise<Reply> =>
    poster(options).post({ url, allow_private: false }, message);
  const resolving =
    (...addresses: readonly string[]): Resolve =>
    () =>
      Promise.resolve(addresses.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })));

  test.each([
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://10.0.0.1/",
    "https://169.254.169.254/latest/meta-data",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[fe80::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://0.0.0.0/",
    "https://１２７.0.0.1/",
  ])("%s is not called", async (url) => {
    expect(await guarded(url)).toEqual({ kind: "refused", reason: REFUSED });
  });

  test.each([
    ["loopback", ["127.0.0.1"]],
    ["a private address", ["192.168.0.1"]],
    ["a unique local address", ["fd00::1"]],
    ["a mapped address", ["::ffff:10.0.0.1"]],
    ["one such address among public ones", ["1.1.1.1", "10.0.0.1"]],
    ["one such address behind public ones of the other family", ["1.1.1.1", "2606:4700::1", "::1"]],
  ])("a host that means %s is not called", async (_says, addresses) => {
    expect(await guarded("https://innocent.example/", { resolve: resolving(...addresses) })).toEqual({
      kind: "refused",
      reason: REFUSED,
    });
  });

  test("localhost is not called", async () => {
    expect(await guarded("https://localhost/")).toEqual({ kind: "refused", reason: REFUSED });
  });

  test("a host is asked about once, and what it means a moment later changes nothing", async () => {
    const called: string[] = [];
    const calling = (socket: Socket): void => {
      called.push(socket.localAddress ?? "");
      socket.destroy();
    };
    const port = await sockets(calling);
    await sockets(calling, { host: "127.0.0.2", port });
    const answers = ["127.0.0.2", "127.0.0.1"];
    let questions = 0;
    const rebinding: Resolve = () => {
      questions += 1;
      return Promise.resolve([{ address: answers[questions - 1] ?? "127.0.0.1", family: 4 }]);
    };
    const { post } = poster({ resolve: rebinding, isPublic: (address) => address === "127.0.0.2" });
    const target = { url: `https://rebinding.example:${port}/`, allow_private: false };
    expect((await post(target, message)).kind).toBe("failed");
    expect([questions, called]).toEqual([1, ["127.0.0.2"]]);
    expect(outcome(await post(target, message))).toBe(REFUSED);
    expect([questions, called]).toEqual([2, ["127.0.0.2"]]);
  });

  test("http: is not called at all", async () => {
    let questions = 0;
    const resolve: Resolve = () => {
      questions += 1;
      return Promise.resolve([{ address: "1.1.1.1", family: 4 }]);
    };
    expect((await guarded("http://example.com/", { resolve })).kind).toBe("refused");
    expect(questions).toBe(0);
  });
});

test("a name that may be called is called where it leads, and named in the request", async () => {
  const { port, heard } = await serving((_request, response) => void response.writeHead(204).end());
  const resolve: Resolve = () => Promise.resolve([{ address: "127.0.0.1", family: 4 }]);
  expect(outcome(await sent(`http://ops.example:${port}/`, { resolve }))).toBe("204");
  expect(heard[0]?.headers.host).toBe(`ops.example:${port}`);
});

test("closing breaks off what is under way, and sends nothing any more", async () => {
  const { port, heard } = await serving(() => undefined);
  const { post, close } = poster();
  const target = { url: at(port), allow_private: true };
  const reply = post(target, message);
  while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  close();
  expect((await reply).kind).toBe("failed");
  expect(await post(target, message)).toEqual({ kind: "failed", reason: "it was not asked: the daemon stops" });
  expect(heard.length).toBe(1);
});

test("no reason holds a word of the URL or of the answer", async () => {
  const dead = await sockets((socket) => void socket.resetAndDestroy());
  const noise = await sockets((socket) => void socket.end(`${CANARY}\r\n\r\n`));
  const resolve: Resolve = (host) => Promise.reject(new Error(`getaddrinfo ENOTFOUND ${host}`));
  const replies = [
    await sent(at(dead)),
    await sent(at(noise)),
    await sent(`http://${CANARY}.example/?${CANARY}`, { resolve }),
    await sent(`http://${CANARY}:${CANARY}@127.0.0.1/`),
    await sent(`ftp://${CANARY}/`),
    await sent(CANARY),
    await poster().post(
      { url: at(noise), allow_private: true },
      { ...message, headers: { "webhook-id": `${CANARY}\n` } },
    ),
  ];
  expect(replies.map(({ kind }) => kind)).not.toContain("answered");
  expect(JSON.stringify(replies)).not.toContain(CANARY);
});

describe("the system is asked", () => {
  type Open = { readonly host: string; readonly answer: () => void; readonly fail: () => void };
  function asking() {
    const open: Open[] = [];
    const resolve = systemResolve(
      (host) =>
        new Promise((tell, refuse) => {
          open.push({
            host,
            answer: () => tell([{ address: host, family: 4 }]),
            fail: () => refuse(new Error("none")),
          });
        }),
    );
    return { open, resolve };
  }
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  test("about one host once at a time", async () => {
    const { open, resolve } = asking();
    const both = [resolve("a"), resolve("a")];
    open[0]?.answer();
    expect(await Promise.all(both)).toEqual([[{ address: "a", family: 4 }], [{ address: "a", family: 4 }]]);
    void resolve("a");
    expect(open.map(({ host }) => host)).toEqual(["a", "a"]);
  });

  test("about two hosts at a time, and about the next when one is answered or fails", async () => {
    const { open, resolve } = asking();
    const [a, b] = [resolve("a"), resolve("b")];
    const rest = [resolve("c"), resolve("d"), resolve("e")];
    expect(open.map(({ host }) => host)).toEqual(["a", "b"]);
    open[0]?.answer();
    await a;
    await turn();
    expect(open.map(({ host }) => host)).toEqual(["a", "b", "c"]);
    open[1]?.fail();
    await expect(b).rejects.toThrow("none");
    await turn();
    expect(open.map(({ host }) => host)).toEqual(["a", "b", "c", "d"]);
    open[2]?.answer();
    open[3]?.answer();
    await turn();
    open[4]?.answer();
    expect((await Promise.all(rest)).length).toBe(3);
  });
});
