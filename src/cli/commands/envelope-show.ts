import type { Command } from "commander";
import { envelopeFile, readNamed, refuseErased } from "../envelope-file.ts";
import { CliError } from "../errors.ts";
import { hasPublishedLog, readPublishedLog } from "../evidence-log.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet } from "../flags.ts";
import { plain, table } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { type SealedDocument, sealedDocuments } from "../sealed-documents.ts";
import { deskOf, type Session } from "../session.ts";

export function addEnvelopeShow(envelope: Command, run: Runner): void {
  envelope
    .command("show")
    .argument("<run>", "a run, or an envelope's file")
    .description("the exact bytes of an envelope")
    .option("--list", "the envelope and its amendments instead, in their order, each with its place in the log")
    .action(run(show));
}

/** Not one byte more or less, in every output form: what is printed hashes and verifies like the file. */
const show: Action = async (session, args, options) => {
  const file = await envelopeFile(session, args[0] ?? "");
  if (isSet(options, "list")) list(session, file);
  else session.io.stdout.write(readNamed(file));
};

/** The log says how many there are; a leaf without its document is shown as one that is missing. */
function list(session: Session, file: string): void {
  refuseErased(file);
  const { dir } = deskOf(session);
  const items = sealedDocuments(file, hasPublishedLog(dir) ? readPublishedLog(dir).leaves() : []);
  if (items === undefined) throw unreadable(file);
  session.out.list("qoc.envelope.show.list/1", { items }, () => table(items.map(lineOf)));
}

const lineOf = ({ ordinal, evidence_id, seal_hash, sealed_at, index, adds }: SealedDocument): readonly string[] => [
  ordinal === null ? "missing" : ordinal === 0 ? "envelope" : `amendment ${ordinal}`,
  evidence_id ?? "-",
  sealed_at ?? "-",
  index === null ? "not logged" : `leaf ${index}`,
  seal_hash,
  adds === null ? "no document" : plain(`${adds.artifacts} artifacts: ${adds.observations.join(", ")}`),
];

const unreadable = (file: string): CliError =>
  new CliError({
    what: "There is no envelope to list.",
    why: `${file}, or the envelope that it amends, cannot be read as one.`,
    try: `qoc envelope verify ${file} --explain`,
    code: "ENVELOPE_UNSOUND",
    exit: exitCodes.badData,
  });
