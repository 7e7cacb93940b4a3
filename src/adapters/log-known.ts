/** What the store knows of the log's leaves: of each run, those that it has there, and those that it may have there by now. */
import type { DeliveryInput } from "../core/delivery.ts";
import { birthIn, birthOf } from "../core/delivery-journal.ts";
import { machineOf, type Address } from "../core/ids.ts";
import type { Json } from "../core/observation.ts";
import { amendmentParts, envelopeParts } from "../desk/seal-parts.ts";
import type { ActorRecord, Entry, Store } from "../engine/ports.ts";
import type { Signer } from "../evidence/dsse.ts";
import { member, textIn } from "../evidence/journal.ts";
import { markOf } from "../evidence/log/mark.ts";
import type { LogLeaf } from "../evidence/log/leaf.ts";
import { seal } from "../evidence/seal.ts";

/** A seal's hash does not depend on who signs it. */
const NOBODY: Signer = { keyid: "0".repeat(64), sign: () => new Uint8Array(64) };
const PAGE = 256;

/** What a leaf is held against the store by; undefined for one that says nothing of a run. */
export function claimOf(leaf: LogLeaf, sealAt: (index: number) => string | undefined): string | undefined {
  switch (leaf.kind) {
    case "seal":
    case "amendment":
      return leaf.seal;
    case "received":
      return leaf.mark;
    case "erasure":
      return erasureOf(sealAt(leaf.of) ?? "");
    case "key":
    case "epoch":
      return undefined;
  }
}

const erasureOf = (hash: string): string => `erasure of ${hash}`;

/** Takes away what these runs explain, and stops when nothing is left. */
export function strike(open: Set<string>, addresses: Iterable<Address>, store: Pick<Store, "read" | "journal">): void {
  for (const address of addresses) {
    if (open.size === 0) return;
    if (machineOf(address) !== "delivery") continue;
    const record = store.read(address);
    const journal = store.journal(address);
    if (record !== undefined) for (const claim of claimsOf(record, journal)) open.delete(claim);
  }
}

export const unfinishedIn = (store: Pick<Store, "unfinished">): Iterable<Address> => pagesOf(store.unfinished);
export const addressesIn = (store: Pick<Store, "addresses">): Iterable<Address> => pagesOf(store.addresses);

function* pagesOf(read: (after: string, limit: number) => readonly Address[]): Generator<Address> {
  for (let page = read("", PAGE); page.length > 0; page = read(page.at(-1) ?? "", PAGE)) yield* page;
}

function* claimsOf(record: ActorRecord, journal: readonly Entry[]): Generator<string> {
  const first = journal[0];
  if (first?.event === "ERASED") yield* claimsOfErased(first.data);
  const born = first?.event === "init" ? birthOf(journal) : birthParked(record);
  if (born === undefined) return;
  yield markOf(Buffer.from(born.disclosure_key, "base64url"), born.evidence_id);
  if (first === undefined) return;
  const parts = envelopeParts(record, journal);
  if (parts === undefined) return;
  const base = told(journal, "SEALED")[0] ?? seal(parts, NOBODY).seal_hash;
  const amended = told(journal, "AMENDED");
  const next = { ordinal: amended.length + 1, seal_hash: base, prev_seal_hash: amended.at(-1) ?? base };
  const owed = amendmentParts(record, journal, next);
  const seals = [base, ...amended, ...(owed === undefined ? [] : [seal(owed, NOBODY).seal_hash])];
  yield* seals;
  if (record.state.startsWith("erasing")) yield* seals.map(erasureOf);
}

/** One that was set aside at its birth has no journal, and was accepted all the same. */
function birthParked({ parked }: ActorRecord): DeliveryInput | undefined {
  const born = parked?.birth ?? undefined;
  return born && birthIn(born.input);
}

function* claimsOfErased(tombstone: Json): Generator<string> {
  const mark = textIn(tombstone, "mark");
  if (mark !== undefined) yield mark;
  for (const hash of erasedSeals(tombstone)) yield* [hash, erasureOf(hash)];
}

/** The seals of an erased run: the envelope's, then those of its amendments. */
export function erasedSeals(tombstone: Json): readonly string[] {
  const seals = member(tombstone, "seals");
  return isList(seals) ? seals.flatMap((each) => textIn(each, "seal_hash") ?? []) : [];
}

const isList = (value: Json | undefined): value is readonly Json[] => Array.isArray(value);

/** The envelope's seal first, then those of the amendments in their order: as the run was told of them. */
export const sealsTold = (journal: readonly Entry[]): readonly string[] => [
  ...told(journal, "SEALED"),
  ...told(journal, "AMENDED"),
];

/** The seals that the run was told of by events of this type. */
const told = (journal: readonly Entry[], type: "SEALED" | "AMENDED"): readonly string[] =>
  journal.flatMap(({ event, data }) => {
    const hash = event === type ? textIn(data, "seal_hash") : undefined;
    return hash === undefined ? [] : [hash];
  });
