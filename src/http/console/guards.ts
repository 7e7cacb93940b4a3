/**
 * Who may ask anything of the console's port. Every request and every WebSocket passes these checks in this order, before a route or a body
 * is looked at: `Host` (DNS rebinding), `Origin` and `Sec-Fetch-Site` (other sites in the same browser), the method, the token, the media
 * type. What a browser sends by itself is never enough: there is no cookie.
 */
import { type Refusal, refuse } from "../../core/refusals.ts";
import { RUN_TOKEN_MARK } from "../agent-door.ts";
import { bearerOf, CONSOLE_TOKEN_PREFIX } from "./bearer.ts";
import { headerValues, type RequestHead, theHeader } from "./request-headers.ts";

export type ConsoleGuard = {
  /** The exact `Host` values, name and port, in lower case; a function, because the port may be known only once it listens. */
  readonly hosts: () => readonly string[];
  /** Whether this token opens the API now. Compares in constant time, and counts as a use. */
  readonly accepts: (token: string) => boolean;
};

/** `page`: static bytes that hold nothing secret, probes, the login itself. No token is asked for. */
export type Guarded = "page" | "api" | "upgrade";

const METHODS: ReadonlySet<string | undefined> = new Set(["GET", "HEAD", "POST"]);
const OWN_SITES: ReadonlySet<string> = new Set(["same-origin", "none"]);
/** A charset is allowed and not looked at: JSON is UTF-8 (RFC 8259, 8.1). */
const JSON_TYPE = /^application\/json[\t ]*(?:;[\t ]*charset=(?:utf-8|"utf-8")[\t ]*)?$/i;

/** Undefined when it may pass. */
export function guardRequest(guard: ConsoleGuard, head: RequestHead, kind: Guarded): Refusal | undefined {
  return (
    guardHost(guard, head) ??
    guardOrigin(head) ??
    guardSite(head) ??
    guardMethod(head, kind) ??
    guardToken(guard, head, kind) ??
    guardMediaType(head)
  );
}

function guardHost(guard: ConsoleGuard, head: RequestHead): Refusal | undefined {
  // A target in absolute form names a host of its own, which a server must prefer to the header (RFC 9112, 3.2.2).
  const isPath = head.url?.startsWith("/") === true;
  const host = theHeader(head, "host")?.toLowerCase();
  if (isPath && host !== undefined && guard.hosts().includes(host)) return undefined;
  return refuse("HOST_UNKNOWN", "not a host of the console");
}

/** The same origin, to the letter: a browser writes it in lower case. `null`, a second one, the other name of this machine: no. */
function guardOrigin(head: RequestHead): Refusal | undefined {
  if (headerValues(head, "origin").length === 0) return undefined;
  const own = `http://${theHeader(head, "host")?.toLowerCase() ?? ""}`;
  return theHeader(head, "origin") === own ? undefined : refuse("ORIGIN_REFUSED", "not the console's own origin");
}

/** What is no browser sends none of it; a browser lets no page set it. */
function guardSite(head: RequestHead): Refusal | undefined {
  if (headerValues(head, "sec-fetch-site").length === 0) return undefined;
  return OWN_SITES.has(theHeader(head, "sec-fetch-site") ?? "")
    ? undefined
    : refuse("ORIGIN_REFUSED", "asked for by another site");
}

function guardMethod({ method }: RequestHead, kind: Guarded): Refusal | undefined {
  const fits = kind === "upgrade" ? method === "GET" : METHODS.has(method);
  return fits ? undefined : refuse("METHOD_NOT_ALLOWED", "GET, HEAD and POST are what there is");
}

function guardToken(guard: ConsoleGuard, head: RequestHead, kind: Guarded): Refusal | undefined {
  const url = head.url ?? "";
  if (url.includes(RUN_TOKEN_MARK) || head.rawHeaders.some((text) => text.includes(RUN_TOKEN_MARK)))
    return refuse("RUN_TOKEN", "the console is not for agents");
  // It would be kept in histories and logs.
  if (url.includes(CONSOLE_TOKEN_PREFIX)) return refuse("TOKEN_INVALID", "a token has no place in an address");
  if (kind === "page") return undefined;
  const token = bearerOf(head, kind === "upgrade");
  return token !== undefined && guard.accepts(token)
    ? undefined
    : refuse("TOKEN_INVALID", "log in again: qoc console prints the address");
}

/** A form of another site can post texts, and no JSON without asking first (https://fetch.spec.whatwg.org/#cors-safelisted-request-header). */
function guardMediaType(head: RequestHead): Refusal | undefined {
  if (head.method !== "POST" || JSON_TYPE.test(theHeader(head, "content-type") ?? "")) return undefined;
  return refuse("MEDIA_TYPE_UNSUPPORTED", "say content-type: application/json, once");
}
