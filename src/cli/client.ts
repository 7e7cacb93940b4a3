/** Speaks to the daemon over its control socket. */
import { type IncomingMessage, request } from "node:http";
import { z } from "zod";
import { CliError, exitOfRefusal } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";

/** How long an answer may take; a stream of events may take for ever. */
const ANSWER_MS_MAX = 30_000;
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

export type Method = "GET" | "POST";
export type Answer = { readonly status: number; readonly body: unknown };
export type LiveEvent = { readonly event: string; readonly data: unknown };

/** The API of one desk, however it is reached. */
export type Api = {
  /** False when the desk is stopped and only its store is read. */
  readonly live: boolean;
  /** Any answer of the daemon, refusals too. */
  readonly ask: (method: Method, path: string, body?: object) => Promise<Answer>;
  /** An answer that is not JSON, or the refusal as an error of the command. */
  readonly text: (path: string) => Promise<string>;
  /** Live journal rows; ends when the daemon stops or the signal is set. */
  readonly events: (run: string | undefined, signal: AbortSignal) => AsyncIterable<LiveEvent>;
  readonly close: () => Promise<void>;
};

const Problem = z.object({ code: z.string(), title: z.string(), detail: z.string().catch("") });

/** The parsed answer, or the refusal as an error of the command. */
export async function answerOf<T>(
  api: Api,
  shape: z.ZodType<T>,
  method: Method,
  path: string,
  body?: object,
): Promise<T> {
  const answer = await api.ask(method, path, body);
  if (answer.status < 400) return shape.parse(answer.body);
  throw refusedBy(Problem.parse(answer.body));
}

/** The refusal as an error of the command. */
export const refusalIn = (body: unknown): CliError => refusedBy(Problem.parse(body));

function refusedBy({ code, title, detail }: z.infer<typeof Problem>): CliError {
  const hint = code === "RUN_UNKNOWN" || code === "RUN_AMBIGUOUS" ? { try: "qoc runs list" } : {};
  return new CliError({ what: title, why: detail === "" ? title : detail, code, exit: exitOfRefusal(code), ...hint });
}

/** Whether anybody answers on this socket. */
export async function answers(socket: string): Promise<boolean> {
  try {
    await connect(socket, "GET", "/healthz", undefined, {}).then(textOf);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "EACCES" || error.code === "EPERM")) throw error;
    return false;
  }
}

/** The text of an answer that is not JSON, or the refusal as an error of the command. */
async function socketText(socket: string, path: string, token?: string): Promise<string> {
  const by = token === undefined ? {} : { token };
  try {
    const response = await connect(socket, "GET", path, undefined, { timeout: ANSWER_MS_MAX, ...by });
    const text = await textOf(response);
    if ((response.statusCode ?? 500) < 400) return text;
    throw refusedBy(Problem.parse(JSON.parse(text)));
  } catch (error) {
    throw error instanceof CliError ? error : unreachable(error);
  }
}

/** `token` is a run's, for a process that an agent started: the daemon then answers that run's commands and nothing else. */
export function socketApi(socket: string, token?: string): Api {
  const by = token === undefined ? {} : { token };
  return {
    live: true,
    ask: async (method, path, body) => {
      try {
        const response = await connect(socket, method, path, body, { timeout: ANSWER_MS_MAX, ...by });
        return { status: response.statusCode ?? 500, body: JSON.parse(await textOf(response)) };
      } catch (error) {
        throw unreachable(error);
      }
    },
    text: (path) => socketText(socket, path, token),
    events: (run, signal) => eventsOf(socket, run, { signal, ...by }),
    close: () => Promise.resolve(),
  };
}

async function* eventsOf(
  socket: string,
  run: string | undefined,
  options: Options & { readonly signal: AbortSignal },
): AsyncGenerator<LiveEvent> {
  const query = run === undefined ? "" : `?run=${encodeURIComponent(run)}`;
  try {
    const response = await connect(socket, "GET", `/api/events${query}`, undefined, options);
    yield* parseEvents(response);
  } catch (error) {
    if (!options.signal.aborted && !isReset(error)) throw unreachable(error);
  }
}

/** Frames of a server-sent event stream; fields other than `event` and `data` are not needed here. */
export async function* parseEvents(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<LiveEvent> {
  let text = "";
  const decoder = new TextDecoder();
  for await (const chunk of chunks) {
    text += typeof chunk === "string" ? chunk : decoder.decode(chunk, { stream: true });
    const frames = text.split("\n\n");
    text = frames.pop() ?? "";
    for (const frame of frames) {
      const field = (name: string): string | undefined =>
        frame
          .split("\n")
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2);
      const data = field("data");
      if (data !== undefined) yield { event: field("event") ?? "message", data: JSON.parse(data) };
    }
  }
}

type Options = { readonly timeout?: number; readonly signal?: AbortSignal; readonly token?: string };

function connect(
  socketPath: string,
  method: Method,
  path: string,
  body: object | undefined,
  { token, ...options }: Options,
): Promise<IncomingMessage> {
  const text = body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(text === undefined ? {} : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, method, path, headers, agent: false, ...options }, resolve);
    asked.on("error", reject);
    asked.on("timeout", () => asked.destroy(new Error(`no answer within ${ANSWER_MS_MAX / 1000} s`)));
    asked.end(text);
  });
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = "";
  response.setEncoding("utf8");
  for await (const chunk of response) {
    text += String(chunk);
    if (text.length > ANSWER_BYTES_MAX) throw new Error("the daemon's answer is too long");
  }
  return text;
}

const isReset = (error: unknown): boolean => error instanceof Error && "code" in error && error.code === "ECONNRESET";

const unreachable = (error: unknown): CliError =>
  new CliError({
    what: "The daemon did not answer.",
    why: error instanceof Error ? error.message : String(error),
    try: "qoc status",
    code: "DAEMON_UNREACHABLE",
    exit: exitCodes.unreachable,
  });
