import type { Command } from "commander";
import { z } from "zod";
import { answerOf, answers, socketApi } from "../client.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { durationFlag, textOption } from "../flags.ts";
import { stopCode } from "../io.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, requireDaemon } from "../session.ts";

const LOOK_AGAIN_MS = 100;
/** Beyond the drain time: closing sockets and the store. */
const CLOSING_MS_MAX = 10_000;

export function addStop(program: Command, run: Runner): void {
  program
    .command("stop")
    .option("--drain <time>", "how long what is under way may take", "20s")
    .description("stop the daemon and wait until it is gone")
    .action(run(stop));
}

const stop: Action = async (session, _args, options) => {
  const { io, out } = session;
  const drainMs = durationFlag("--drain", textOption(options, "drain") ?? "20s");
  const desk = deskOf(session);
  const daemon = await requireDaemon(desk);
  await answerOf(socketApi(daemon.socket, desk.token), Stopping, "POST", "/api/stop", { drain_ms: drainMs });
  const until = io.now() + drainMs + CLOSING_MS_MAX;
  while (await answers(daemon.socket)) {
    if (io.now() > until) throw stillThere(daemon.pid);
    await io.sleep(LOOK_AGAIN_MS, io.stopping);
    if (io.stopping.aborted) return stopCode(io.stopping);
  }
  out.result("qoc.stopped/1", { stopped: true, pid: daemon.pid }, () => "stopped");
  return exitCodes.ok;
};

const Stopping = z.object({ draining: z.boolean() });

const stillThere = (pid: number): CliError =>
  new CliError({
    what: "The daemon is still there.",
    why: `Process ${pid} answers long after its time to stop is over.`,
    try: `qoc logs --tail 20, then: kill ${pid}`,
    code: "STILL_RUNNING",
    exit: exitCodes.tryLater,
  });
