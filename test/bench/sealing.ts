/** What sealing a run costs in CPU over all threads, with the log on: envelope and leaf, its mark and receipt, in batches as under load. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInlineClerk } from "../../src/adapters/clerk.ts";
import { openEvidenceKeys } from "../../src/adapters/key-files.ts";
import { receiptFolder, receiptFor } from "../../src/adapters/receipt-files.ts";
import { evidenceIdOf } from "../../src/core/ids.ts";
import type { SealJob } from "../../src/desk/jobs.ts";
import { receiptNameOf } from "../../src/evidence/file-names.ts";
import { markOf } from "../../src/evidence/log/mark.ts";
import { openEvidenceLog } from "../../src/main-evidence-log.ts";
import { job, KEY } from "../unit/evidence/support.ts";
import { figure } from "./figures.ts";

const BATCHES = 120;
/** Code that has not run often is slow, and sealing never stops. */
const WARM_UP = 40;
/** Seals that one batch of the log takes at some 600 runs a second. */
const BATCH = 30;

export async function sealingRounds(): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), "qoc-bench-"));
  const runtime = path.join(dir, ".qoc");
  mkdirSync(path.join(runtime, "evidence"), { recursive: true });
  const keys = await openEvidenceKeys(dir);
  const log = await openEvidenceLog(runtime, "equity-desk", keys);
  const clerk = createInlineClerk({ dir, keys });
  const receipts = receiptFolder(path.join(runtime, "evidence"));

  async function sealOne(n: number): Promise<void> {
    const { evidence_id, seal_hash } = await sealed(clerk.perform(sealJob(dir, n)));
    const mark = markOf(KEY, evidence_id);
    await log.append([
      { kind: "received", mark },
      { kind: "seal", seal: seal_hash },
    ]);
    const receipt = receiptFor(log, { evidence_id, seal: seal_hash, of_seal: null });
    await receipts.replace(receiptNameOf(evidence_id), receipt ?? "");
  }

  const costs: number[] = [];
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const before = process.cpuUsage();
    await Promise.all(Array.from({ length: BATCH }, (_, n) => sealOne(batch * BATCH + n)));
    const { user, system } = process.cpuUsage(before);
    if (batch >= WARM_UP) costs.push((user + system) / 1000 / BATCH);
  }
  await clerk.close();
  await log.close();
  rmSync(dir, { recursive: true });
  console.log(`sealing: CPU of a run over all threads, log on: ${figure(costs, " ms", 2)}   aim 1.5\n`);
}

async function sealed(done: ReturnType<ReturnType<typeof createInlineClerk>["perform"]>) {
  const result = await done;
  if (result.kind !== "seal") throw new Error("a seal job gives an envelope");
  return result;
}

function sealJob(dir: string, n: number): SealJob {
  const { birth, machine, entries } = job();
  const evidence_id = evidenceIdOf(`01980000-0000-7000-8000-${String(n).padStart(12, "0")}`);
  const written = entries.map((entry, seq) => ({
    ...entry,
    seq,
    by: "daemon" as const,
    from: null,
    guard: null,
    effects: [],
  }));
  return { kind: "seal", dir, birth: { ...birth, evidence_id }, machine, entries: written, amends: null };
}
