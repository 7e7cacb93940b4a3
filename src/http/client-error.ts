/** What is said to a connection whose bytes never became a request: there is no reply object, only the socket. */
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { RefusalCode } from "../core/refusals.ts";
import { problemOf, PROBLEM_MEDIA_TYPE } from "./problem.ts";

/** Node's codes: https://nodejs.org/docs/latest-v20.x/api/http.html#event-clienterror */
const CODES: ReadonlyMap<string | undefined, RefusalCode> = new Map([
  ["ERR_HTTP_REQUEST_TIMEOUT", "REQUEST_TIMEOUT"],
  ["HPE_HEADER_OVERFLOW", "HEADERS_TOO_LARGE"],
  ["HPE_CHUNK_EXTENSIONS_OVERFLOW", "BODY_TOO_LARGE"],
]);

export const clientErrorCode = (code: string | undefined): RefusalCode => CODES.get(code) ?? "REQUEST_MALFORMED";

/** Answers when anybody can still read it, and cuts the connection either way: what follows on it cannot be trusted to be a request. */
export function refuseConnection(
  socket: Duplex,
  code: RefusalCode,
  headers: Readonly<Record<string, string>> = {},
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { status, body } = problemOf(code);
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\n${more.join("")}` +
      `content-type: ${PROBLEM_MEDIA_TYPE}\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
    () => socket.destroy(),
  );
}
