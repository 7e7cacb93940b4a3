/**
 * The effect that erases a sealed run: its evidence stays as packs that open nothing, all else of what the sender said goes. Every step can
 * be done again, in this order: the packs, their leaves in the log, the sealed documents, the inbox pages (which are known by the bytes that
 * they show) and whatever else the run wrote into the desk's folders, the artifacts and index rows. Record and journal go last, in the
 * commit that takes ERASED in, and those of its orders with them.
 */
import type { ErasureAsked } from "../../machines/delivery-effects.ts";
import { assert } from "../core/assert.ts";
import type { DeliveryEvent, DeliveryInput } from "../core/delivery.ts";
import { allTold, birthOf, firstTold } from "../core/delivery-journal.ts";
import type { ErasedSeal, Tombstone } from "../core/erasure.ts";
import { filesWrittenIn } from "../core/files-written.ts";
import { noticeAddress, type Address, type Sha256 } from "../core/ids.ts";
import type { EffectCall, Entry, Store } from "../engine/ports.ts";
import type { Clerk, SealLog } from "./effects.ts";
import { removePages, type PageFiles } from "./erasure-pages.ts";
import { actorsOf, removeWritten, type RunActors, summaryOf } from "./erasure-written.ts";
import { forgetSummary, type TaskFiles } from "./task-status.ts";

export type DeskFiles = PageFiles;

export type ErasureWorld = {
  readonly dir: string;
  readonly store: Pick<Store, "read" | "journal" | "artifact" | "mail" | "expunge">;
  readonly clerk: Clerk;
  readonly log: SealLog;
  readonly files: DeskFiles;
  /** Absent where no agent is run. */
  readonly tasks?: TaskFiles;
};

export async function eraseRun(world: ErasureWorld, call: EffectCall): Promise<DeliveryEvent> {
  const { dir, store, log, files } = world;
  const whole = store.journal(call.address);
  const asked = whole.findIndex(({ event }) => event === "ERASE") + 1;
  const journal = whole.slice(0, asked);
  const late = whole.slice(asked).filter(isRedelivery);
  const birth = birthOf(journal);
  const actors = actorsOf(birth, store.read);
  requireQuiet(world, call, actors);
  const seals = sealsIn(journal);
  const packs = await writePacks(world, birth, seals, call);
  const logged = await logErasure(log, seals);
  for (const { evidence_id } of packs) await files.remove(`.qoc/evidence/${evidence_id}.json`);
  const wrote = [journal, ...[...actors.orders, ...actors.notifications].map(store.journal)].flatMap(filesWrittenIn);
  const edited = [
    ...(await removePages(dir, journal, store.artifact, files)),
    ...(await removeWritten(birth.run, wrote, files)),
  ];
  await removeSummary(world, call, birth, journal);
  const stays = { name: "webhook", key: `${birth.workspace}/${birth.webhook}` } as const;
  const shared = await store.expunge(call.address, artifactsIn(journal, late), [stays], actors.orders);
  const erased = packs.map(({ evidence_id, seal_hash, pack }, at): ErasedSeal => {
    const { index = 0, erasure = 0 } = logged[at] ?? {};
    return { evidence_id, seal_hash, index, erasure, pack };
  });
  const left = { seals: erased, edited, shared: shared.length, mark: log.markOf(birth) };
  return { type: "ERASED", effect: call.id, late: late.length, ...tombstoneOf(birth, journal, left) };
}

async function removeSummary(
  { store, tasks }: ErasureWorld,
  { address }: EffectCall,
  { policy }: DeliveryInput,
  journal: readonly Entry[],
): Promise<void> {
  const summary = summaryOf(store.read(address), journal);
  if (tasks !== undefined && policy.task !== null && summary !== undefined)
    await forgetSummary(tasks, policy.task, summary);
}

/** One that brought something, whose fields were kept. */
const isRedelivery = ({ event, data }: Entry): boolean =>
  event === "REDELIVERED" && typeof data === "object" && data !== null && "artifacts" in data;

function tombstoneOf(
  { run, evidence_id, workspace, webhook, received_at }: DeliveryInput,
  journal: readonly Entry[],
  left: Pick<Tombstone, "seals" | "edited" | "shared" | "mark">,
): Tombstone {
  const sealed = journal.find(({ event }) => event === "SEALED");
  const asked = firstTold(journal, "ERASE");
  assert(sealed !== undefined && asked !== undefined, "a run is erased when it is sealed and a person asks");
  return { run, evidence_id, workspace, webhook, received_at, sealed_at: sealed.at, reason: asked.reason, ...left };
}

/**
 * What was on its way before the person asked must have come to its end, or it would bring back what is taken away. @throws while it has not
 */
function requireQuiet(
  { store }: ErasureWorld,
  { address, params }: EffectCall,
  { orders, notifications }: RunActors,
): void {
  const { run, flagged } = askedIn(params);
  for (let n = 1; n <= flagged; n += 1) {
    if (store.read(noticeAddress(run, n))?.state === "writing")
      throw new Error(`notice ${n} of this run is being written: the erasure waits for it`);
  }
  for (const order of orders)
    if (store.read(order)?.resting !== true) throw new Error(`${order} is not at rest: the erasure waits for it`);
  for (const each of notifications)
    if (store.read(each)?.state === "abandoned.writing")
      throw new Error(`the page of ${each} is being written: the erasure waits for it`);
  if (isMailed(store.mail(), address))
    throw new Error("a delivery of this run is being taken in: the erasure waits for it");
}

function isMailed(mail: ReturnType<Store["mail"]>, address: Address): boolean {
  for (const placed of mail) if (placed.mail.to === address && placed.mail.by === "provider") return true;
  return false;
}

type Sealed = { readonly seal_hash: string; readonly ordinal: number | null };

/** The envelope, then its amendments in their order. */
function sealsIn(journal: readonly Entry[]): readonly Sealed[] {
  const envelope = firstTold(journal, "SEALED");
  assert(envelope !== undefined, "a run that is erased is sealed");
  const amendments = allTold(journal, "AMENDED").map(({ seal_hash, ordinal }) => ({ seal_hash, ordinal }));
  return [{ seal_hash: envelope.seal_hash, ordinal: null }, ...amendments];
}

async function writePacks(
  { dir, clerk, log }: ErasureWorld,
  { evidence_id }: DeliveryInput,
  seals: readonly Sealed[],
  { asked_at }: EffectCall,
): Promise<readonly Pick<ErasedSeal, "evidence_id" | "seal_hash" | "pack">[]> {
  const base = seals[0]?.seal_hash ?? "";
  return Promise.all(
    seals.map(async ({ seal_hash, ordinal }) => {
      const logged = { evidence_id, seal: seal_hash, of_seal: ordinal === null ? null : base };
      const tlog_proof = log.receiptOf(logged) ?? null;
      const done = await clerk.perform({ kind: "erase", dir, evidence_id, ordinal, at: asked_at, tlog_proof });
      assert(done.kind === "erase", "an erasure gives a pack");
      return { evidence_id: done.evidence_id, seal_hash, pack: done.made ? done.file : null };
    }),
  );
}

/** The seals are logged already: asked again, the log says where. */
async function logErasure(
  log: SealLog,
  seals: readonly Sealed[],
): Promise<readonly Pick<ErasedSeal, "index" | "erasure">[]> {
  const base = seals[0]?.seal_hash ?? "";
  const numbers = await log.append([
    ...seals.map(({ seal_hash: seal, ordinal }) =>
      ordinal === null ? ({ kind: "seal", seal } as const) : ({ kind: "amendment", seal, of_seal: base } as const),
    ),
    ...seals.map(({ seal_hash: of_seal }) => ({ kind: "erasure", of_seal }) as const),
  ]);
  return seals.map((_, at) => ({ index: numbers[at] ?? 0, erasure: numbers[seals.length + at] ?? 0 }));
}

/** The events that come with artifacts. */
const BRINGING = [
  "REDELIVERED",
  "TOOL_CALLED",
  "EFFECT_DONE",
  "EFFECT_FAILED",
  "DECIDED",
  "ORDER_SETTLED",
  "ORDER_UNCLEAR",
  "REPORTED",
] as const;

/** Everything that this run named: its own request, those of its redeliveries, and what its work brought. */
function artifactsIn(journal: readonly Entry[], late: readonly Entry[]): readonly Sha256[] {
  const { request, headers } = birthOf(journal);
  const brought = BRINGING.flatMap((type) =>
    allTold([...journal, ...late], type).flatMap(({ artifacts }) => artifacts.map(({ sha256 }) => sha256)),
  );
  const basis = journal.flatMap(({ observations }) => observations.flatMap((seen) => seen.basis));
  return [...new Set([request.sha256, headers.sha256, ...brought, ...basis])];
}

const askedIn = (params: EffectCall["params"]): ErasureAsked =>
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the machine's own words, as it asked
  params as unknown as ErasureAsked;
