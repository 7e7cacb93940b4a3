/**
 * The console's listener: pages, and the API behind a token (decision 0020). Every request and every WebSocket passes the guards before
 * anything else is looked at. What is not named as open here wants a token, also what does not exist.
 */
import type { IncomingMessage } from "node:http";
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import { type Refusal, refuse } from "../core/refusals.ts";
import { sendRefusal, sendRefusalAndClose } from "./api-reply.ts";
import { clientErrorCode, refuseConnection } from "./client-error.ts";
import { bearerOf } from "./console/bearer.ts";
import { type ConsoleGuard, guardRequest } from "./console/guards.ts";
import { createOpenConnections } from "./console/open-connections.ts";
import { PAGE_HEADERS, setPageHeaders } from "./console/page-headers.ts";
import { addStaticFiles, type StaticFiles } from "./console/static-files.ts";
import { type ConsoleTokens, tokenHash } from "./console/tokens.ts";
import { declaredBytes, isChunked } from "./request-body.ts";

export type ConsoleWorld = {
  /** The exact `Host` values that this listener answers to; a function, because the port may be known only once it listens. */
  readonly hosts: () => readonly string[];
  readonly tokens: Pick<ConsoleTokens, "accepts" | "isLive">;
  readonly files: StaticFiles;
  /** Adds the API. Routes of the control socket alone are left out by themselves. */
  readonly addRoutes: (app: FastifyInstance) => void;
  /** Adds who listens for WebSockets, and asks `guard` before any handshake. Without, an upgrade is a request like any other. */
  readonly addUpgrades?: (app: FastifyInstance, guard: (request: IncomingMessage) => Refusal | undefined) => void;
  /** Whether this is the token of whoever scrapes `/metrics`; it opens nothing else. */
  readonly isScraper?: (token: string) => boolean;
  /** Told of a bug of ours that a request met; the caller gets 500. */
  readonly complain: (says: string, reason: unknown) => void;
};

declare module "fastify" {
  interface FastifyContextConfig {
    /** Static, and holds nothing secret: the console's port gives it to who has no token. */
    readonly page?: true;
  }
}

/** What else wants no token: probes, the log (decision 0010), the API's reference, the way to a token, the inspector's pages. */
const OPEN: ReadonlySet<string | undefined> = new Set([
  "/healthz",
  "/readyz",
  "/log/*",
  "/openapi.json",
  "/api/login",
  "/inspect",
  "/inspect/stately",
]);
const METRICS = "/metrics";
const LOGOUT = "/api/logout";

const BODY_BYTES_MAX = 64 * 1024;
/** Of 50 pages, each with a stream and as many more as a browser opens at once. */
const CONNECTIONS_MAX = 512;
const LIMITS = {
  headersTimeout: 5_000,
  requestTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  // Answered by the guards, like every host that is not ours.
  requireHostHeader: false,
} as const;
const KEEP_ALIVE_MS = 5_000;
/** How often streams are held to their tokens. */
const LOOK_MS = 60_000;
/** From the end of the streams to the cut of those that did not end. */
const GRACE_MS = 500;
const RETRY_S = 5;

export function buildConsoleApp(world: ConsoleWorld): FastifyInstance {
  const { tokens } = world;
  const open = createOpenConnections(tokens.isLive);
  const app = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: LIMITS.requestTimeout,
    keepAliveTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: "idle",
    // It is refused behind the guards.
    return503OnClosing: false,
    http: LIMITS,
    frameworkErrors: (error, request, reply) => {
      // Its address could not be read, so no hook has seen it.
      setPageHeaders(reply.raw);
      sendUnread(request, reply, guarded(request) ?? refuse("REQUEST_MALFORMED", error.message));
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === "ECONNRESET") socket.destroy();
      else refuseConnection(socket, clientErrorCode(error.code), PAGE_HEADERS);
    },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.decorate("isConsole", true);

  // Before what the routes add: they take their time to close.
  let look: NodeJS.Timeout | undefined;
  app.addHook("onListen", (done) => {
    look = setInterval(open.look, LOOK_MS).unref();
    done();
  });
  let isClosing = false;
  app.addHook("preClose", (done) => {
    isClosing = true;
    clearInterval(look);
    open.close(GRACE_MS);
    done();
  });
  // Or the connection would be kept alive behind its last answer, and the closing with it.
  app.addHook("onSend", async (_request, reply) => void (isClosing && reply.header("connection", "close")));
  // Node would answer by itself, and say no.
  app.server.on("checkExpectation", (request, response) => void app.server.emit("request", request, response));

  const guardOf = (url: string | undefined): ConsoleGuard => ({
    hosts: world.hosts,
    accepts: (token) => tokens.accepts(token) || (url === METRICS && world.isScraper?.(token) === true),
  });
  const kindOf = ({ routeOptions: { url, config } }: FastifyRequest): "page" | "api" =>
    config?.page === true || OPEN.has(url) ? "page" : "api";
  const guarded = (request: FastifyRequest): Refusal | undefined =>
    guardRequest(guardOf(request.routeOptions.url), request.raw, kindOf(request));
  app.addHook("onRequest", async (request, reply) => {
    setPageHeaders(reply.raw);
    const refusal = guarded(request);
    if (refusal !== undefined) return sendUnread(request, reply, refusal);
    // A stream that begins now would keep the port open.
    if (isClosing) return sendUnread(request, reply, refuse("DRAINING", "the daemon stops", RETRY_S));
    const token = bearerOf(request.raw, false);
    const isHeld = kindOf(request) === "api" && request.routeOptions.url !== METRICS;
    if (token !== undefined && isHeld) open.hold(tokenHash(token), request.raw.socket);
    return undefined;
  });
  // Before it is answered: whoever asked may be gone, and an answer that nobody takes is never done.
  app.addHook("onSend", async (request) => {
    const token = request.routeOptions.url === LOGOUT ? bearerOf(request.raw, false) : undefined;
    if (token !== undefined && !tokens.isLive(tokenHash(token))) open.cut(tokenHash(token), request.raw.socket);
  });
  app.setErrorHandler((error: FastifyError, request, reply) => failed(world, error, request, reply));
  app.setNotFoundHandler((request, reply) => sendUnread(request, reply, refuse("ROUTE_UNKNOWN", "no such page")));
  addStaticFiles(app, world.files);
  world.addRoutes(app);
  world.addUpgrades?.(app, (request) => {
    const refusal = guardRequest(guardOf(undefined), request, "upgrade");
    if (refusal !== undefined) return refusal;
    open.holdUpgraded(request.socket);
    open.hold(tokenHash(bearerOf(request, true) ?? ""), request.socket);
    return undefined;
  });

  return app;
}

/** Answers before the body was read. One that is long or without end is not read for that. */
function sendUnread(request: FastifyRequest, reply: FastifyReply, refusal: Refusal): FastifyReply {
  if (refusal.code === "TOKEN_INVALID") reply.raw.setHeader("www-authenticate", "Bearer");
  if (refusal.code === "METHOD_NOT_ALLOWED") reply.raw.setHeader("allow", "GET, HEAD, POST");
  return isChunked(request.raw) || declaredBytes(request.raw) > BODY_BYTES_MAX
    ? sendRefusalAndClose(reply, refusal)
    : sendRefusal(reply, refusal);
}

function failed(
  { complain }: ConsoleWorld,
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): FastifyReply {
  const { statusCode = 500 } = error;
  if (statusCode === 413) return sendRefusalAndClose(reply, refuse("BODY_TOO_LARGE", `over ${BODY_BYTES_MAX} bytes`));
  if (statusCode < 500) return sendRefusal(reply, refuse("REQUEST_MALFORMED", error.message));
  complain(`${request.method} ${request.routeOptions.url ?? "unknown route"} failed`, error);
  return sendRefusal(reply, refuse("INTERNAL", "see the daemon's log"));
}

/**
 * The `Host` values of a listener: its address, and `localhost`, as a browser writes them: in lower case, an IPv6 address in its shortest form,
 * and without the port where it is 80.
 */
export const consoleHosts = (address: string, port: number): readonly string[] =>
  [address.includes(":") ? `[${address}]` : address, "localhost"].map((name) => new URL(`http://${name}:${port}`).host);
