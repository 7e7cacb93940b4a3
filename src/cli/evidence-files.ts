/** Envelopes and amendments as they lie below a desk. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { z } from "zod";

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
};

/** Newest first by name: the ids are UUIDv7. Files that are not envelopes are left out; `verify` says what is wrong with one. */
export function listEvidence(dir: string, limit: number): readonly EvidenceFile[] {
  const folder = evidenceFolder(dir);
  const names = existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f-]{36}.*\.json$/.test(name)) : [];
  return names
    .toSorted()
    .toReversed()
    .slice(0, limit)
    .flatMap((name) => headOf(path.join(folder, name)) ?? []);
}

function headOf(file: string): EvidenceFile | undefined {
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
