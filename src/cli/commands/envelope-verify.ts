import type { Command } from "commander";
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Level, reaches, type VerifyCode, verify, type VerifyPolicy } from "../../evidence/verify.ts";
import { isPack, verifyPack } from "../../evidence/pack/verify-pack.ts";
import { artifactsNear } from "../artifacts-near.ts";
import { envelopeFile, readNamed } from "../envelope-file.ts";
import { CliError, usage } from "../errors.ts";
import { type ExitCode, exitCodes } from "../exit-codes.ts";
import { isSet, textsOption } from "../flags.ts";
import type { Action, Runner } from "../program.ts";
import type { Session } from "../session.ts";
import { explained, type Judged, summed } from "../verdict-text.ts";
import { policyFor, requiredLevel } from "../verify-policy.ts";

export function addEnvelopeVerify(envelope: Command, run: Runner): void {
  envelope
    .command("verify")
    .argument("[file]", "an envelope's file or a public pack's, or a run of this desk")
    .description("check an envelope or a public pack offline; exit 1 when it does not hold")
    .option("--key <file>", "a public key to trust; otherwise the first one of ../keys beside the file", together, [])
    .option(
      "--key-receipt <file>",
      "how a key authorised the next one; may be repeated, the oldest first",
      together,
      [],
    )
    .option("--origin <origin>", "where it must be from: <host>/<workspace>")
    .option("--receipt <file>", "the log's receipt; otherwise <evidence_id>.tlog-proof beside the file")
    .option("--since <file>", "a checkpoint of the log kept earlier, which the log must go on from (E4)")
    .option("--log <folder>", "the log's static files, for --since; otherwise those beside the file")
    .option("--witness <vkey>", "a witness whose cosignature counts; may be repeated", together, [])
    .option("--witnesses-min <count>", "how many of them must have signed; otherwise one")
    .option("--require <level>", "E0 to E4: exit 1 below it (otherwise E2)")
    .option("--explain", "each check, the level, and what is not proven")
    .option("--page", "only print where the offline page lies that checks the same in a browser")
    .action(run(verifyFile));
}

const together = (value: string, before: readonly string[]): readonly string[] => [...before, value];

const verifyFile: Action = async (session, args, options) => {
  if (isSet(options, "page")) return showPage(session);
  const [name] = args;
  if (name === undefined)
    throw usage("There is nothing to verify.", "It takes a file or a run.", "qoc envelope verify @last");
  const { io, out } = session;
  const required = requiredLevel(options);
  const file = await envelopeFile(session, name);
  const policy = policyFor(file, options, io.cwd);
  const bytes = readNamed(file);
  const near = await artifactsNear(file, session.parts);
  const judged = judge(bytes, { ...policy, artifact: near.find });
  await near.close();
  const { ok, level, codes, logged, witnesses, closed, erased, observations, not_proven } = judged;
  const isNamed = textsOption(options, "key").length > 0;
  const key = isNamed ? "named" : (policy.keys ?? []).length > 0 ? "beside" : "none";
  const said = { ok, level, key, codes, logged, witnesses, closed, erased, observations, not_proven };
  out.result("qoc.verify/1", said, () =>
    isSet(options, "explain") ? explained(judged, out, file) : summed(judged, out, file),
  );
  if (ok && !isNamed) {
    out.note(
      "The key was found beside the file: who could change the one could change the other. Name a key you trust with --key.",
    );
  }
  return exitFor(judged, required);
};

/** What a missing key alone explains. */
const UNASKED: ReadonlySet<VerifyCode> = new Set(["KEY_NOT_GIVEN", "LOG_PROOF_UNCHECKED"]);

/** From E2 on every check must have passed; E1 asks for no key, and E0 for nothing but the form. */
function exitFor({ ok, level, codes }: Judged, required: Level): ExitCode {
  const passed = ok || required === "E0" || (required === "E1" && codes.every((code) => UNASKED.has(code)));
  return passed && reaches(level, required) ? exitCodes.ok : exitCodes.no;
}

function judge(bytes: Uint8Array, policy: VerifyPolicy): Judged {
  if (isPack(bytes)) {
    const verdict = verifyPack(bytes, policy);
    return { ...verdict, kind: "pack", read: verdict.shown !== null };
  }
  const verdict = verify(bytes, policy);
  return { ...verdict, kind: "envelope", read: verdict.document !== null, closed: 0, erased: 0 };
}

function showPage({ out }: Session): ExitCode {
  const file = path.normalize(fileURLToPath(new URL("../../evidence/verify.html", import.meta.url)));
  if (!existsSync(file)) {
    throw new CliError({
      what: "The offline page is not here.",
      why: `${file} does not exist: it is made by the build.`,
      try: "npm run build",
      code: "PAGE_MISSING",
      exit: exitCodes.notFound,
    });
  }
  out.result("qoc.verify.page/1", { file }, () => file);
  return exitCodes.ok;
}
