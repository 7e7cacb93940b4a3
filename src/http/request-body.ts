/** The bytes of a request, and never more of them than may be kept. */
import type { IncomingMessage } from "node:http";

export type RequestBody =
  | { readonly kind: "body"; readonly bytes: Uint8Array }
  | { readonly kind: "too-large" }
  /** The connection ended first: there is nobody to answer. */
  | { readonly kind: "aborted" };

/** Resolves, never rejects. A body that says it is too large is not read at all; one that turns out so is read no further. */
export function readBody(request: IncomingMessage, bytesMax: number): Promise<RequestBody> {
  if (declaredBytes(request) > bytesMax) return Promise.resolve({ kind: "too-large" });
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    let total = 0;
    const keep = (chunk: Uint8Array): void => {
      total += chunk.length;
      if (total <= bytesMax) {
        chunks.push(chunk);
        return;
      }
      request.off("data", keep);
      request.pause();
      resolve({ kind: "too-large" });
    };
    request.on("data", keep);
    request.on("end", () => resolve({ kind: "body", bytes: joined(chunks, total) }));
    request.on("error", () => resolve({ kind: "aborted" }));
    request.on("close", () => resolve({ kind: "aborted" }));
  });
}

/** Nearly every delivery comes in one piece: that piece is the body, without a copy. */
function joined(chunks: readonly Uint8Array[], total: number): Uint8Array {
  const [first] = chunks;
  return first !== undefined && chunks.length === 1 ? first : Buffer.concat(chunks, total);
}

/** What the request says of its length; the HTTP parser has made sure that it is a whole number. */
export const declaredBytes = ({ headers }: IncomingMessage): number => Number(headers["content-length"] ?? 0);

export const isChunked = ({ headers }: IncomingMessage): boolean => headers["transfer-encoding"] !== undefined;
