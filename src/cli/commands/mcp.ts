import { setImmediate as soon } from "node:timers/promises";
import { Writable } from "node:stream";
import type { Command } from "commander";
import { reasonOf } from "../../core/assert.ts";
import type { ToolAnswer, ToolDoor } from "../../agent/tool-door.ts";
import { remoteTools, runApi } from "../agent-call.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { type Io, stopCode } from "../io.ts";
import type { Action, Runner } from "../program.ts";

/** A message with the largest arguments that the daemon takes, and room round them. */
const MESSAGE_BYTES_MAX = 4 * 1024 * 1024;

export function addMcp(program: Command, run: Runner): void {
  program
    .command("mcp")
    .description("an agent's tools as an MCP server on stdin and stdout, inside its run")
    .action(run(mcp));
}

/** Relays to the agents' socket, so that it needs no network. Stdout carries the protocol and nothing else. */
const mcp: Action = async ({ io, out }) => {
  const box = await remoteTools(runApi(io));
  // The SDK takes longer to load than all other commands take to run.
  const [{ StdioServerTransport }, { buildMcpServer }] = await Promise.all([
    import("@modelcontextprotocol/sdk/server/stdio.js"),
    import("../../agent/mcp-server.ts"),
  ]);
  const counted = countingCalls(box);
  const transport = new StdioServerTransport(io.stdin, outputOf(io), { maxBufferSize: MESSAGE_BYTES_MAX });
  const server = buildMcpServer(counted.box, (says, reason) => out.note(`${says}: ${reasonOf(reason)}`));
  const closed = new Promise<"closed">((resolve) => {
    // oxlint-disable-next-line unicorn/prefer-add-event-listener -- the SDK's own hook, no event target
    server.onclose = () => resolve("closed");
  });
  await server.connect(transport);
  const how = await Promise.race([closed, endOf(io.stdin), abortOf(io.stopping)]);
  if (how === "stopped") {
    await server.close();
    return stopCode(io.stopping);
  }
  if (how === "closed") {
    out.note(`A message is over ${MESSAGE_BYTES_MAX} bytes: the connection was closed.`);
    return exitCodes.badData;
  }
  // Whoever closes its end without waiting is answered all the same.
  do await soon();
  while (counted.underWay() > 0);
  await server.close();
  return exitCodes.ok;
};

function countingCalls(box: ToolDoor): { readonly box: ToolDoor; readonly underWay: () => number } {
  let count = 0;
  const call = async (tool: string, args: unknown): Promise<ToolAnswer> => {
    count += 1;
    try {
      return await box.call(tool, args);
    } catch (error) {
      // What the daemon says to a call that it does not take is for the agent to read, as a refusal is.
      if (error instanceof CliError) return { ok: false, refusal: `${error.failure.what} (${error.failure.code})` };
      throw error;
    } finally {
      // The answer is written once whoever called has taken it.
      void soon().then(() => (count -= 1));
    }
  };
  return { box: { tools: box.tools, call }, underWay: () => count };
}

/** Stdout as a stream. A reader that has gone ends the command by `io.stopping`. */
const outputOf = ({ stdout }: Io): Writable =>
  new Writable({
    write: (chunk, _encoding, done) => {
      try {
        stdout.write(String(chunk));
      } catch {
        // Nobody hears it.
      }
      done();
    },
  });

const endOf = (stdin: Io["stdin"]): Promise<"ended"> =>
  new Promise((resolve) => {
    for (const end of ["end", "close", "error"]) stdin.once(end, () => resolve("ended"));
  });

const abortOf = (signal: AbortSignal): Promise<"stopped"> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve("stopped");
    signal.addEventListener("abort", () => resolve("stopped"), { once: true });
  });
