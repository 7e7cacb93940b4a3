/** The door of a witness: `POST /add-checkpoint`, to anybody, because what counts is signed. Nothing of a request names a file. */
import type { IncomingMessage } from "node:http";
import fastify, { type FastifyInstance } from "fastify";
import { ADD_CHECKPOINT_BYTES_MAX } from "../evidence/log/add-checkpoint.ts";
import type { Witness } from "./witness.ts";

const TEXT = "text/plain; charset=utf-8";
const REQUEST_TIMEOUT_MS = 10_000;
const HEADERS_TIMEOUT_MS = 5_000;
const KEEP_ALIVE_MS = 60_000;
const TIMEOUT_CHECK_MS = 1_000;
const CONNECTIONS_MAX = 256;
const HEADER_BYTES_MAX = 8 * 1024;

export function buildWitnessApp(witness: Witness): FastifyInstance {
  const app = fastify({
    bodyLimit: ADD_CHECKPOINT_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connectionTimeout: KEEP_ALIVE_MS,
    forceCloseConnections: "idle",
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: TIMEOUT_CHECK_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
  });
  app.server.maxConnections = CONNECTIONS_MAX;
  app.removeAllContentTypeParsers();
  // Fastify judges the content type of methods that have a body, and the protocol names none.
  app.addHttpMethod("POST", { hasBody: false, overrideExisting: true });
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).type(TEXT).send("This is a witness: POST add-checkpoint.\n"),
  );
  app.setErrorHandler((error: { readonly statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    const says = status < 500 ? "The request cannot be read." : "The witness failed and cosigned nothing.";
    return reply.code(status).type(TEXT).send(`${says}\n`);
  });
  app.post("/add-checkpoint", async (request, reply) => {
    const body = await readBody(request.raw);
    if (body === "aborted") return reply.hijack();
    if (body === "too-large") {
      return reply.code(413).header("connection", "close").type(TEXT).send("The request is too large.\n");
    }
    const answer = await witness(body);
    return reply.code(answer.status).type(answer.type).send(answer.body);
  });
  return app;
}

/** What comes beyond the bound is dropped as it comes, until the request times out. */
function readBody(request: IncomingMessage): Promise<Uint8Array | "too-large" | "aborted"> {
  return new Promise((resolve) => {
    let chunks: Uint8Array[] = [];
    let bytes = 0;
    request.on("data", (chunk: Uint8Array) => {
      bytes += chunk.length;
      if (bytes <= ADD_CHECKPOINT_BYTES_MAX) {
        chunks.push(chunk);
        return;
      }
      chunks = [];
      resolve("too-large");
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", () => resolve("aborted"));
    request.on("close", () => resolve("aborted"));
  });
}
