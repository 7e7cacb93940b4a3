/** A verdict in words: its level, each check, and what it leaves unproven. */
import { levelWords, type Verdict, type VerifyCode, verifyCodes } from "../evidence/verify.ts";
import { type Output, plain } from "./output.ts";

/** What the verdicts on envelopes and on packs have in common. `read` is false for what is neither. */
export type Judged = Omit<Verdict, "document"> & {
  readonly kind: "envelope" | "pack";
  readonly read: boolean;
  /** Leaves that are closed, and of these those whose openings were removed. An envelope has none. */
  readonly closed: number;
  readonly erased: number;
};

export function summed(verdict: Judged, out: Output, file: string): string {
  const { ok, level, codes, findings } = verdict;
  return [
    `${ok ? out.paint("green", "✓ holds") : out.paint("red", "✗ does not hold")}  level ${level}  ${plain(file)}${formOf(verdict)}`,
    ...codes.map((code) => `  ${code}: ${verifyCodes[code]}${placeOf(findings, code)}`),
    ...logLines(verdict),
  ].join("\n");
}

function formOf({ kind, erased }: Judged): string {
  if (kind === "envelope") return "";
  return erased > 0 ? "  (erased: what a pack keeps of it)" : "  (public pack)";
}

function logLines({ logged, witnesses, closed, erased }: Judged): readonly string[] {
  return [
    ...(logged === null ? [] : [`  logged: leaf ${logged.index} of ${logged.size}`]),
    ...(witnesses.length === 0 ? [] : [`  witnesses: ${witnesses.map(plain).join(", ")}`]),
    ...(closed === 0 ? [] : [`  closed: ${closed} leaves${erased === 0 ? "" : `, ${erased} of them by erasure`}`]),
  ];
}

type Check = { readonly says: string; readonly codes: readonly VerifyCode[] };
const CHECKS: readonly Check[] = [
  {
    says: "canonical bytes of the known form",
    codes: ["SIZE_EXCEEDED", "JSON_MALFORMED", "BYTES_NOT_CANONICAL", "SHAPE_INVALID", "BASE64_NOT_EXACT"],
  },
  { says: "kind, ids and what is amended belong together", codes: ["AMENDMENT_MISMATCH", "ID_UNEXPECTED"] },
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
    says: "one signature, by a key you trust",
    codes: [
      "SIGNATURE_COUNT",
      "SIGNATURE_INVALID",
      "KEY_UNKNOWN",
      "KEY_NOT_GIVEN",
      "KEY_UNUSABLE",
      "KEY_UNAUTHORISED",
      "KEY_OUT_OF_RANGE",
    ],
  },
  {
    says: "artifacts are named, and those at hand match",
    codes: ["URI_MISMATCH", "BASIS_UNKNOWN", "ARTIFACT_MISMATCH"],
  },
  {
    says: "what is at hand of the log holds: receipt, earlier checkpoint, witnesses",
    codes: [
      "LOG_PROOF_INVALID",
      "LOG_PROOF_UNCHECKED",
      "CHECKPOINT_UNUSABLE",
      "CHECKPOINT_INCONSISTENT",
      "WITNESSES_MISSING",
    ],
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
    says: "the receipts are signed, by a key you trust",
    codes: ["EXPORT_MISMATCH", "EXPORT_SIGNATURE_INVALID", "EXPORT_KEY_UNKNOWN"],
  },
];
/** Every code belongs to a check; a test holds it. */
export const explainedCodes: readonly VerifyCode[] = [...CHECKS, ...PACK_CHECKS].flatMap((check) => check.codes);

export function explained(verdict: Judged, out: Output, file: string): string {
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
    `Level ${level}: ${levelWords[level]}`,
    ...(grades.length === 0
      ? []
      : ["", "Observations (A recomputable from bytes at hand, B basis not at hand, C no basis):", ...grades]),
    "",
    "Not proven:",
    ...not_proven.map((sentence) => `  ${sentence}`),
  ].join("\n");
}

const placeOf = (findings: Verdict["findings"], code: VerifyCode): string => {
  const at = findings.find((finding) => finding.code === code)?.at ?? "";
  return at === "" ? "" : ` (${plain(at)})`;
};
