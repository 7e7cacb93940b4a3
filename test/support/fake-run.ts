/** A daemon with one run, for the page of it: real static files under the console's policy, made-up answers, and what it was told. */
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import path from "node:path";
import type { z } from "zod";
import { consoleFiles } from "../../src/console/build.ts";
import type { DecisionBody } from "../../src/http/shapes/drafts.ts";
import type { RunEvidence } from "../../src/http/shapes/envelopes.ts";
import type { RunReplay } from "../../src/http/shapes/replay.ts";
import type { RunPage } from "../../src/http/shapes/run-page.ts";

export const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

type Refused = { readonly kind: "refused"; readonly status: number; readonly code: string; readonly detail: string };
/** What the daemon has and answers; a test changes it as it goes. */
export type RunWorld = {
  page: RunPage;
  evidence: RunEvidence | null;
  approvers: readonly object[];
  replay: (seq: number) => RunReplay | Refused;
  decide: (body: z.input<typeof DecisionBody>) => object;
  act: (verb: string, body: unknown) => object;
};

export type FakeRun = {
  readonly url: string;
  /** Paths of the requests of the API, with their bodies. */
  readonly told: readonly { readonly path: string; readonly body: string }[];
  /** Tells every open page that the run changed. */
  readonly change: () => void;
  readonly close: () => Promise<void>;
};

export const refusal = (status: number, code: string, detail: string): Refused => ({
  kind: "refused",
  status,
  code,
  detail,
});

const layout = readFileSync(path.join(import.meta.dirname, "../../src/chart/layouts/delivery.1.json"), "utf8");
const types: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
const known: Readonly<Record<string, object>> = {
  "/api/status": {
    version: "1",
    pid: 1,
    ready: true,
    draining: false,
    ingress: null,
    console: null,
    started_at: null,
    workspaces: [],
  },
  "/api/needs-you": {
    now: "2026-03-01T12:00:00.000Z",
    items: [],
    counts: { approval: 0, stuck: 0, expiring: 0, inbox: 0, webhook: 0 },
    more: false,
  },
  "/api/runs": { items: [], next: null, looked: 0 },
  "/api/charts/delivery/1": { chart: JSON.parse(layout) },
};

/** Built once for all tests of a file. */
let built: ReturnType<typeof consoleFiles> | undefined;

export async function fakeRun(world: RunWorld): Promise<FakeRun> {
  built ??= consoleFiles();
  const files = new Map((await built).map(({ name, text }) => [`/${name}`, text]));
  const told: { readonly path: string; readonly body: string }[] = [];
  const streams = new Set<ServerResponse>();
  let events = 0;

  const answer = (target: string, body: string): object => {
    const { page } = world;
    const { pathname, searchParams } = new URL(target, "http://localhost");
    const at = `/api/runs/${page.run.run}`;
    if (pathname === `${at}/page`) return page;
    if (pathname === `${at}/replay`) return world.replay(Number(searchParams.get("seq")));
    if (pathname === `${at}/evidence`) return world.evidence ?? refusal(404, "EVIDENCE_UNKNOWN", "not sealed");
    if (pathname === `${at}/decisions`) return world.decide(JSON.parse(body));
    if (pathname.startsWith(`${at}/`)) return world.act(pathname.slice(at.length + 1), JSON.parse(body));
    if (pathname === "/api/approvers") return { items: world.approvers };
    return known[pathname] ?? refusal(404, "RUN_UNKNOWN", "no run is called that");
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const target = request.url ?? "/";
    const [pathname = "/"] = target.split("?");
    response.setHeader("content-security-policy", POLICY);
    if (!pathname.startsWith("/api/")) {
      const file = files.get(pathname);
      response.setHeader("content-type", types[path.extname(pathname)] ?? "text/html; charset=utf-8");
      response.end(file ?? files.get("/index.html"));
      return;
    }
    if (request.headers.authorization !== "Bearer t") return send(response, refusal(401, "TOKEN_INVALID", "no token"));
    if (pathname === "/api/events") {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write("id: e:0\nevent: open\ndata: {}\n\n");
      streams.add(response);
      response.on("close", () => streams.delete(response));
      return;
    }
    let body = "";
    for await (const part of request) body += String(part);
    told.push({ path: target, body });
    send(response, answer(target, body));
  };

  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    told,
    change: () => {
      events += 1;
      const { run, state } = world.page.run;
      const item = { workspace: "desk", run, state, seq: events, at: world.page.now, born: false };
      const data = JSON.stringify({ schema: "qoc.changes/1", items: [item], more: 0 });
      for (const stream of streams) stream.write(`id: e:${events}\nevent: changes\ndata: ${data}\n\n`);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, said: object): void {
  const isRefused = "kind" in said && said.kind === "refused";
  const status = isRefused && "status" in said && typeof said.status === "number" ? said.status : 200;
  response.writeHead(status, { "content-type": isRefused ? "application/problem+json" : "application/json" });
  response.end(JSON.stringify(said));
}
