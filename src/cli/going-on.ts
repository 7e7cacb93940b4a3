/** The proof that a receipt's checkpoint goes on from one that a person kept, for readers who have no static files: E4 for the offline page. */
import path from "node:path";
import { verify, verifyCodes, type VerifyCode } from "../evidence/verify.ts";
import { keysFolder, readDeskKeys, trustIn } from "./desk-keys.ts";
import { readNamed } from "./envelope-file.ts";
import { CliError } from "./errors.ts";
import { evidenceFolder } from "./evidence-files.ts";
import { exitCodes } from "./exit-codes.ts";
import { goOn } from "./log-beside.ts";
import { readBeside } from "./read-beside.ts";
import { foldersOf } from "./verify-policy.ts";

export type Asked = {
  readonly dir: string;
  /** The envelope. */
  readonly file: string;
  /** Where its receipt lies, or will lie when it is saved. */
  readonly to: string;
  /** A receipt as the log gives it now. */
  readonly fresh: string;
  readonly isSaved: boolean;
  /** The checkpoint that was kept. */
  readonly since: string;
};

/**
 * A proof leads to the checkpoint of one receipt: of the one that lies beside the envelope, unless a fresh one is saved there. `consistency` is
 * in base64, as the page and witnesses take it (c2sp.org/tlog-witness).
 * @throws CliError when the log is not shown to go on from there, or the receipt that the proof leads to is nowhere
 */
export function goingOn({ dir, file, to, fresh, isSaved, since }: Asked): {
  readonly receipt: string;
  readonly consistency: readonly string[];
} {
  const beside = isSaved ? undefined : readBeside(to)?.toString("utf8");
  const kept = readNamed(since).toString("utf8");
  const folders = foldersOf(path.join(evidenceFolder(dir), path.basename(file)), undefined, dir);
  const { receipt, held } = goOn(beside ?? fresh, kept, folders);
  const { level, codes } = verify(readNamed(file), { ...trustIn(readDeskKeys(keysFolder(dir))), receipt, held });
  if (level !== "E4") throw goesNotOn(codes);
  if (!isSaved && receipt !== beside) throw leadsNowhere(beside === undefined);
  return { receipt, consistency: held.consistency.map((hash) => Buffer.from(hash).toString("base64")) };
}

const goesNotOn = (codes: readonly VerifyCode[]): CliError =>
  new CliError({
    what: "The log is not shown to go on from the checkpoint that was kept.",
    why: codes.map((code) => `${code}: ${verifyCodes[code]}`).join(" "),
    try: "qoc log verify --since FILE",
    code: "CHECKPOINT_REFUSED",
    exit: exitCodes.no,
  });

const leadsNowhere = (isMissing: boolean): CliError =>
  new CliError({
    what: "The proof would lead to a receipt that is not there.",
    why: isMissing
      ? "No receipt lies beside the envelope."
      : "The checkpoint that was kept is newer than the receipt beside the envelope.",
    try: "qoc log proof RUN --save --since FILE",
    code: "RECEIPT_NEEDED",
    exit: exitCodes.notFound,
  });
