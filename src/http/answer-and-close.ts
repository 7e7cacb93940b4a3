import type { IncomingMessage, ServerResponse } from "node:http";

/** How long, and for how many bytes, an answered sender may go on sending before the connection is cut. */
export type Linger = { readonly ms: number; readonly bytes: number };
export type Answer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/**
 * Answers a request whose body is not wanted, and closes the connection. A socket that is closed with bytes unread is reset, and
 * the sender may lose the answer with it (RFC 9112, 9.6): so the answer is flushed first, and what still comes is dropped for a
 * short while.
 */
export function answerAndClose(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  linger: Linger,
): void {
  const { status, headers, body } = answer;
  response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  if (request.method !== "HEAD") response.write(body);
  else response.flushHeaders();
  let bytesLeft = linger.bytes;
  const close = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(close, linger.ms);
  request.on("data", (chunk: Uint8Array) => {
    bytesLeft -= chunk.length;
    if (bytesLeft < 0) close();
  });
  request.on("end", close);
  request.on("close", close);
  request.on("error", close);
  request.resume();
}
