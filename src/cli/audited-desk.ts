/** What a desk holds against its log: open runs and erased ones from the store, envelopes from the folder. Read only, also beside a daemon. */
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { setImmediate as breathe } from "node:timers/promises";
import { z } from "zod";
import { addressOf, machineOf, nameOf, type Address } from "../core/ids.ts";
import type { Entry } from "../engine/ports.ts";
import { envelopeNamed } from "../evidence/file-names.ts";
import type { AuditedDesk, ErasedRun, OpenRun, SealedFile } from "../evidence/log/audit.ts";
import { markOf } from "../evidence/log/mark.ts";
import type { ReadableStore } from "./parts.ts";

type Reads = Pick<ReadableStore, "unfinished" | "addresses" | "journal" | "read">;

const PAGE_ACTORS = 200;
const Birth = z.object({ evidence_id: z.string(), disclosure_key: z.string() });
const Told = z.object({ seal_hash: z.string() });
const Tombstone = z.object({
  evidence_id: z.string(),
  mark: z.string(),
  seals: z.array(z.object({ seal_hash: z.string() })),
});
const Sealed = z.object({
  evidence_id: z.string(),
  amends: z.object({ evidence_id: z.string() }).nullable(),
  integrity: z.object({ seal_hash: z.string(), disclosure_key: z.string() }),
});

/** In the order that an audit of a desk at work needs; the leaves are read after it. */
export async function auditedDesk(evidence: string, store: Reads): Promise<AuditedDesk> {
  const before = await openRuns(store);
  const sealed = sealedIn(evidence);
  // What has been committed since is seen from the next turn of the event loop on.
  await breathe();
  const after = await openRuns(store);
  await breathe();
  return { sealed, open: [...before, ...after], erased: await erasedRuns(store) };
}

/** For a person who looks for what was left out: the runs that the store still knows by these marks. */
export async function runsMarked(marks: ReadonlySet<string>, store: Reads): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (marks.size === 0) return found;
  for await (const address of deliveriesIn(store.addresses)) {
    const mark = birthMark(birthAt(address, store))?.mark;
    if (mark !== undefined && marks.has(mark)) found.set(mark, nameOf(address));
  }
  return found;
}

async function openRuns(store: Reads): Promise<readonly OpenRun[]> {
  const open: OpenRun[] = [];
  for await (const address of deliveriesIn(store.unfinished)) {
    const journal = store.journal(address);
    const birth = birthMark(journal[0]?.data ?? store.read(address)?.parked?.birth?.input);
    if (birth !== undefined) open.push({ ...birth, seals: sealsTold(journal) });
  }
  return open;
}

async function erasedRuns(store: Reads): Promise<readonly ErasedRun[]> {
  const erased: ErasedRun[] = [];
  for await (const address of deliveriesIn(store.addresses)) {
    if (store.read(address)?.state !== "erased") continue;
    const told = store.journal(address).find(({ event }) => event === "ERASED");
    const { evidence_id, mark, seals } = Tombstone.parse(told?.data);
    erased.push({ evidence_id, mark, seals: seals.map(({ seal_hash }) => seal_hash) });
  }
  return erased;
}

/** Lets other work of the process go on between pages. */
async function* deliveriesIn(list: Reads["addresses"]): AsyncGenerator<Address> {
  let after = "";
  for (;;) {
    const page = list(after, PAGE_ACTORS);
    for (const address of page) if (machineOf(address) === "delivery") yield address;
    const last = page.at(-1);
    if (last === undefined || page.length < PAGE_ACTORS) return;
    after = addressOf(last);
    await breathe();
  }
}

const birthAt = (address: Address, store: Reads): unknown =>
  store.journal(address)[0]?.data ?? store.read(address)?.parked?.birth?.input;

function birthMark(data: unknown): { readonly evidence_id: string; readonly mark: string } | undefined {
  const birth = Birth.safeParse(data);
  if (!birth.success) return undefined;
  const { evidence_id, disclosure_key } = birth.data;
  return { evidence_id, mark: markIn(disclosure_key, evidence_id) };
}

const sealsTold = (journal: readonly Entry[]): readonly string[] =>
  journal.flatMap(({ event, data }) =>
    event === "SEALED" || event === "AMENDED" ? (Told.safeParse(data).data?.seal_hash ?? []) : [],
  );

/** What is none, or cannot be read, is no envelope: then its seal is missed. */
const sealedIn = (evidence: string): readonly SealedFile[] =>
  readdirSync(evidence).flatMap((name) =>
    envelopeNamed(name) === undefined ? [] : (sealedFile(path.join(evidence, name)) ?? []),
  );

function sealedFile(file: string): SealedFile | undefined {
  try {
    const { evidence_id, amends, integrity } = Sealed.parse(JSON.parse(readFileSync(file, "utf8")));
    const mark = amends === null ? markIn(integrity.disclosure_key, evidence_id) : null;
    return { evidence_id, base: amends?.evidence_id ?? evidence_id, seal: integrity.seal_hash, mark };
  } catch {
    return undefined;
  }
}

const markIn = (key: string, evidenceId: string): string => markOf(Buffer.from(key, "base64url"), evidenceId);
