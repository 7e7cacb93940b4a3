import type { Command } from "commander";
import { randomUUID } from "node:crypto";
import { linkSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { reasonOf } from "../../core/assert.ts";
import { signerOf } from "../../evidence/keys.ts";
import { exportPack, type Exported } from "../../evidence/pack/export.ts";
import { verifyPack } from "../../evidence/pack/verify-pack.ts";
import { configOf } from "../configuration.ts";
import { keysFolder, readDeskKeys } from "../desk-keys.ts";
import { envelopeFile, readNamed, refuseErased } from "../envelope-file.ts";
import { CliError } from "../errors.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet, textOption, textsOption } from "../flags.ts";
import { plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";
import { readBeside } from "../read-beside.ts";
import { deskOf } from "../session.ts";

export function addEnvelopeExport(envelope: Command, run: Runner): void {
  envelope
    .command("export")
    .argument("<file>", "an envelope's file, or a run of this desk")
    .description("a pack that may be shown to anybody: what [evidence] allows, and a signed receipt for all else")
    .requiredOption("--public", "the one kind of export there is; said, so that nothing becomes public by mistake")
    .option("--dry-run", "show what would become public, and write nothing")
    .option("--allow <pointer>", "accept what the scan for secrets found there; recorded in the pack", together, [])
    .option("--out <file>", "where to write; otherwise <evidence_id>.public.json in this folder")
    .action(run(exportFile));
}

const together = (value: string, before: readonly string[]): readonly string[] => [...before, value];

/** The preview is the export itself, all but the writing. An existing file is never replaced. */
const exportFile: Action = async (session, args, options) => {
  const { io, out } = session;
  const desk = deskOf(session);
  const file = await envelopeFile(session, args[0] ?? "");
  refuseErased(file);
  const { evidence } = configOf(desk, io);
  const policy = {
    pointers: evidence.public_allowlist,
    artifact_kinds: evidence.public_artifact_kinds,
    allow: textsOption(options, "allow"),
  };
  const signer = signerOf(privateKeyOf(desk.dir));
  const keys = [signer.publicKey, ...readDeskKeys(keysFolder(desk.dir)).map(({ pem }) => pem)];
  const exported = exportPack(readNamed(file), policy, { signer, keys, at: io.now(), tlog_proof: receiptOf(file) });
  if (exported.kind === "stopped") throw stopped(exported);
  const { evidence_id, bytes, opened, closed, allowed } = exported;
  const { ok, codes, logged } = verifyPack(bytes, { keys });
  if (!ok) throw unsound(codes);
  const dryRun = isSet(options, "dryRun");
  const to = path.resolve(io.cwd, textOption(options, "out") ?? `${evidence_id}.public.json`);
  if (!dryRun) writeWhole(to, bytes);
  const result = { evidence_id, file: dryRun ? null : to, dry_run: dryRun, opened, closed, allowed, logged };
  out.result("qoc.envelope.export/1", result, () => told(result, bytes));
  for (const pointer of policy.allow.filter((each) => !allowed.includes(each)))
    out.note(`--allow ${plain(pointer)} was not needed: the scan found nothing there that would be opened.`);
};

type Result = Pick<Extract<Exported, { kind: "pack" }>, "opened" | "closed"> & {
  readonly file: string | null;
  readonly logged: object | null;
};

/** A person sees everything that becomes public, what can not be closed too: the document as the pack shows it. */
function told({ file, opened, closed, logged }: Result, bytes: Uint8Array): string {
  const { envelope } = JSON.parse(Buffer.from(bytes).toString("utf8"));
  const shown = JSON.stringify(envelope, null, 2).split("\n").map(plain);
  const leaves = (count: number): string => (count === 1 ? "1 leaf" : `${count} leaves`);
  return [
    file === null ? "This would become public:" : `${file} shows:`,
    ...shown,
    `${leaves(opened.length)} opened beside those that are always in clear, ${leaves(closed)} closed with a receipt.`,
    logged === null ? "Without a receipt of the log." : "With a receipt of the log.",
  ].join("\n");
}

/** The receipt that lies beside an envelope; null when it is not logged, or not yet. */
const receiptOf = (file: string): string | null =>
  readBeside(`${file.replace(/\.json$/, "")}.tlog-proof`)?.toString("utf8") ?? null;

/** The name is given last: a disk that is full leaves no half of a pack under it, and a file that has it stays. */
function writeWhole(to: string, bytes: Uint8Array): void {
  const temporary = path.join(path.dirname(to), `.tmp-${randomUUID()}`);
  try {
    writeFileSync(temporary, bytes, { flag: "wx" });
    linkSync(temporary, to);
  } catch (thrown) {
    throw thrown instanceof Error && "code" in thrown && thrown.code === "EEXIST" ? taken(to) : thrown;
  } finally {
    rmSync(temporary, { force: true });
  }
}

const taken = (to: string): CliError =>
  new CliError({
    what: "Nothing was written: a file that is there is never replaced.",
    why: `${to} exists.`,
    try: "--out FILE",
    code: "FILE_EXISTS",
    exit: exitCodes.cannotCreate,
  });

function privateKeyOf(dir: string): string {
  const file = path.join(dir, ".qoc", "keys", "evidence.key");
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    throw new CliError({
      what: "This desk's evidence key can not be read: an export is signed with it.",
      why: `${file}: ${reasonOf(error)}`,
      try: "qoc doctor",
      code: "KEY_UNREADABLE",
      exit: exitCodes.notFound,
    });
  }
}

function stopped(exported: Extract<Exported, { kind: "stopped" }>): CliError {
  switch (exported.because) {
    case "ENVELOPE_INVALID":
      return new CliError({
        what: "Only an envelope that verifies with this desk's key is exported.",
        why: `It does not: ${exported.codes.join(", ")}.`,
        try: "qoc envelope verify FILE --explain",
        code: "ENVELOPE_INVALID",
        exit: exitCodes.badData,
      });
    case "SECRET_FOUND":
      return new CliError({
        what: "The export was stopped: something that it would open looks like a secret.",
        why: exported.at
          .map(({ pointer, form, observation }) =>
            observation === null ? `${pointer} (${form})` : `${pointer} (${form}, observation ${observation})`,
          )
          .join("; "),
        try: "take it out of [evidence] public_allowlist, or look at it and say --allow POINTER",
        code: "SECRET_FOUND",
        exit: exitCodes.no,
      });
  }
}

const unsound = (codes: readonly string[]): CliError =>
  new CliError({
    what: "The pack would not verify, so it was not written.",
    why: codes.join(", "),
    try: codes.includes("LOG_PROOF_INVALID")
      ? "the export again without the .tlog-proof beside the envelope"
      : "qoc doctor",
    code: "PACK_INVALID",
    exit: exitCodes.badData,
  });
