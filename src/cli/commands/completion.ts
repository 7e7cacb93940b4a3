import { Argument, type Command } from "commander";
import { assert } from "../../core/assert.ts";
import { completionScript, isShell, shells } from "../completion.ts";
import type { Action, Runner } from "../program.ts";

export function addCompletion(program: Command, run: Runner): void {
  program
    .command("completion")
    .alias("complete")
    .addArgument(new Argument("<shell>", "whose script").choices(shells))
    .description("a completion script for a shell")
    .action(run(complete(program)));
}

const complete =
  (program: Command): Action =>
  ({ io }, args) => {
    const shell = args[0] ?? "";
    assert(isShell(shell), "commander takes no other");
    io.stdout.write(completionScript(shell, program));
    return Promise.resolve();
  };
