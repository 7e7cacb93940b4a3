import type { Command } from "commander";
import { sha256Of } from "../../core/ids.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { hashName } from "../ids.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf } from "../session.ts";

export function addArtifact(program: Command, run: Runner): void {
  program
    .command("artifact")
    .description("bytes kept as evidence")
    .command("cat")
    .argument("<sha256>")
    .description("the exact bytes of an artifact")
    .action(run(cat));
}

/** A sender's bytes as they came: they are not made safe for a terminal, so that they hash to their name. */
const cat: Action = async (session, args) => {
  const sha256 = hashName(args[0] ?? "");
  const store = await session.parts.openStore(deskOf(session).dir);
  try {
    const bytes = store.artifact(sha256Of(sha256));
    if (bytes !== undefined) session.io.stdout.write(bytes);
    else {
      throw new CliError({
        what: "There is no such artifact.",
        why: `Nothing in this desk's store hashes to ${sha256}.`,
        try: "qoc runs show RUN --json",
        code: "ARTIFACT_UNKNOWN",
        exit: exitCodes.notFound,
      });
    }
  } finally {
    await store.close();
  }
};
