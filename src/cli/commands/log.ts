import type { Command } from "commander";
import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Envelope } from "../../evidence/envelope.ts";
import { receiptNameOf } from "../../evidence/file-names.ts";
import { verify, verifyCodes, type VerifyPolicy } from "../../evidence/verify.ts";
import { keysFolder, readDeskKeys, trustIn } from "../desk-keys.ts";
import { envelopeFile, readNamed, refuseErased } from "../envelope-file.ts";
import { CliError } from "../errors.ts";
import { type PublishedLog, readPublishedLog } from "../evidence-log.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet, textOption } from "../flags.ts";
import { goingOn } from "../going-on.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, type Session } from "../session.ts";
import { addLogAudit } from "./log-audit.ts";
import { addLogEpoch } from "./log-epoch.ts";

/** The log's published files answer: no daemon is asked. */
export function addLog(program: Command, run: Runner): void {
  const log = program.command("log").description("the transparency log of this desk's seals");
  log
    .command("checkpoint")
    .description("the signed checkpoint, to be kept by whoever checks later")
    .action(run(checkpoint));
  log
    .command("proof")
    .argument("<run>", "a run, or an envelope's file")
    .description("the receipt that its seal is logged (c2sp.org/tlog-proof)")
    .option("--save", "write it beside the envelope, as <evidence_id>.tlog-proof")
    .option(
      "--since <file>",
      "print how the receipt's checkpoint goes on from one kept earlier: what the offline page takes",
    )
    .action(run(proof));
  log
    .command("verify")
    .argument("[run]", "a run, or an envelope's file; otherwise the log alone")
    .description(
      "check that a seal is logged, and that the log goes on from a checkpoint that you kept; exit 1 when not",
    )
    .option("--since <file>", "a checkpoint kept earlier")
    .action(run(verifyLog));
  addLogAudit(log, run);
  addLogEpoch(log, run);
}

const checkpoint: Action = async (session) => {
  const { note, checkpoint: read } = readPublishedLog(deskOf(session).dir);
  const { origin, size } = read;
  session.out.result("qoc.log.checkpoint/1", { origin, size, note }, () => note.trimEnd());
};

const proof: Action = async (session, args, options) => {
  const { io, out } = session;
  const { dir } = deskOf(session);
  const { file, envelope } = await envelopeOf(session, args[0] ?? "");
  const fresh = readPublishedLog(dir).receiptOf(envelope.integrity.seal_hash);
  if (fresh === undefined) throw notLogged();
  const to = path.join(path.dirname(file), receiptNameOf(envelope.evidence_id));
  const isSaved = isSet(options, "save");
  const since = textOption(options, "since");
  const { receipt, consistency } =
    since === undefined
      ? { receipt: fresh, consistency: null }
      : goingOn({ dir, file, to, fresh, isSaved, since: path.resolve(io.cwd, since) });
  if (isSaved) replaceFile(to, receipt);
  out.result("qoc.log.proof/1", { file: isSaved ? to : null, receipt, consistency }, () =>
    consistency === null ? receipt.trimEnd() : consistency.join("\n"),
  );
  if (consistency?.length === 0) out.note("The proof is empty: from that checkpoint nothing has to be shown.");
};

/** E3: the seal that is rebuilt from the envelope is logged. E4: and the log goes on from what the reader held. */
const verifyLog: Action = async (session, args, options) => {
  const { io, out } = session;
  const since = textOption(options, "since");
  const held = since === undefined ? undefined : readFileSync(path.resolve(io.cwd, since), "utf8");
  const log = readPublishedLog(deskOf(session).dir);
  const continues = held === undefined || log.extends(held);
  const [name] = args;
  const verdict = name === undefined ? undefined : await verdictOn(session, name, log, held);
  const ok = continues && (verdict === undefined || (verdict.ok && verdict.logged !== null));
  const { origin, size } = log.checkpoint;
  const { level = null, logged = null, codes = [] } = verdict ?? {};
  out.result("qoc.log.verify/1", { ok, level, origin, size, continues, logged, codes }, () =>
    [
      `${ok ? out.paint("green", "✓ holds") : out.paint("red", "✗ does not hold")}  ${origin}, ${size} leaves${level === null ? "" : `, level ${level}`}`,
      ...(logged === null ? [] : [`  the seal is leaf ${logged.index} of ${logged.size}`]),
      ...codes.map((code) => `  ${code}: ${verifyCodes[code]}`),
      ...(continues ? [] : [`  the log does not go on from the checkpoint that was kept${ofAnother(held, origin)}`]),
    ].join("\n"),
  );
  return ok ? exitCodes.ok : exitCodes.no;
};

async function verdictOn(session: Session, name: string, log: PublishedLog, held: string | undefined) {
  const { file, envelope } = await envelopeOf(session, name);
  const receipt = log.receiptOf(envelope.integrity.seal_hash, "newest");
  if (receipt === undefined) throw notLogged();
  const consistency = held === undefined ? undefined : log.consistencyFrom(held);
  return verify(readNamed(file), {
    ...trustOn(session),
    receipt,
    ...(held === undefined ? {} : { held: { checkpoint: held, consistency: consistency ?? [] } }),
  });
}

/** A log that ended is gone on with by no other. */
function ofAnother(held: string | undefined, origin: string): string {
  const [name = ""] = held?.split("\n", 1) ?? [];
  return name === origin ? "" : `, which is of ${plain(name)}; logs of epochs that ended lie in .qoc/evidence/logs`;
}

/** The desk's first key, and those that it led on to. */
const trustOn = (session: Session): VerifyPolicy => trustIn(readDeskKeys(keysFolder(deskOf(session).dir)));

/** Whoever reads the file meanwhile sees the old receipt or the new one. */
function replaceFile(file: string, text: string): void {
  const temporary = path.join(path.dirname(file), `.tmp-${randomUUID()}`);
  writeFileSync(temporary, text, { flag: "wx" });
  renameSync(temporary, file);
}

const notLogged = (): CliError =>
  new CliError({
    what: "This seal is not logged.",
    why: "No leaf under the published checkpoint is of it.",
    try: "qoc up",
    code: "NOT_LOGGED",
    exit: exitCodes.no,
  });

/** The envelope, once it holds by itself: the leaf is rebuilt from its seal. */
async function envelopeOf(
  session: Session,
  name: string,
): Promise<{ readonly file: string; readonly envelope: Envelope }> {
  const file = await envelopeFile(session, name);
  refuseErased(file);
  const { ok, codes, document } = verify(readNamed(file), trustOn(session));
  if (ok && document !== null) return { file, envelope: document };
  throw new CliError({
    what: "This envelope does not hold.",
    why: codes.join(", "),
    try: `qoc envelope verify ${file} --explain`,
    code: "ENVELOPE_UNSOUND",
    exit: exitCodes.no,
  });
}
