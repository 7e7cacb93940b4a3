import type { Command } from "commander";
import { existsSync } from "node:fs";
import path from "node:path";
import { type Verdict, type VerifyCode, type VerifyPolicy, verify, verifyCodes } from "../../evidence/verify.ts";
import { isPack, verifyPack } from "../../evidence/pack/verify-pack.ts";
import { artifactsNear } from "../artifacts-near.ts";
import { envelopeFile, readNamed } from "../envelope-file.ts";
import { exitCodes } from "../exit-codes.ts";
import { isSet, textOption } from "../flags.ts";
import { type Output, plain } from "../output.ts";
import type { Action, Runner } from "../program.ts";

export function addEnvelopeVerify(envelope: Command, run: Runner): void {
  envelope
    .command("verify")
    .argument("<file>", "an envelope's file or a public pack's, or a run of this desk")
    .description("check an envelope or a public pack offline; exit 1 when it does not hold")
    .option("--key <file>", "the public key to trust; otherwise ../keys/evidence.pub beside the file")
    .option("--origin <origin>", "where it must be from: <host>/<workspace>")
    .option("--explain", "each check, the level, and what is not proven")
    .action(run(verifyFile));
}

const verifyFile: Action = async (session, args, options) => {
  const { io, out } = session;
  const file = await envelopeFile(session, args[0] ?? "");
  const given = textOption(options, "key");
  const keyFile =
    given === undefined ? path.join(path.dirname(file), "..", "keys", "evidence.pub") : path.resolve(io.cwd, given);
  const keys = given !== undefined || existsSync(keyFile) ? [readNamed(keyFile).toString("utf8")] : [];
  const origin = textOption(options, "origin");
  const near = await artifactsNear(file, session.parts);
  const policy = { keys, artifact: near.find, ...(origin === undefined ? {} : { origin }) };
  const verdict = judge(readNamed(file), policy);
  await near.close();
  const { ok, level, codes, observations, not_proven } = verdict;
  out.result("qoc.verify/1", { ok, level, codes, observations, not_proven }, () =>
    isSet(options, "explain") ? explained(verdict, out, file) : summed(verdict, out, file),
  );
  if (ok && given === undefined && !isSet(options, "explain")) {
    out.note(
      "The key was found beside the file: who could change the one could change the other. Name a key you trust with --key.",
    );
  }
  return ok ? exitCodes.ok : exitCodes.no;
};

/** What both kinds of verdict say. `read` is false for what is neither envelope nor pack. */
type Judged = Pick<Verdict, "ok" | "level" | "codes" | "findings" | "observations" | "not_proven"> & {
  readonly kind: "envelope" | "pack";
  readonly read: boolean;
};

function judge(bytes: Uint8Array, policy: VerifyPolicy): Judged {
  if (isPack(bytes)) {
    const verdict = verifyPack(bytes, policy);
    return { ...verdict, kind: "pack", read: verdict.shown !== null };
  }
  const verdict = verify(bytes, policy);
  return { ...verdict, kind: "envelope", read: verdict.document !== null };
}

function summed({ ok, level, codes, findings, kind }: Judged, out: Output, file: string): string {
  const head = `${ok ? out.paint("green", "✓ holds") : out.paint("red", "✗ does not hold")}  level ${level}  ${file}${kind === "pack" ? "  (public pack)" : ""}`;
  return [head, ...codes.map((code) => `  ${code}: ${verifyCodes[code]}${placeOf(findings, code)}`)].join("\n");
}

type Check = { readonly says: string; readonly codes: readonly VerifyCode[] };
const CHECKS: readonly Check[] = [
  {
    says: "canonical bytes of the known form",
    codes: ["SIZE_EXCEEDED", "JSON_MALFORMED", "BYTES_NOT_CANONICAL", "SHAPE_INVALID", "BASE64_NOT_EXACT"],
  },
  { says: "kind and ids belong together", codes: ["AMENDMENT_MISMATCH", "ID_UNEXPECTED"] },
  {
    says: "each link names the one before it",
    codes: ["LINK_OUT_OF_ORDER", "LINK_BROKEN", "HEAD_MISMATCH", "CHAIN_LENGTH_MISMATCH"],
  },
  {
    says: "every leaf stands in one link, with its value",
    codes: [
      "FIELD_COUNT_MISMATCH",
      "POINTER_REPEATED",
      "POINTER_DANGLING",
      "LEAF_UNCOVERED",
      "LEAF_MISCLASSED",
      "OPEN_MISMATCH",
      "COMMITMENT_MISMATCH",
    ],
  },
  { says: "states and times are those of the links", codes: ["OBSERVATION_MISPLACED", "TIME_MISMATCH"] },
  {
    says: "the seal is of this document",
    codes: ["SEAL_MISMATCH", "SEAL_HASH_MISMATCH", "STATEMENT_MISMATCH", "ORIGIN_UNEXPECTED"],
  },
  {
    says: "one signature, by a key you gave",
    codes: ["SIGNATURE_COUNT", "SIGNATURE_INVALID", "KEY_UNKNOWN", "KEY_NOT_GIVEN", "KEY_UNUSABLE"],
  },
  {
    says: "artifacts are named, and those at hand match",
    codes: ["URI_MISMATCH", "BASIS_UNKNOWN", "ARTIFACT_MISMATCH"],
  },
];
const PACK_CHECKS: readonly Check[] = [
  {
    says: "every leaf is opened or receipted, as it was committed",
    codes: [
      "LEAVES_MISSHAPEN",
      "DISCLOSURE_MALFORMED",
      "DISCLOSURE_MISMATCH",
      "DISCLOSURE_RELABELLED",
      "DISCLOSURE_FOREIGN",
      "RECEIPT_MISMATCH",
      "LEAF_TWICE",
      "LEAF_UNACCOUNTED",
      "GENESIS_CLOSED",
      "PACK_UNSORTED",
    ],
  },
  { says: "what is shown is what the opened leaves say", codes: ["SHOWN_MISMATCH"] },
  {
    says: "the receipts are signed, by a key you gave",
    codes: ["EXPORT_MISMATCH", "EXPORT_SIGNATURE_INVALID", "EXPORT_KEY_UNKNOWN"],
  },
  { says: "a receipt of the log, where there is one, holds", codes: ["LOG_PROOF_INVALID", "LOG_PROOF_UNCHECKED"] },
];
/** Every code belongs to a check; a test holds it. */
export const explainedCodes: readonly VerifyCode[] = [...CHECKS, ...PACK_CHECKS].flatMap((check) => check.codes);

function explained(verdict: Judged, out: Output, file: string): string {
  const { kind, level, codes, findings, observations, not_proven, read } = verdict;
  const checks = (kind === "pack" ? [...CHECKS, ...PACK_CHECKS] : CHECKS).flatMap((check) => {
    const failed = check.codes.filter((code) => codes.includes(code));
    // Of what could not be read nothing further was checked.
    if (!read && failed.length === 0) return [`- ${check.says} (not checked)`];
    const mark = failed.length === 0 ? out.paint("green", "✓") : out.paint("red", "✗");
    return [
      `${mark} ${check.says}`,
      ...failed.map((code) => `    ${code}: ${verifyCodes[code]}${placeOf(findings, code)}`),
    ];
  });
  const grades = observations.map(({ name, grade }) => `  ${grade}  ${plain(name)}`);
  return [
    summed({ ...verdict, codes: [] }, out, file),
    "",
    ...checks,
    "",
    `Level ${level}: ${LEVELS[level]}`,
    ...(grades.length === 0
      ? []
      : ["", "Observations (A recomputable from bytes at hand, B basis not at hand, C no basis):", ...grades]),
    "",
    "Not proven:",
    ...not_proven.map((sentence) => `  ${sentence}`),
  ].join("\n");
}

const LEVELS: Readonly<Record<Verdict["level"], string>> = {
  none: "not well formed",
  E0: "well formed; the chain does not hold",
  E1: "the chain holds; not signed by a key you gave",
  E2: "the chain holds and is signed by a key you gave",
};

const placeOf = (findings: Verdict["findings"], code: VerifyCode): string => {
  const at = findings.find((finding) => finding.code === code)?.at ?? "";
  return at === "" ? "" : ` (${plain(at)})`;
};
