/** What an agent's process may not even begin. It holds no agent that clears its environment: what holds then is that it has no passphrase. */
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** @throws CliError (77) inside an agent's run */
export function refuseInsideRun({ env }: Io, what: string): void {
  if ((env["QOC_RUN_TOKEN"] ?? "") === "") return;
  throw new CliError({
    what: `${what} is for people.`,
    why: "QOC_RUN_TOKEN is set: this is an agent's process, and an agent decides nothing.",
    code: "RUN_TOKEN",
    exit: exitCodes.notPermitted,
  });
}
