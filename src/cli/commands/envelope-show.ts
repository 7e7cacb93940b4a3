import type { Command } from "commander";
import { envelopeFile, readNamed } from "../envelope-file.ts";
import type { Action, Runner } from "../program.ts";

export function addEnvelopeShow(envelope: Command, run: Runner): void {
  envelope
    .command("show")
    .argument("<run>", "a run, or an envelope's file")
    .description("the exact bytes of an envelope")
    .action(run(show));
}

/** Not one byte more or less, in every output form: what is printed hashes and verifies like the file. */
const show: Action = async (session, args) => {
  session.io.stdout.write(readNamed(await envelopeFile(session, args[0] ?? "")));
};
