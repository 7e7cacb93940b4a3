/** Envelopes as they lie below a desk. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { envelopeNamed } from "../evidence/file-names.ts";
import { amendmentsThere } from "./sealed-documents.ts";

export const evidenceFolder = (dir: string): string => path.join(dir, ".qoc", "evidence");

const Head = z.object({
  evidence_id: z.string(),
  kind: z.string(),
  generated_at: z.string(),
  intent: z.object({ trigger: z.object({ webhook: z.string() }) }),
  execution: z.object({ outcome: z.string().nullable() }).nullable().catch(null),
});

export type EvidenceFile = {
  readonly file: string;
  readonly evidence_id: string;
  readonly kind: string;
  readonly generated_at: string;
  readonly webhook: string | null;
  readonly outcome: string | null;
  /** How many amendments lie beside it. */
  readonly amendments: number;
};

/** Newest first by name: the ids are UUIDv7. Files that are not envelopes are left out; `verify` says what is wrong with one. */
export function listEvidence(dir: string, limit: number): readonly EvidenceFile[] {
  const folder = evidenceFolder(dir);
  const names = new Set(existsSync(folder) ? readdirSync(folder) : []);
  const found: EvidenceFile[] = [];
  for (const name of [...names]
    .filter((each) => envelopeNamed(each) !== undefined)
    .toSorted()
    .toReversed()) {
    if (found.length === limit) break;
    const head = headOf(path.join(folder, name));
    if (head?.kind !== "envelope") continue;
    found.push({ ...head, amendments: amendmentsThere(head.evidence_id, (each) => names.has(each)) });
  }
  return found;
}

function headOf(file: string): Omit<EvidenceFile, "amendments"> | undefined {
  try {
    const head = Head.safeParse(JSON.parse(readFileSync(file, "utf8")));
    if (!head.success) return undefined;
    const { evidence_id, kind, generated_at, intent, execution } = head.data;
    return {
      file,
      evidence_id,
      kind,
      generated_at,
      webhook: intent.trigger.webhook,
      outcome: execution?.outcome ?? null,
    };
  } catch {
    return undefined;
  }
}
