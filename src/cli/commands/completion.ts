import type { Command } from "commander";
import { completionScript, isShell, shells } from "../completion.ts";
import { usage } from "../errors.ts";
import type { Action, Runner } from "../program.ts";

export function addCompletion(program: Command, run: Runner): void {
  program
    .command("completion")
    .alias("complete")
    .argument("<shell>", shells.join(", "))
    .description("a completion script for a shell")
    .action(run(complete(program)));
}

const complete =
  (program: Command): Action =>
  ({ io }, args) => {
    const shell = args[0] ?? "";
    if (!isShell(shell))
      throw usage(
        `There is no completion for ${JSON.stringify(shell)}.`,
        `There is one for ${shells.join(", ")}.`,
        "qoc completion bash",
      );
    io.stdout.write(completionScript(shell, program));
    return Promise.resolve();
  };
