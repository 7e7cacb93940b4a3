/** What lies in the folder of the evidence: each file is of a run that says so, or is named in the end. */
import { readdirSync } from "node:fs";
import { envelopeNamed, erasedNamed } from "../evidence/file-names.ts";
import type { Finding } from "./findings.ts";

export type EvidenceFolder = {
  /** A run has an envelope or an amendment of this id, or had. */
  readonly account: (evidenceId: string) => void;
  readonly left: () => Iterable<Finding>;
};

const FOLDERS: ReadonlySet<string> = new Set(["log", "logs"]);
const ENDINGS = [".json", ".erased.json", ".public.json", ".tlog-proof"] as const;

/** About 100 bytes of memory a file, until it is accounted for. */
export function checkFolder(folder: string): EvidenceFolder {
  const names = new Set(namesIn(folder).filter((name) => !FOLDERS.has(name)));
  return {
    account: (evidenceId) => {
      for (const ending of ENDINGS) names.delete(`${evidenceId}${ending}`);
    },
    left: function* () {
      for (const name of [...names].toSorted()) {
        const isEvidence = envelopeNamed(name) !== undefined || erasedNamed(name) !== undefined;
        yield { code: isEvidence ? "ENVELOPE_STRAY" : "FILE_UNKNOWN", at: `.qoc/evidence/${name}`, detail: "" };
      }
    },
  };
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
