/**
 * What is signed is what this process read, not what it was told: an agent of the same user could have a daemon of its own answer, which shows one
 * draft and gives the digest of another.
 */
import { createOrderFiles } from "../adapters/order-files.ts";
import { readDraftFile } from "../desk/draft-file.ts";
import { shownFields, shownLimits } from "../orders/shown.ts";
import { readConfig } from "./configuration.ts";
import type { DeskPlace } from "./desk-finder.ts";
import type { DraftShown } from "./drafts.ts";
import { CliError } from "./errors.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Io } from "./io.ts";

/** The draft in the words of its file. @throws CliError (75) when the file says another thing than the daemon does */
export function ownLook(io: Io, desk: DeskPlace, item: DraftShown): DraftShown {
  if (item.digest === null) return item;
  const loaded = readConfig(desk, io);
  const config = loaded.kind === "config" ? loaded.desk : undefined;
  const found = readDraftFile(createOrderFiles(desk.dir), item.file, config?.drafts ?? []);
  if (found.kind !== "found") throw differs(item, found.kind === "none" ? "it is not there" : found.says);
  const { read } = found;
  if (read.kind === "invalid") throw differs(item, read.problems.join("; "));
  if (read.digest !== item.digest) throw differs(item, `its digest is ${read.digest}, and the daemon's ${item.digest}`);
  const limits = config === undefined ? item.limits : shownLimits(read.draft, config.risk);
  return {
    ...item,
    says: read.says,
    fields: shownFields(read.draft).map(([name, value]) => [name, value]),
    limits: [...limits],
  };
}

const differs = ({ file }: DraftShown, why: string): CliError =>
  new CliError({
    what: "The draft is not what the daemon shows.",
    why: `${file}: ${why}.`,
    try: "the same command again, if you have just edited it",
    code: "DRAFT_CHANGED",
    exit: exitCodes.tryLater,
  });
