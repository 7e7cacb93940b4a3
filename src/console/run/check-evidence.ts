/**
 * A run's evidence, verified by the verifier of the command line, in this browser. A part of its own, loaded when somebody looks: the page of
 * a run needs none of it before.
 */
import { decode } from "../../evidence/platform.ts";
import { checksOf } from "../../evidence/verify-checks.ts";
import { levelWords, type Level, verifyCodes } from "../../evidence/verify.ts";
import { inLogOrder, policyOf, sortInput, type Input } from "../../evidence/verify-page/inputs.ts";
import { judge, type Judged } from "../../evidence/verify-page/judged.ts";
import { hasEd25519, settled } from "../../evidence/verify-page/questions.ts";
import type { EvidenceFile, RunEvidence } from "../../http/shapes/envelopes.ts";
import { claimsOf, type Claims } from "./claims.ts";

/** `state`: a file that could not be read was not checked further. */
export type CheckShown = {
  readonly says: string;
  readonly state: "holds" | "fails" | "not checked";
  readonly failures: readonly string[];
};
export type FileChecked = {
  readonly name: string;
  readonly kind: "envelope" | "pack";
  readonly ok: boolean;
  readonly level: Level;
  readonly level_says: string;
  readonly checks: readonly CheckShown[];
  readonly logged: string | null;
  readonly observations: readonly { readonly name: string; readonly grade: "A" | "B" | "C" }[];
  readonly not_proven: readonly string[];
  readonly claims: Claims;
};
export type EvidenceChecked =
  | { readonly kind: "checked"; readonly ok: boolean; readonly files: readonly FileChecked[] }
  | { readonly kind: "unable"; readonly says: string };

const UNABLE = "This browser cannot check Ed25519 signatures (WebCrypto), so nothing was verified.";

/** The envelope first, then its amendments. Never throws on hostile bytes. */
export async function checkEvidence(evidence: RunEvidence): Promise<EvidenceChecked> {
  if (!(await hasEd25519())) return { kind: "unable", says: UNABLE };
  const keys = evidence.keys.map(inputOf);
  const files: FileChecked[] = [];
  for (const [at, file] of [evidence.envelope, ...evidence.amendments].entries()) {
    const receipt = at === 0 && evidence.receipt !== null ? [inputOf(evidence.receipt)] : [];
    const policy = policyOf(inLogOrder([...keys, ...receipt].map(sortInput)), { origin: "", witnessesMin: "" });
    const { bytes } = inputOf(file);
    files.push(shownOf(file.name, await settled(() => judge(bytes, policy))));
  }
  return { kind: "checked", ok: files.every(({ ok }) => ok), files };
}

const inputOf = ({ name, base64 }: EvidenceFile): Input => ({ name, bytes: decode(base64, "base64") });

function shownOf(name: string, judged: Judged): FileChecked {
  const { kind, ok, level, codes, findings, logged, observations, not_proven, rows } = judged;
  const placeOf = (code: string): string => {
    const at = findings.find((finding) => finding.code === code)?.at ?? "";
    return at === "" ? "" : ` (${at})`;
  };
  return {
    name,
    kind,
    ok,
    level,
    level_says: levelWords[level],
    checks: checksOf(kind).map((check) => {
      const failed = check.codes.filter((code) => codes.includes(code));
      const state = failed.length > 0 ? "fails" : level === "none" ? "not checked" : "holds";
      return {
        says: check.says,
        state,
        failures: failed.map((code) => `${code}: ${verifyCodes[code]}${placeOf(code)}`),
      };
    }),
    logged: logged === null ? null : `leaf ${logged.index} of ${logged.size}`,
    observations,
    not_proven,
    claims: claimsOf(rows),
  };
}
