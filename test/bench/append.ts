/** What adding to the log costs as it grows: a thousand leaves in batches of thirty, behind 1,000, 100,000 and 1,000,000 leaves. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { openEvidenceKeys } from "../../src/adapters/key-files.ts";
import type { NewLeaf } from "../../src/adapters/log-plan.ts";
import { openEvidenceLog } from "../../src/main-evidence-log.ts";

const MEASURED = 1000;
const BATCH = 30;
const FILL = 4096;

export async function appendRounds(sizes: readonly number[]): Promise<void> {
  const dir = mkdtempSync(path.join(tmpdir(), "qoc-bench-"));
  mkdirSync(path.join(dir, ".qoc", "evidence"), { recursive: true });
  const log = await openEvidenceLog(path.join(dir, ".qoc"), "bench", await openEvidenceKeys(dir));
  let next = 0;
  const add = async (count: number): Promise<void> => {
    await log.append(Array.from({ length: count }, (): NewLeaf => ({ kind: "seal", seal: sealOf(next++) })));
  };
  for (const size of sizes) {
    while (log.size() < size) await add(Math.min(FILL, size - log.size()));
    const before = process.cpuUsage();
    for (let added = 0; added < MEASURED; added += BATCH) await add(BATCH);
    const { user, system } = process.cpuUsage(before);
    console.log(
      `append: CPU of a leaf behind ${size}: ${((user + system) / MEASURED).toFixed(0)} µs, in batches of ${BATCH}`,
    );
  }
  await log.close();
  rmSync(dir, { recursive: true });
}

const sealOf = (n: number): string => createHash("sha256").update(`seal ${n}`).digest("hex");
