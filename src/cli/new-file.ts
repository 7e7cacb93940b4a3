/** Files that a command makes for a person: one that is there is never replaced. */
import { writeFileSync } from "node:fs";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";

/** @param flag the option that named the file */
export function writeNew(to: string, text: string, flag: string): void {
  try {
    writeFileSync(to, text, { flag: "wx" });
  } catch (thrown) {
    if (!(thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST")) throw thrown;
    throw new CliError({
      what: "Nothing was written: a file that is there is never replaced.",
      why: `${to} exists.`,
      try: `another ${flag} FILE`,
      code: "FILE_EXISTS",
      exit: exitCodes.cannotCreate,
    });
  }
}
