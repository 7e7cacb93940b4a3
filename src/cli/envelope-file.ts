/** The envelope that a person means: a file, or the run that it seals. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { erasedNamed } from "../evidence/file-names.ts";
import { RunShown } from "./answers.ts";
import { answerOf } from "./client.ts";
import { CliError } from "./errors.ts";
import { evidenceFolder } from "./evidence-files.ts";
import { exitCodes } from "./exit-codes.ts";
import { runName } from "./ids.ts";
import { type Session, deskOf, readingApi, withApi } from "./session.ts";

/** A name that is a file is that file, and no desk is looked for. */
export async function envelopeFile(session: Session, name: string): Promise<string> {
  const direct = path.resolve(session.io.cwd, name);
  if (existsSync(direct)) return direct;
  if (name.includes("/") || name.endsWith(".json")) throw noFile(direct);
  const desk = deskOf(session);
  const run = await withApi(readingApi(session, desk), (api) =>
    answerOf(api, RunShown, "GET", `/api/runs/${runName(name)}`),
  );
  const file = path.join(evidenceFolder(desk.dir), `${run.evidence_id}.json`);
  if (existsSync(file)) return file;
  const erased = path.join(evidenceFolder(desk.dir), `${run.evidence_id}.erased.json`);
  if (existsSync(erased)) return erased;
  throw new CliError({
    what: "This run has no envelope yet.",
    why: `Run ${run.run} is ${run.state}; an envelope is made when it is sealed.`,
    try: `qoc why ${run.run}`,
    code: "NOT_SEALED",
    exit: exitCodes.tryLater,
  });
}

/** @throws CliError for what is left of an erased run, which is a pack: nothing is wrong with it, and there is no envelope to go by. */
export function refuseErased(file: string): void {
  if (erasedNamed(path.basename(file)) === undefined) return;
  throw new CliError({
    what: "This run was erased.",
    why: `${file} is what is left of its evidence: a pack that opens nothing and still verifies, with its place in the log.`,
    try: `qoc envelope verify ${file}`,
    code: "ERASED",
    exit: exitCodes.notFound,
  });
}

/** Reads a file that the person named, or exit 66. */
export function readNamed(file: string): Buffer {
  if (existsSync(file)) return readFileSync(file);
  throw noFile(file);
}

const noFile = (file: string): CliError =>
  new CliError({
    what: "There is no such file.",
    why: `${file} does not exist.`,
    try: "qoc envelope list",
    code: "FILE_UNKNOWN",
    exit: exitCodes.notFound,
  });
