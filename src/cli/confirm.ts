/** What cannot be taken back is asked for once more: on a terminal, or answered beforehand by `--yes`. */
import { CliError, usage } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import { isSet } from "./flags.ts";
import { lineFrom } from "./prompt.ts";
import type { Session } from "./session.ts";

/** Returns when the answer is yes. @throws CliError otherwise, and where nobody can be asked */
export async function confirm(
  { io }: Pick<Session, "io">,
  options: Readonly<Record<string, unknown>>,
  says: string,
): Promise<void> {
  if (isSet(options, "yes")) return;
  if (io.stdin.isTTY !== true || !io.stderr.isTerminal)
    throw usage("--yes is missing.", `${says} It is asked for only on a terminal.`, "the same command with --yes");
  const answer = await lineFrom(io, `${says} Go on? (yes) `);
  if (answer.toLowerCase() === "yes") return;
  throw new CliError({
    what: "Nothing was done.",
    why: "The answer was not yes.",
    code: "NOT_CONFIRMED",
    exit: exitCodes.no,
  });
}
