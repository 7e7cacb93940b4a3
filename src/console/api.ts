/** Asks the daemon, and tells it. Whatever it refuses, and whatever keeps it from answering, is a `Problem`. */
import { hearTime } from "./clock.ts";
import { dropToken, token } from "./session.ts";

/** How long an answer may take. */
const ANSWER_MS_MAX = 30_000;

/** `status` is 0 and `code` is `UNREACHABLE` when nothing answered. `detail` is a sentence for a person. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly detail: string;

  constructor(status: number, code: string, detail: string) {
    super(`${code}: ${detail}`);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** The parsed answer, whose form is the one that the API's schema promises. @throws Problem */
export const ask = <T>(path: string): Promise<T> => fetched(path, null);

/** The same of a probe, which answers 503 in the form of its 200. @throws Problem */
export const probe = <T>(path: string): Promise<T> => fetched(path, null, 503);

/** A POST. @throws Problem */
export const tell = <T>(path: string, body: object): Promise<T> => fetched(path, JSON.stringify(body));

/** As a sentence, of anything that was thrown. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "PAGE_FAILED", error instanceof Error ? error.message : String(error));
}

/** The header of a request that carries the token of this page; nothing when there is none. */
export const authorization = (): Readonly<Record<string, string>> =>
  token.value === null ? {} : { authorization: `Bearer ${token.value}` };

/**
 * An answer that says no, as a problem. A 401 ends the session of the token that was shown: asking again with it would not help. The page may
 * have another one by now, which stays; and of a login it says that the code was wrong.
 */
export async function problemIn(response: Response, shown: string | null): Promise<Problem> {
  const said: unknown = await response.json().catch(() => null);
  const text = (name: "code" | "title" | "detail"): string | undefined => {
    if (typeof said !== "object" || said === null) return undefined;
    const value: unknown = Reflect.get(said, name);
    return typeof value === "string" && value !== "" ? value : undefined;
  };
  const code = text("code") ?? `HTTP_${response.status}`;
  if (response.status === 401 && code !== "CODE_INVALID" && shown === token.value) dropToken();
  return new Problem(
    response.status,
    code,
    text("detail") ?? text("title") ?? `The daemon answered ${response.status}.`,
  );
}

async function fetched<T>(path: string, body: string | null, also = 200): Promise<T> {
  const shown = token.value;
  let response: Response;
  try {
    response = await fetch(path, {
      method: body === null ? "GET" : "POST",
      headers: {
        accept: "application/json",
        ...(body === null ? {} : { "content-type": "application/json" }),
        ...authorization(),
      },
      body,
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      signal: AbortSignal.timeout(ANSWER_MS_MAX),
    });
  } catch {
    throw new Problem(0, "UNREACHABLE", "The daemon does not answer. Is it running? See qoc status.");
  }
  hearTime(response.headers.get("date"));
  if (!response.ok && response.status !== also) throw await problemIn(response, shown);
  try {
    return await response.json();
  } catch {
    throw new Problem(response.status, "ANSWER_UNREADABLE", "The daemon's answer ended early or is no JSON.");
  }
}
