/** A made-up daemon behind the console's real files and policy. Its answers are checked against the API's shapes before they are sent. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { z } from "zod";
import { consoleFiles } from "../../src/console/build.ts";
import { Changes } from "../../src/http/shapes/changes.ts";
import { DaemonStatus, Ready } from "../../src/http/shapes/daemon.ts";
import { EndpointsPage, TestSent } from "../../src/http/shapes/endpoints.ts";
import { EnvelopesPage } from "../../src/http/shapes/envelopes.ts";
import { InboxFile, InboxPage, InboxStatus, InboxStatusBody } from "../../src/http/shapes/inbox.ts";
import { LoginBody, LoginToken } from "../../src/http/shapes/login.ts";
import { NeedsYou } from "../../src/http/shapes/needs-you.ts";
import { RunItem, RunsPage } from "../../src/http/shapes/runs.ts";
import * as answers from "./console-answers.ts";

export const CONSOLE_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
export const CODE = "one-use-code-1234567890";
export const TOKEN = "qoc_console_made-up-token";

/** What the daemon has; a test changes it as it goes. */
export type FakeDaemon = {
  runs: number;
  /** Of one run, what is different from what its number makes it. */
  readonly changed: Map<string, Partial<z.input<typeof RunItem>>>;
  needs: z.input<typeof NeedsYou>;
  inbox: z.input<typeof InboxPage>;
  inboxFile: z.input<typeof InboxFile>;
  endpoints: z.input<typeof EndpointsPage>;
  envelopes: z.input<typeof EnvelopesPage>;
  ready: z.input<typeof Ready>;
  subject: string | null;
  tokens: Set<string>;
};

export type FakeConsole = {
  readonly url: string;
  readonly port: number;
  readonly daemon: FakeDaemon;
  /** Paths asked for, newest last. */
  readonly asked: readonly string[];
  readonly streams: () => number;
  readonly change: (changes: Omit<z.input<typeof Changes>, "schema">) => void;
  readonly reset: () => void;
  /** Ends every stream, as a break on the way would. */
  readonly drop: () => void;
  readonly close: () => Promise<void>;
};

const PAGES = /^\/(runs(\/[^/]+)?|inbox|endpoints|envelopes|health)?$/;
const TYPES: Readonly<Record<string, string>> = {
  js: "text/javascript",
  css: "text/css",
  html: "text/html",
  svg: "image/svg+xml",
};

export const fakeDaemon = (): FakeDaemon => ({
  runs: 300,
  changed: new Map(),
  needs: answers.needsMuch(),
  inbox: answers.inbox(),
  inboxFile: answers.inboxFile(),
  endpoints: answers.endpoints(),
  envelopes: answers.envelopes(),
  ready: answers.ready(),
  subject: null,
  tokens: new Set([TOKEN]),
});

class Refused extends Error {
  readonly status: number;
  constructor(status: number, code: string) {
    super(code);
    this.status = status;
  }
}

/** On a port of its own, or on the one it had before. */
export async function fakeConsole(daemon = fakeDaemon(), onPort = 0): Promise<FakeConsole> {
  const files = new Map((await consoleFiles()).map(({ name, text }) => [name, text]));
  const asked: string[] = [];
  const streams = new Set<ServerResponse>();
  const epoch = `${Date.now()}`;
  let count = 0;
  const send = (event: string, data: object): void => {
    count += 1;
    for (const stream of streams)
      stream.write(`id: ${epoch}:${count}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? "/", "http://console");
    response.setHeader("content-security-policy", CONSOLE_POLICY);
    const name = PAGES.test(url.pathname) ? "index.html" : url.pathname.slice(1);
    const file = files.get(name);
    if (file !== undefined) {
      response.setHeader("content-type", TYPES[name.split(".").at(-1) ?? ""] ?? "text/plain");
      response.end(file);
      return;
    }
    asked.push(`${request.method} ${url.pathname}${url.search}`);
    const token = request.headers.authorization?.replace("Bearer ", "") ?? "";
    if (!["/api/login", "/readyz"].includes(url.pathname) && !daemon.tokens.has(token))
      throw new Refused(401, "TOKEN_INVALID");
    if (url.pathname === "/api/events") {
      const last = request.headers["last-event-id"];
      response.writeHead(200, { "content-type": "text/event-stream" });
      const isReset = typeof last === "string" && !last.startsWith(`${epoch}:`);
      response.write(`id: ${epoch}:${count}\nevent: ${isReset ? "reset" : "open"}\ndata: {}\n\n`);
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return;
    }
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const said = answer(daemon, url, text === "" ? null : JSON.parse(text));
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(said));
  };

  const server = createServer((request, response) => {
    serve(request, response).catch((error: unknown) => {
      const [code, problem] = error instanceof Refused ? [error.status, error.message] : [500, String(error)];
      response.writeHead(code, { "content-type": "application/problem+json" });
      response.end(JSON.stringify({ code: problem, title: "The made-up daemon says no.", status: code }));
    });
  });
  await new Promise<void>((resolve) => server.listen(onPort, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("it listens on a port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    port: address.port,
    daemon,
    asked,
    streams: () => streams.size,
    change: (changes) => send("changes", Changes.parse({ schema: "qoc.changes/1", ...changes })),
    reset: () => send("reset", {}),
    drop: () => streams.forEach((stream) => stream.end()),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(daemon: FakeDaemon, url: URL, body: unknown): object {
  const { pathname, searchParams } = url;
  const run = /^\/api\/runs\/([^/]+)$/.exec(pathname)?.[1];
  if (run !== undefined) return detailOf(daemon, run);
  if (/^\/api\/endpoints\/[^/]+\/[^/]+\/test$/.test(pathname))
    return TestSent.parse({
      status: 202,
      run: answers.runId(0),
      delivery_id: "test",
      says: "Accepted, which is not done.",
    });
  switch (pathname) {
    case "/api/login":
      if (LoginBody.parse(body).code !== CODE) throw new Refused(401, "CODE_INVALID");
      return LoginToken.parse({ token: TOKEN, expires_at: answers.ago(-3_600_000) });
    case "/api/logout":
      return {};
    case "/api/status":
      return DaemonStatus.parse(answers.status());
    case "/readyz":
      return Ready.parse(daemon.ready);
    case "/api/needs-you":
      return NeedsYou.parse(daemon.needs);
    case "/api/runs":
      return runsPage(daemon, searchParams);
    case "/api/inbox":
      return InboxPage.parse(daemon.inbox);
    case "/api/inbox/item":
      return InboxFile.parse(daemon.inboxFile);
    case "/api/inbox/status": {
      const marked = InboxStatusBody.parse(body);
      daemon.inboxFile = { ...daemon.inboxFile, status: marked.status };
      return InboxStatus.parse(marked);
    }
    case "/api/endpoints":
      return EndpointsPage.parse(daemon.endpoints);
    case "/api/envelopes":
      return EnvelopesPage.parse(daemon.envelopes);
    default:
      throw new Refused(404, "ROUTE_UNKNOWN");
  }
}

/** The cursor is the number of the run that the page begins with. */
function runsPage(daemon: FakeDaemon, query: URLSearchParams): object {
  const limit = Number(query.get("limit") ?? 50);
  const from = Number(query.get("cursor") ?? 0);
  const state = query.get("state");
  const numbers = Array.from({ length: Math.max(0, Math.min(limit, daemon.runs - from)) }, (_, index) => from + index);
  const items = numbers
    .map((index) => itemOf(daemon, index))
    .filter((item) => state === null || item.state.startsWith(state));
  const next = from + limit < daemon.runs ? String(from + limit) : null;
  return RunsPage.parse({ items, next, looked: numbers.length });
}

function itemOf(daemon: FakeDaemon, index: number): z.input<typeof RunItem> {
  const item = daemon.subject === null ? answers.runItem(index) : answers.runItem(index, daemon.subject);
  return { ...item, ...daemon.changed.get(item.run) };
}

/** Enough of it for a row of the list. */
function detailOf(daemon: FakeDaemon, run: string): object {
  const item = itemOf(daemon, Number(run.slice(-12)));
  const parked = item.parked ? { reason: "made up", at: answers.ago(0) } : null;
  return { ...RunItem.parse(item), parked, journal: [], drafts: [], erased: null };
}
