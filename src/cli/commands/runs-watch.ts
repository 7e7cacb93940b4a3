import type { Command } from "commander";
import { RunShown } from "../answers.ts";
import { answerOf } from "../client.ts";
import { followRun, isOver } from "../follow.ts";
import { runName } from "../ids.ts";
import { stopCode } from "../io.ts";
import type { Action, Runner } from "../program.ts";
import { daemonApi, deskOf, withApi } from "../session.ts";

export function addRunsWatch(runs: Command, run: Runner): void {
  runs
    .command("watch")
    .argument("<run>")
    .description("the journal of a run as it is written, until the run is sealed")
    .action(run(watchRun));
}

const watchRun: Action = async (session, args) => {
  const name = runName(args[0] ?? "");
  return withApi(daemonApi(deskOf(session)), async (api) => {
    const { run } = await answerOf(api, RunShown, "GET", `/api/runs/${name}`);
    await followRun(session, api, run, { quiet: false, until: isOver });
    return session.io.stopping.aborted ? stopCode(session.io.stopping) : undefined;
  });
};
