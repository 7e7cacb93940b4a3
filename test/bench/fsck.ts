/** How long `qoc fsck` takes, and how much memory, for a desk with this many sealed runs: envelopes, receipts, inbox items and a log as they are. */
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import path from "node:path";
import { systemClock } from "../../src/adapters/clock.ts";
import { openEvidenceKeys, signerOf } from "../../src/adapters/key-files.ts";
import { nodeLogDisk } from "../../src/adapters/log-disk.ts";
import { openLog, type EvidenceLog } from "../../src/adapters/log-files.ts";
import { envelopeParts } from "../../src/desk/seal-parts.ts";
import type { EffectCall, Effects, Store } from "../../src/engine/ports.ts";
import { markOf } from "../../src/evidence/log/mark.ts";
import { signerOf as noteSignerOf } from "../../src/evidence/log/note.ts";
import { seal } from "../../src/evidence/seal.ts";
import { fsck } from "../../src/fsck/fsck.ts";
import { populate } from "./populate.ts";

const WORKSPACE = "bench";

export async function fsckRounds(sizes: readonly number[]): Promise<void> {
  console.log(`fsck, by sealed runs, ${availableParallelism()} processors`);
  for (const size of sizes) {
    const dir = mkdtempSync(path.join(tmpdir(), "qoc-bench-"));
    for (const name of ["inbox", ".qoc/evidence/log"]) mkdirSync(path.join(dir, name), { recursive: true });
    await fill(dir, size);
    const [begun, before] = [performance.now(), process.cpuUsage()];
    const { errors, counts, actors } = await fsck({ dir, workspace: WORKSPACE });
    const seconds = (performance.now() - begun) / 1000;
    const { user, system } = process.cpuUsage(before);
    const said = counts.map(({ code, count }) => `${code} ${count}`).join(", ");
    const megabytes = Math.round(process.resourceUsage().maxRSS / 1024);
    console.log(
      `  ${String(actors).padStart(7)}  ${seconds.toFixed(1)} s, ${((user + system) / 1e6).toFixed(0)} s of CPU, at most ${megabytes} MB with what made the desk, ${errors} errors ${said}`,
    );
    rmSync(dir, { recursive: true });
  }
  console.log("  aim: 100,000 under a minute on two processors\n");
}

/** By the road of every run, save that nothing is synced. */
async function fill(dir: string, size: number): Promise<void> {
  const keys = await openEvidenceKeys(dir);
  const evidence = path.join(dir, ".qoc", "evidence");
  const origin = `localhost/${WORKSPACE}/log`;
  const disk = { ...nodeLogDisk, sync: () => Promise.resolve(), syncFolder: () => Promise.resolve() };
  const place = { dir: path.join(evidence, "log"), origin, signer: noteSignerOf(origin, keys.privateKey) };
  const log = await openLog({ ...place, clock: systemClock, disk });
  const made = await populate(dir, "sealed", (store) => effectsOn(dir, store, log, signerOf(keys)));
  await made.add(size);
  await made.close();
  await log.close();
}

function effectsOn(dir: string, store: Store, log: EvidenceLog, signer: Parameters<typeof seal>[1]): Effects {
  const evidence = path.join(dir, ".qoc", "evidence");
  return {
    writeInboxItem: {
      repeatable: true,
      concurrency: 256,
      perform: ({ id, address }: EffectCall) => {
        const file = `inbox/${address.slice(address.indexOf("/") + 1)}.md`;
        const page = Buffer.from(`# ${address}\n\nwith some text, as an item has it\n`.repeat(8));
        writeFileSync(path.join(dir, file), page);
        const sha256 = createHash("sha256").update(page).digest("hex");
        const result = { file, sha256, bytes: page.length };
        const event = { type: "EFFECT_DONE", effect: id, drafts: 0, step: null, artifacts: [], result };
        return Promise.resolve({ event, artifacts: [] });
      },
    },
    sealRun: {
      repeatable: true,
      concurrency: 256,
      perform: async ({ id, address }: EffectCall) => {
        const record = store.read(address);
        const parts = record && envelopeParts(record, store.journal(address));
        if (parts === undefined) throw new Error("the run has no outcome");
        const { evidence_id, seal_hash, bytes } = seal(parts, signer);
        writeFileSync(path.join(evidence, `${evidence_id}.json`), bytes);
        const mark = markOf(Buffer.from(parts.birth.disclosure_key, "base64url"), evidence_id);
        await log.append([
          { kind: "received", mark },
          { kind: "seal", seal: seal_hash },
        ]);
        writeFileSync(path.join(evidence, `${evidence_id}.tlog-proof`), log.proofOf(seal_hash) ?? "");
        const event = { type: "SEALED", effect: id, seal_hash, file: `.qoc/evidence/${evidence_id}.json` };
        return { event, artifacts: [] };
      },
    },
  };
}
