/**
 * Sends notifications over HTTP: one connection for each attempt, one deadline for all of it, no redirect, no proxy, no more of the answer
 * than its beginning. What goes wrong is told in words of ours, because the system's own words can hold a URL.
 */
import { type ClientRequest, type IncomingMessage, type RequestOptions, request as overHttp } from "node:http";
import { request as overHttps } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { isPublicAddress } from "../notify/addresses.ts";
import type { SignedMessage } from "../notify/message.ts";
import type { PostMessage, Reply } from "../notify/post.ts";
import { checkUrl } from "../notify/target.ts";
import { version } from "../version.ts";
import { AddressRefused, lookupBy, type Resolve, systemResolve } from "./notify-lookup.ts";

export type NotifyPoster = {
  readonly post: PostMessage;
  /** Breaks off what is under way, which is told as failed, and sends nothing any more. */
  readonly close: () => void;
};
export type PosterOptions = {
  readonly resolve?: Resolve;
  readonly isPublic?: (address: string) => boolean;
  readonly deadlineMs?: number;
};

/** From the first question for an address to the answer. */
const DEADLINE_MS = 15_000;
const ANSWER_BYTES_MAX = 64 * 1024;
/** One for all desks of the process, because the threads that it asks in are. */
const resolveByTurns = systemResolve();

export function createNotifyPoster(options: PosterOptions = {}): NotifyPoster {
  const { resolve = resolveByTurns, isPublic = isPublicAddress, deadlineMs = DEADLINE_MS } = options;
  const anyAddress = lookupBy(resolve, () => true);
  const publicAddress = lookupBy(resolve, isPublic);
  const underWay = new Set<ClientRequest>();
  let closed = false;

  const post: PostMessage = (target, message) => {
    const checked = checkUrl(target);
    if (checked.kind === "refused") return Promise.resolve(checked);
    const { url } = checked;
    // An address in the URL itself is connected to without being looked up.
    const literal = url.hostname.replace(/^\[|\]$/g, "");
    if (!target.allow_private && isIP(literal) !== 0 && !isPublic(literal))
      return Promise.resolve({ kind: "refused", reason: new AddressRefused().message });
    if (closed) return Promise.resolve({ kind: "failed", reason: "it was not asked: the daemon stops" });
    const request = begin(url, message, target.allow_private ? anyAddress : publicAddress);
    if (request === undefined) return Promise.resolve({ kind: "failed", reason: "the request could not be made" });
    underWay.add(request);
    return new Promise((tell) => {
      const deadline = setTimeout(() => request.destroy(new DeadlinePassed(deadlineMs)), deadlineMs);
      const settle = (reply: Reply): void => {
        clearTimeout(deadline);
        underWay.delete(request);
        request.destroy();
        tell(reply);
      };
      let answered = false;
      request.on("response", (response) => {
        answered = true;
        void readAnswer(response).then(settle);
      });
      // Behind an answer it ends the reading, and says nothing of the answer.
      request.on("error", (error) => {
        if (!answered) settle(faultOf(error));
      });
      request.on("close", () => {
        if (!answered) settle({ kind: "failed", reason: "the connection ended without an answer" });
      });
      request.end(message.body);
    });
  };

  return {
    post,
    close: () => {
      closed = true;
      for (const request of underWay) request.destroy();
    },
  };
}

/** Undefined where the system will not have it as a request; why would quote what is in it. */
function begin(url: URL, { headers, body }: SignedMessage, lookup: LookupFunction): ClientRequest | undefined {
  const options: RequestOptions = {
    method: "POST",
    headers: {
      ...headers,
      "content-type": "application/json",
      "content-length": body.byteLength,
      "user-agent": `qoc/${version}`,
      connection: "close",
    },
    // A connection that was kept open may lead to an address that is no longer the target's.
    agent: false,
    lookup,
  };
  try {
    return url.protocol === "https:"
      ? overHttps(url, { ...options, rejectUnauthorized: true })
      : overHttp(url, options);
  } catch {
    return undefined;
  }
}

/** The status is the answer. What follows it is read as far as it comes, and cut where it is too long or stops. */
async function readAnswer(response: IncomingMessage): Promise<Reply> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      const part: Uint8Array = Buffer.from(chunk);
      chunks.push(part.subarray(0, ANSWER_BYTES_MAX - bytes));
      bytes += part.length;
      if (bytes >= ANSWER_BYTES_MAX) break;
    }
  } catch {
    // Reset, or past the deadline.
  }
  return {
    kind: "answered",
    status: response.statusCode ?? 0,
    retry_after: response.headers["retry-after"] ?? null,
    body: Buffer.concat(chunks),
  };
}

class DeadlinePassed extends Error {
  constructor(ms: number) {
    super(`it did not answer within ${ms} ms`);
    this.name = "DeadlinePassed";
  }
}

/** By the system's code alone: its sentences name hosts, addresses and more. */
function faultOf(error: Error): Reply {
  if (error instanceof AddressRefused) return { kind: "refused", reason: error.message };
  if (error instanceof DeadlinePassed) return { kind: "failed", reason: error.message };
  const code =
    "code" in error && typeof error.code === "string" && /^[A-Z0-9_]{1,60}$/.test(error.code) ? error.code : "";
  return { kind: "failed", reason: `the connection failed${code === "" ? "" : ` (${code})`}` };
}
