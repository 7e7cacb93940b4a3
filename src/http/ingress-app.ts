/**
 * The door that may face the internet: `POST /webhook/<workspace>/<webhook>`, `GET /healthz`, and nothing else. In order: the
 * endpoint (404, 405), whether the daemon takes deliveries now (503), the body within its limit (413), then `receive`.
 */
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from "fastify";
import type { RawDelivery } from "../core/delivery.ts";
import type { Instant } from "../core/ids.ts";
import { refuse, type Refusal, type SignatureFault } from "../core/refusals.ts";
import type { LikelyCause } from "../ingress/cause.ts";
import type { DeskIngress } from "../ingress/desk-ingress.ts";
import { isUnsigned } from "../ingress/judge.ts";
import { receive } from "../ingress/receive.ts";
import { acknowledge } from "./acknowledgement.ts";
import { answerAndClose } from "./answer-and-close.ts";
import { clientErrorCode, refuseConnection } from "./client-error.ts";
import { endpointOf, type Endpoint } from "./endpoint.ts";
import type { IngressLimits } from "./ingress-limits.ts";
import { createLargeBodies, largeBytesOf } from "./large-bodies.ts";
import type { IngressReport } from "./ingress-report.ts";
import { problemHeaders, problemOf, PROBLEM_MEDIA_TYPE, sendProblem } from "./problem.ts";
import { declaredBytes, isChunked, readBody } from "./request-body.ts";
import { sendWritten } from "./send-written.ts";
import { createSignatureRate } from "./signature-rate.ts";

export type IngressDoor = {
  /** By workspace name; asked at each request, so that a reload takes effect whole. */
  readonly desks: () => ReadonlyMap<string, DeskIngress>;
  /** Why no delivery is taken now: draining, or the disk is low. */
  readonly gate: () => Refusal | undefined;
  readonly now: () => Instant;
  /** Called once for each request, behind the decision. Must not throw. */
  readonly report: (report: IngressReport) => void;
  /** Looks into a failed signature, now and then: why it failed, or null. Must not throw. */
  readonly diagnose: (endpoint: Endpoint, raw: RawDelivery, fault: SignatureFault) => LikelyCause | null;
  readonly limits: IngressLimits;
};

const METHODS_WITH_BODY = ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "QUERY"];
/** An unread body up to this size is left to Node to drop, and the connection lives on. */
const DROPPED_BYTES_MAX = 64 * 1024;
const LARGE_RETRY_S = 5;
const JSON_MEDIA_TYPE = "application/json";
const HEALTHY = JSON.stringify({ status: "ok" });

export function createIngressApp(door: IngressDoor): FastifyInstance {
  const { limits } = door;
  const rate = createSignatureRate(limits.signatures);
  const largeBodies = createLargeBodies(limits.largeBytesMax);
  const app = fastify({
    logger: false,
    requestIdHeader: false,
    return503OnClosing: false,
    requestTimeout: limits.requestTimeoutMs,
    keepAliveTimeout: limits.keepAliveMs,
    http: {
      headersTimeout: limits.headersTimeoutMs,
      requestTimeout: limits.requestTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckMs,
      maxHeaderSize: limits.headerBytesMax,
    },
    frameworkErrors: (_error, request, reply) => {
      refuseUnread(request, reply, refuse("ROUTE_UNKNOWN", "bad target"));
    },
    clientErrorHandler: (error, socket) => {
      if (error.code === "ECONNRESET") {
        socket.destroy();
        return;
      }
      const code = clientErrorCode(error.code);
      const address = socket.remoteAddress;
      const nothing = { endpoint: undefined, fault: null, cause: null };
      door.report({ kind: "refused", ...nothing, code, detail: error.code, address });
      refuseConnection(socket, code);
    },
  });
  app.removeAllContentTypeParsers();
  // Fastify judges the content type of methods that have a body. A signature covers bytes, whatever they are called: nothing but `readBody` looks.
  for (const method of METHODS_WITH_BODY) app.addHttpMethod(method, { hasBody: false, overrideExisting: true });

  app.post("/webhook/:workspace/:webhook", (request, reply) => takeDelivery(request, reply));
  app.get("/healthz", (_request, reply) => sendWritten(reply, 200, JSON_MEDIA_TYPE, HEALTHY));
  app.setNotFoundHandler((request, reply) => {
    const endpoint = endpointOf(request.raw.url, door.desks());
    refuseUnread(
      request,
      reply,
      endpoint === undefined ? refuse("ROUTE_UNKNOWN", "no such route") : refuse("METHOD_NOT_ALLOWED", "not POST"),
      endpoint,
    );
  });
  app.setErrorHandler((error, request, reply) => {
    const detail = error instanceof Error ? error.message : "not an error";
    refused(request, refuse("INTERNAL", detail), endpointOf(request.raw.url, door.desks()));
    return sendProblem(reply, refuse("INTERNAL", detail));
  });

  async function takeDelivery(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const began = performance.now();
    const endpoint = endpointOf(request.raw.url, door.desks());
    if (endpoint === undefined) return refuseUnread(request, reply, refuse("ROUTE_UNKNOWN", "no such webhook"));
    const closed = door.gate();
    if (closed !== undefined) return refuseUnread(request, reply, closed, endpoint);
    const large = largeBytesOf(request.raw, endpoint.webhook.body_limit_bytes);
    if (large === 0) return readAndAnswer(request, reply, endpoint, began);
    if (isUnsigned(headersOf(request.raw.rawHeaders), endpoint.webhook)) {
      const refusal = { ...refuse("SIGNATURE_INVALID", "no signature header"), fault: "NO_SIGNATURE" as const };
      return refuseUnread(request, reply, limited(request, endpoint, refusal), endpoint);
    }
    const giveBack = largeBodies.take(large);
    if (giveBack === undefined) {
      return refuseUnread(request, reply, refuse("OVERLOADED", "too many large bodies", LARGE_RETRY_S), endpoint);
    }
    try {
      return await readAndAnswer(request, reply, endpoint, began);
    } finally {
      giveBack();
    }
  }

  async function readAndAnswer(
    request: FastifyRequest,
    reply: FastifyReply,
    endpoint: Endpoint,
    began: number,
  ): Promise<FastifyReply> {
    const body = await readBody(request.raw, endpoint.webhook.body_limit_bytes);
    switch (body.kind) {
      case "aborted":
        return reply.hijack();
      case "too-large":
        return refuseUnread(request, reply, refuse("BODY_TOO_LARGE", "over the limit"), endpoint);
      case "body":
        return answer(request, reply, endpoint, began, {
          target: request.raw.url ?? "",
          headers: headersOf(request.raw.rawHeaders),
          body: body.bytes,
        });
    }
  }

  async function answer(
    request: FastifyRequest,
    reply: FastifyReply,
    endpoint: Endpoint,
    began: number,
    raw: RawDelivery,
  ): Promise<FastifyReply> {
    const result = await receive(endpoint.desk, endpoint.webhook.name, raw, door.now());
    switch (result.kind) {
      case "accepted":
        door.report({
          kind: "accepted",
          endpoint,
          accepted: result,
          bytes: raw.body.length,
          took_ms: performance.now() - began,
        });
        return acknowledge(reply, result);
      case "refused":
        return sendProblem(reply, refused(request, limited(request, endpoint, result), endpoint, raw));
    }
  }

  /** A failed signature too many is told so; any other refusal stays what it is. */
  function limited(request: FastifyRequest, { desk, webhook }: Endpoint, refusal: Refusal): Refusal {
    if (refusal.code !== "SIGNATURE_INVALID") return refusal;
    const waitS = rate.failed(`${desk.name}/${webhook.name} ${request.ip}`, door.now());
    return waitS === undefined ? refusal : { ...refusal, code: "SIGNATURE_RATE", retryAfterS: waitS };
  }

  function refused(
    request: FastifyRequest,
    refusal: Refusal,
    endpoint: Endpoint | undefined,
    raw?: RawDelivery,
  ): Refusal {
    const { code, detail, fault = null } = refusal;
    const isFailed = fault !== null && endpoint !== undefined && raw !== undefined;
    const cause = isFailed ? door.diagnose(endpoint, raw, fault) : null;
    door.report({ kind: "refused", endpoint, code, detail, address: request.ip, fault, cause });
    return refusal;
  }

  /** Refuses before the body was read: a large or endless one is not read to its end for that. */
  function refuseUnread(
    request: FastifyRequest,
    reply: FastifyReply,
    refusal: Refusal,
    endpoint?: Endpoint,
  ): FastifyReply {
    refused(request, refusal, endpoint);
    if (
      refusal.code !== "BODY_TOO_LARGE" &&
      !isChunked(request.raw) &&
      declaredBytes(request.raw) <= DROPPED_BYTES_MAX
    ) {
      return sendProblem(reply, refusal);
    }
    const { status, body } = problemOf(refusal.code);
    const headers = { ...problemHeaders(refusal), "content-type": PROBLEM_MEDIA_TYPE };
    reply.hijack();
    answerAndClose(request.raw, reply.raw, { status, headers, body }, limits.linger);
    return reply;
  }

  return app;
}

/** Pairs as they came: Node's own object joins or drops a header that is repeated. */
function headersOf(pairs: readonly string[]): RawDelivery["headers"] {
  const headers = new Map<string, string[]>();
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = (pairs[index] ?? "").toLowerCase();
    const value = pairs[index + 1] ?? "";
    const values = headers.get(name);
    if (values === undefined) headers.set(name, [value]);
    else values.push(value);
  }
  return headers;
}
