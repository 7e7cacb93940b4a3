import type { Command } from "commander";
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import type { Envelope } from "../../evidence/envelope.ts";
import { checkLog } from "../../evidence/pack/check-log.ts";
import { verify, verifyCodes } from "../../evidence/verify.ts";
import { envelopeFile, readNamed } from "../envelope-file.ts";
import { CliError } from "../errors.ts";
import { readPublishedLog } from "../evidence-log.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet, textOption } from "../flags.ts";
import type { Action, Runner } from "../program.ts";
import { deskOf, type Session } from "../session.ts";

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
    .action(run(proof));
  log
    .command("verify")
    .argument("[run]", "a run, or an envelope's file; otherwise the log alone")
    .description(
      "check that a seal is logged, and that the log goes on from a checkpoint that you kept; exit 1 when not",
    )
    .option("--since <file>", "a checkpoint kept earlier")
    .action(run(verifyLog));
}

const checkpoint: Action = async (session) => {
  const { note, checkpoint: read } = readPublishedLog(deskOf(session).dir);
  const { origin, size } = read;
  session.out.result("qoc.log.checkpoint/1", { origin, size, note }, () => note.trimEnd());
};

const proof: Action = async (session, args, options) => {
  const { file, envelope } = await envelopeOf(session, args[0] ?? "");
  const receipt = receiptFor(session, envelope);
  const to = path.join(path.dirname(file), `${envelope.evidence_id}.tlog-proof`);
  if (isSet(options, "save")) writeFileSync(to, receipt);
  session.out.result("qoc.log.proof/1", { file: isSet(options, "save") ? to : null, receipt }, () => receipt.trimEnd());
};

/** E3: the seal that is rebuilt from the envelope is logged. E4: and the log goes on from what the reader held. */
const verifyLog: Action = async (session, args, options) => {
  const { io, out } = session;
  const since = textOption(options, "since");
  const log = readPublishedLog(deskOf(session).dir);
  const continues = since === undefined || log.extends(readFileSync(path.resolve(io.cwd, since), "utf8"));
  const name = args[0];
  const logged = name === undefined ? null : await loggedAt(session, name);
  const ok = continues && logged?.kind !== "failed";
  const level = logged?.kind !== "logged" || !continues ? null : since === undefined ? "E3" : "E4";
  const { origin, size } = log.checkpoint;
  out.result("qoc.log.verify/1", { ok, level, origin, size, continues, logged }, () =>
    [
      `${ok ? out.paint("green", "✓ holds") : out.paint("red", "✗ does not hold")}  ${origin}, ${size} leaves${level === null ? "" : `, level ${level}`}`,
      ...(logged?.kind === "logged" ? [`  the seal is leaf ${logged.logged.index} of ${logged.logged.size}`] : []),
      ...(logged?.kind === "failed" ? [`  ${logged.finding.code}: ${verifyCodes[logged.finding.code]}`] : []),
      ...(continues ? [] : ["  the log does not go on from the checkpoint that was kept"]),
    ].join("\n"),
  );
  return ok ? exitCodes.ok : exitCodes.no;
};

async function loggedAt(session: Session, name: string): Promise<ReturnType<typeof checkLog>> {
  const { envelope } = await envelopeOf(session, name);
  return checkLog(receiptFor(session, envelope), envelope, [publicKeyOf(session)]);
}

function receiptFor(session: Session, { integrity }: Envelope): string {
  const receipt = readPublishedLog(deskOf(session).dir).receiptOf(integrity.seal_hash);
  if (receipt !== undefined) return receipt;
  throw new CliError({
    what: "This seal is not logged.",
    why: "No leaf under the published checkpoint is of it.",
    try: "qoc up",
    code: "NOT_LOGGED",
    exit: exitCodes.no,
  });
}

const publicKeyOf = (session: Session): string =>
  readNamed(path.join(deskOf(session).dir, ".qoc", "keys", "evidence.pub")).toString("utf8");

/** The envelope, once it holds by itself: the leaf is rebuilt from its seal. */
async function envelopeOf(
  session: Session,
  name: string,
): Promise<{ readonly file: string; readonly envelope: Envelope }> {
  const file = await envelopeFile(session, name);
  const { ok, codes, document } = verify(readNamed(file), { keys: [publicKeyOf(session)] });
  if (ok && document !== null) return { file, envelope: document };
  throw new CliError({
    what: "This envelope does not hold.",
    why: codes.join(", "),
    try: `qoc envelope verify ${file} --explain`,
    code: "ENVELOPE_UNSOUND",
    exit: exitCodes.no,
  });
}
