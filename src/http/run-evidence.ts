/** The sealed evidence of a run with all that a verifier takes, for a page that verifies it by itself. */
import { basename } from "node:path";
import { allTold, firstTold, tombstoneIn } from "../core/delivery-journal.ts";
import { nameOf } from "../core/ids.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { Entry } from "../engine/ports.ts";
import { amendmentIdOf } from "../evidence/amendment.ts";
import { envelopeNamed, erasedNamed, receiptNameOf } from "../evidence/file-names.ts";
import { type Files, filesBelow, type Named, publicKeys, TooMuch } from "./evidence-files.ts";
import type { Found } from "./run-routes.ts";
import type { EvidenceFile, RunEvidence } from "./shapes/envelopes.ts";

const EVIDENCE = ".qoc/evidence";
/** Of all files of one answer together. */
const EVIDENCE_BYTES_MAX = 8 * 1024 * 1024;
const AMENDMENTS_MAX = 200;

export async function runEvidence({ desk, record }: Found): Promise<RunEvidence | Refusal> {
  const run = nameOf(record.address);
  const [envelope, ...amendments] = sealedNames(desk.store.journal(record.address));
  if (envelope === undefined)
    return refuse("NOT_NOW", `run ${run} is ${record.state}: an envelope is made when a run is sealed`);
  const command = `qoc envelope verify ${EVIDENCE}/${envelope} --explain`;
  const tooMuch = refuse(
    "NOT_NOW",
    `its evidence is too large to be verified in a page; in the desk's folder: ${command}`,
  );
  if (amendments.length > AMENDMENTS_MAX) return tooMuch;
  try {
    return await gathered(filesBelow(desk.dir, EVIDENCE_BYTES_MAX), { run, envelope, amendments, command });
  } catch (thrown) {
    if (thrown instanceof TooMuch) return tooMuch;
    throw thrown;
  }
}

type Sealed = {
  readonly run: string;
  readonly envelope: string;
  readonly amendments: readonly string[];
  readonly command: string;
};

async function gathered(files: Files, { run, envelope, amendments, command }: Sealed): Promise<RunEvidence | Refusal> {
  const read: Named[] = [];
  for (const name of [envelope, ...amendments]) {
    // oxlint-disable-next-line no-await-in-loop -- bounded together, one after the other
    const bytes = await files.read(`${EVIDENCE}/${name}`);
    if (bytes === undefined) return refuse("NOT_FOUND", `${EVIDENCE}/${name} is not there any more: qoc fsck`);
    read.push({ name, bytes });
  }
  const [first, ...others] = read.map(asFile);
  if (first === undefined) return refuse("NOT_FOUND", "there is no envelope");
  const receiptName = receiptNameOf(idIn(envelope));
  const receipt = await files.read(`${EVIDENCE}/${receiptName}`);
  return {
    run,
    envelope: first,
    amendments: others,
    // A power cut may leave one of no bytes; the next start writes it again.
    receipt: receipt === undefined || receipt.length === 0 ? null : asFile({ name: receiptName, bytes: receipt }),
    keys: (await publicKeys(files)).map(asFile),
    command,
  };
}

const asFile = ({ name, bytes }: Named): EvidenceFile => ({ name, base64: bytes.toString("base64") });

/**
 * The file of the envelope, then those of its amendments, as the journal has them; of an erased run the packs that stayed. Names of another
 * form are none of ours and are left out.
 */
function sealedNames(journal: readonly Entry[]): readonly string[] {
  const left = tombstoneIn(journal);
  const packs = left?.seals.flatMap(({ pack }) => (pack === null ? [] : [basename(pack)]));
  if (packs !== undefined) return packs.filter((name) => erasedNamed(name) !== undefined);
  const file = firstTold(journal, "SEALED")?.file;
  const id = file === undefined ? undefined : envelopeNamed(basename(file));
  if (id === undefined) return [];
  const amendments = allTold(journal, "AMENDED").map(({ ordinal }) => amendmentIdOf(id, ordinal));
  return [id, ...amendments].map((each) => `${each}.json`);
}

const idIn = (name: string): string => envelopeNamed(name) ?? erasedNamed(name) ?? "";
