/** Where a request shows its token: in `Authorization`, or, where a browser can set no header, as a subprotocol of its WebSocket. */
import { headerValues, type RequestHead, theHeader } from "./request-headers.ts";

export const CONSOLE_TOKEN_PREFIX = "qoc_console_";

/** Wider than RFC 6750, 2.1: what a scraper shows is a text of the operator's. */
const BEARER = /^Bearer +([\x21-\x7e]{1,512})$/i;
const SUBPROTOCOL = "bearer.";

/** Undefined when there is none, or more than one: whose word would count? */
export function bearerOf(head: RequestHead, isUpgrade: boolean): string | undefined {
  const shown = headerValues(head, "authorization").length;
  if (shown > 0) return BEARER.exec(theHeader(head, "authorization") ?? "")?.[1];
  return isUpgrade ? subprotocolToken(head) : undefined;
}

function subprotocolToken(head: RequestHead): string | undefined {
  const names = headerValues(head, "sec-websocket-protocol").flatMap((value) => value.split(","));
  const [token, ...more] = names.map((name) => name.trim()).filter((name) => name.startsWith(SUBPROTOCOL));
  return more.length === 0 ? token?.slice(SUBPROTOCOL.length) : undefined;
}
