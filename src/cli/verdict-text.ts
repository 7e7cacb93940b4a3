/** A verdict in words: its level, each check, and what it leaves unproven. */
import { checksOf } from "../evidence/verify-checks.ts";
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

/** Every code belongs to a check; a test holds it. */
export const explainedCodes: readonly VerifyCode[] = checksOf("pack").flatMap((check) => check.codes);

export function explained(verdict: Judged, out: Output, file: string): string {
  const { kind, level, codes, findings, observations, not_proven, read } = verdict;
  const checks = checksOf(kind).flatMap((check) => {
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
