/** Everything that a stopped desk holds, read for an audit. */
import { readFileSync, readdirSync } from "node:fs";
import path from "node:path";
import { openStoreReadOnly, type StoreView } from "../../src/adapters/store-lmdb.ts";
import type { Address } from "../../src/core/ids.ts";
import type { ActorRecord, Entry } from "../../src/engine/ports.ts";
import { birthOf } from "../../src/core/delivery-journal.ts";
import { auditedDesk } from "../../src/cli/audited-desk.ts";
import { readPublishedLog } from "../../src/cli/evidence-log.ts";
import { auditLog, type LogAudit } from "../../src/evidence/log/audit.ts";
import { verify, type Verdict } from "../../src/evidence/verify.ts";
import { sha256Of } from "../../src/core/ids.ts";

export type Run = {
  readonly run: string;
  readonly evidence_id: string;
  readonly record: ActorRecord;
  readonly journal: readonly Entry[];
};

export type StoppedDesk = {
  readonly store: StoreView;
  readonly runs: readonly Run[];
  /** Pages of the inbox: the file, the run that it names, and which notice about it, or null for the run's own item. */
  readonly items: readonly { readonly file: string; readonly run: string; readonly notice: number | null }[];
  /** Envelopes and amendments, verified with the desk's own key and all artifacts at hand. */
  readonly evidence: readonly { readonly file: string; readonly verdict: Verdict }[];
  /** Whether the desk's published log has a leaf of this seal. */
  readonly isLogged: (seal: string) => boolean;
  /** The log held against the desk: what was received against what is there. */
  readonly audit: LogAudit;
  /** Every file and folder below the desk. */
  readonly files: readonly string[];
};

/** Close its store when done. */
export async function readStoppedDesk(
  dir: string,
  workspace: string,
  webhooks: readonly string[],
): Promise<StoppedDesk> {
  const runtime = path.join(dir, ".qoc");
  const store = await openStoreReadOnly(path.join(runtime, "store"));
  const log = readPublishedLog(dir);
  return {
    store,
    runs: webhooks.flatMap((webhook) => runsOf(store, `${workspace}/${webhook}`)),
    items: itemsIn(path.join(dir, "inbox")),
    evidence: evidenceIn(runtime, `localhost/${workspace}`, store),
    isLogged: (seal) => log.receiptOf(seal) !== undefined,
    audit: auditLog(log.leaves(), log.checkpoint.size, await auditedDesk(path.join(runtime, "evidence"), store)),
    files: readdirSync(dir, { recursive: true, encoding: "utf8" }),
  };
}

function runsOf(store: StoreView, key: string): readonly Run[] {
  const hits = store.find({ name: "webhook", key }, { limit: 1_000_000 });
  return hits.map(({ address }) => runAt(store, address));
}

function runAt(store: StoreView, address: Address): Run {
  const record = store.read(address);
  if (record === undefined) throw new Error(`${address} is in an index and nowhere else`);
  const journal = store.journal(address);
  const { run, evidence_id } = birthOf(journal);
  return { run, evidence_id, record, journal };
}

function itemsIn(folder: string): StoppedDesk["items"] {
  const names = readdirSync(folder).filter((name) => name.endsWith(".md"));
  return names.map((file) => {
    const text = readFileSync(path.join(folder, file), "utf8");
    const notice = /^notice: (\d+)$/m.exec(text)?.[1];
    return {
      file,
      run: /^run: "?([0-9a-f-]{36})"?$/m.exec(text)?.[1] ?? "no run",
      notice: notice === undefined ? null : Number(notice),
    };
  });
}

function evidenceIn(runtime: string, origin: string, store: StoreView): StoppedDesk["evidence"] {
  const folder = path.join(runtime, "evidence");
  const key = readFileSync(path.join(runtime, "keys", "evidence.pub"), "utf8");
  const policy = { keys: [key], origin, artifact: (sha256: string) => store.artifact(sha256Of(sha256)) };
  const names = readdirSync(folder).filter((file) => file !== "log" && !file.endsWith(".tlog-proof"));
  return names.map((file) => ({ file, verdict: verify(readFileSync(path.join(folder, file)), policy) }));
}
