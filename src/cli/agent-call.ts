/**
 * The commands of an agent, from inside its run: what they ask goes to the agents' socket with the run's token, which the daemon gave the
 * agent's process in its environment. Outside of a run there is no token, and each of them says so.
 */
import type { Readable } from "node:stream";
import { z } from "zod";
import type { ToolAnswer, ToolDescription, ToolDoor } from "../agent/tool-door.ts";
import { type Api, answerOf, socketApi } from "./client.ts";
import { CliError, usage } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { textOption } from "./flags.ts";
import { type Io, runToken } from "./io.ts";
import type { Action } from "./program.ts";
import type { Session } from "./session.ts";

/** More than a call may carry; what is longer is not read on. */
const BODY_BYTES_MAX = 1024 * 1024;

const Tools = z.object({
  items: z.array(
    z.object({
      name: z.string(),
      description: z.string(),
      input: z.record(z.string(), z.unknown()),
    }),
  ),
});
const Called = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), text: z.string(), structured: z.record(z.string(), z.unknown()).optional() }),
  z.object({ ok: z.literal(false), refusal: z.string() }),
]);

/** Whether this process was started by an agent: some commands mean something else there. */
export const insideRun = (io: Pick<Io, "env">): boolean => runToken(io) !== undefined;

/** The API with the token of the run that this process belongs to, or exit 77. */
export function runApi(io: Pick<Io, "env">): Api {
  const token = runToken(io);
  const socket = io.env["QOC_SOCKET"] ?? "";
  if (token !== undefined && socket !== "") return socketApi(socket, token);
  throw new CliError({
    what: "This command works inside an agent's run only.",
    why: `${token === undefined ? "QOC_RUN_TOKEN" : "QOC_SOCKET"} is not set: the daemon sets both for the agents that it launches.`,
    try: "qoc run TASK, which starts one",
    code: "RUN_ONLY",
    exit: exitCodes.notPermitted,
  });
}

/** The run's tool box as the daemon has it. Rejects when the daemon does not answer or the token is not a run's. */
export async function remoteTools(api: Api): Promise<ToolDoor> {
  const { items }: { readonly items: readonly ToolDescription[] } = await answerOf(
    api,
    Tools,
    "GET",
    "/api/agent/tools",
  );
  return { tools: items, call: (tool, args) => callOver(api, tool, args) };
}

const callOver = (api: Api, tool: string, args: unknown): Promise<ToolAnswer> =>
  answerOf(api, Called, "POST", "/api/agent/call", { tool, arguments: args });

/** Asks for one call and shows its answer; a refusal is the error of the command, with exit 1. */
export async function callTool(session: Session, tool: string, args: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await callOver(runApi(session.io), tool, args);
  if (!answer.ok) {
    throw new CliError({
      what: "The call was refused.",
      why: answer.refusal,
      code: "CALL_REFUSED",
      exit: exitCodes.no,
    });
  }
  const { text, structured = null } = answer;
  session.out.result("qoc.agent.call/1", { tool, text, structured }, () => text);
}

type Arguments = Readonly<Record<string, unknown>>;

/** A command that is one call. Its arguments are read only once it is sure that there is a run to ask; what is undefined is not sent. */
export const calls =
  (
    tool: string,
    argumentsOf: (
      session: Session,
      args: readonly string[],
      options: Readonly<Record<string, unknown>>,
    ) => Arguments | Promise<Arguments>,
  ): Action =>
  async (session, args, options) => {
    runApi(session.io);
    await callTool(session, tool, await argumentsOf(session, args, options));
  };

/** The text behind `--body`; `-`, or no such flag, is what comes on stdin. */
export async function bodyOf({ io }: Session, options: Readonly<Record<string, unknown>>): Promise<string> {
  const given = textOption(options, "body");
  if (given !== undefined && given !== "-") return given;
  if (given === undefined && io.stdin.isTTY === true)
    throw usage("The text is missing.", "It comes from --body or on stdin.", '--body "…"');
  const bytes = await bounded(io.stdin);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw usage("The text on stdin is not UTF-8.", "What is written to a desk is text.", '--body "…"');
  }
}

async function bounded(stdin: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let total = 0;
  for await (const chunk of stdin) {
    const bytes = Buffer.from(chunk);
    total += bytes.length;
    if (total > BODY_BYTES_MAX)
      throw usage(
        "The text on stdin is too long.",
        `A call takes less than ${BODY_BYTES_MAX} bytes.`,
        "a shorter text",
      );
    chunks.push(bytes);
  }
  return Buffer.concat(chunks, total);
}
