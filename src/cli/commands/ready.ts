import type { Command } from "commander";
import { ReadyAnswer } from "../answers.ts";
import type { Api } from "../client.ts";
import { exitCodes } from "../exit-codes.ts";
import { durationFlag, textOption } from "../flags.ts";
import type { Action, Runner } from "../program.ts";
import { type Session, daemonApi, deskOf } from "../session.ts";
import { failureOf } from "../errors.ts";

const LOOK_AGAIN_MS = 200;

export function addReady(program: Command, run: Runner): void {
  program
    .command("ready")
    .option("--wait <time>", "wait until it is, at most this long", "0")
    .description("exit 0 when the daemon takes deliveries, 1 when it does not")
    .action(run(ready));
}

const ready: Action = async (session, _args, options) => {
  const wait = durationFlag("--wait", textOption(options, "wait") ?? "0");
  const answer = await untilReady(session, session.io.now() + wait);
  session.out.result("qoc.ready/1", answer, () =>
    answer.ready
      ? "ready"
      : [
          "not ready",
          ...answer.checks.filter((check) => !check.ok).map((check) => `  ${check.name}: ${check.says}`),
        ].join("\n"),
  );
  return answer.ready ? exitCodes.ok : exitCodes.no;
};

/** The last answer there was. A daemon that does not answer yet is waited for like one that is not ready. */
async function untilReady(session: Session, until: number): Promise<typeof ReadyAnswer._output> {
  const desk = deskOf(session);
  for (;;) {
    const late = session.io.now() >= until;
    try {
      const answer = await askReady(await daemonApi(desk));
      if (answer.ready || late) return answer;
    } catch (error) {
      if (late || failureOf(error).exit !== exitCodes.unreachable) throw error;
    }
    await session.io.sleep(LOOK_AGAIN_MS, session.io.stopping);
    session.io.stopping.throwIfAborted();
  }
}

const askReady = async (api: Api): Promise<typeof ReadyAnswer._output> =>
  ReadyAnswer.parse((await api.ask("GET", "/readyz")).body);
