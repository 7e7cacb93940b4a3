import type { Command } from "commander";
import { z } from "zod";
import { insideRun } from "../agent-call.ts";
import { answerOf } from "../client.ts";
import { usage } from "../errors.ts";
import { textOption } from "../flags.ts";
import type { Action, Runner } from "../program.ts";
import { askFor } from "../prompt.ts";
import { daemonApi, deskOf, withApi } from "../session.ts";
import { requeue } from "./agent-commands.ts";
import { addRunDecisions } from "./approve.ts";

const Started = z.looseObject({ run: z.string() });
const TASK = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

export function addRun(program: Command, run: Runner): void {
  const command = program
    .command("run")
    .argument("[task]", "issues/TASK.md")
    .description("start an agent run of a task by hand, or decide over a draft by its file")
    .option("--reason <text>", "why; it stands in the evidence")
    .action(run(start));
  addRunDecisions(command, sharing(command, run));
}

/** Commander takes an option that both have, such as the reason of a rejection, for the parent's. */
const sharing =
  (parent: Command, run: Runner): Runner =>
  (action) =>
    run((session, args, options) => action(session, args, { ...parent.opts(), ...options }));

const start: Action = async (session, args, options) => {
  if (insideRun(session.io)) return requeue(session, args, options);
  const task = args[0] ?? "";
  if (!TASK.test(task))
    throw usage(
      `${JSON.stringify(task)} is no task.`,
      "A task is a file issues/TASK.md, named without its end.",
      "qoc run risk-review",
    );
  const reason = textOption(options, "reason") ?? (await askFor(session.io, "--reason", `Why is ${task} to be run?`));
  const desk = deskOf(session);
  await withApi(daemonApi(desk), async (api) => {
    const path = `/api/tasks/${encodeURIComponent(task)}/runs`;
    const started = await answerOf(api, Started, "POST", path, { reason, workspace: desk.name });
    session.out.result(
      "qoc.tasks.run/1",
      started,
      () => `run ${started.run} of ${task} is accepted; accepted is not done.`,
    );
    session.out.note(`Next: qoc why ${started.run}`);
  });
};
