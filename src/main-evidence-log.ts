/** A desk's evidence log, opened with its own key, holding every envelope that was ever sealed. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { z } from "zod";
import { systemClock } from "./adapters/clock.ts";
import type { EvidenceKeys } from "./adapters/key-files.ts";
import { nodeLogDisk } from "./adapters/log-disk.ts";
import { openLog, type EvidenceLog } from "./adapters/log-files.ts";
import { replaceWhole } from "./adapters/log-replace.ts";
import { signerOf } from "./evidence/log/note.ts";

const CATCH_UP_BATCH = 256;
const Sealed = z.object({
  amends: z.object({ seal_hash: z.string() }).nullable(),
  integrity: z.object({ seal_hash: z.string() }),
});
type Sealed = z.infer<typeof Sealed>;

/** @throws LogRefused when its files contradict each other, the key, or what was signed before */
export async function openEvidenceLog(runtime: string, workspace: string, keys: EvidenceKeys): Promise<EvidenceLog> {
  const origin = `localhost/${workspace}/log`;
  const signer = signerOf(origin, keys.privateKey);
  const evidence = path.join(runtime, "evidence");
  const log = await openLog({ dir: path.join(evidence, "log"), origin, signer, clock: systemClock, disk: nodeLogDisk });
  await replaceWhole(path.join(runtime, "keys"), "log.vkey", Buffer.from(`${signer.vkey}\n`), nodeLogDisk);
  if (log.size() === 0) await catchUp(log, evidence);
  return log;
}

/**
 * Logs what was sealed before this desk had a log. Afterwards an envelope is logged by the effect that seals it, which is done again
 * until it is: a crash between the two leaves nothing to be looked for.
 */
async function catchUp(log: EvidenceLog, folder: string): Promise<void> {
  const sealed = readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .toSorted()
    .map((name) => Sealed.parse(JSON.parse(readFileSync(path.join(folder, name), "utf8"))));
  for (const batch of batchesOf(sealed.filter(({ amends }) => amends === null))) {
    await log.append(batch.map(({ integrity }) => ({ kind: "seal" as const, seal: integrity.seal_hash })));
  }
  for (const batch of batchesOf(sealed)) {
    await log.append(
      batch.flatMap(({ amends, integrity }) =>
        amends === null ? [] : [{ kind: "amendment" as const, seal: integrity.seal_hash, of_seal: amends.seal_hash }],
      ),
    );
  }
}

function* batchesOf(all: readonly Sealed[]): Iterable<readonly Sealed[]> {
  for (let at = 0; at < all.length; at += CATCH_UP_BATCH) yield all.slice(at, at + CATCH_UP_BATCH);
}
