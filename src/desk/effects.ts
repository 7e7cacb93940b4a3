/** The effects of a desk: what each one reads of the journal, and what it tells the run when it is done. */
import type { AmendmentAsked } from "../../machines/delivery-effects.ts";
import { assert } from "../core/assert.ts";
import type { DeliveryEvent, DeliveryInput } from "../core/delivery.ts";
import { birthOf, factsOf } from "../core/delivery-journal.ts";
import { isErasedState } from "../core/erasure.ts";
import { deliveryAddress, type Instant } from "../core/ids.ts";
import type { NoticeEvent } from "../core/notice.ts";
import type { ArtifactRef, Json } from "../core/observation.ts";
import type { ActorRecord, EffectCall, EffectOutcome, Effects } from "../engine/ports.ts";
import { eraseRun, type DeskFiles, type ErasureWorld } from "./erasure.ts";
import { PASTED_BYTES_MAX, READ_BYTES_MAX } from "./inbox-item.ts";
import type { InboxJob, Job, JobDone } from "./jobs.ts";
import { noticeAskedIn, noticed } from "./notice.ts";
import { amendmentParts, envelopeParts } from "./seal-parts.ts";
import type { TaskFiles } from "./task-status.ts";

/** Performs jobs that end in whole files. A job that is repeated gives the same file. */
export type Clerk = { readonly perform: (job: Job) => Promise<JobDone> };

export type SealLog = {
  /** Logs each once, whenever it is asked: all or none. Resolves when a signed checkpoint covers them. */
  readonly append: (
    leaves: readonly (
      | { readonly kind: "received"; readonly mark: string }
      | { readonly kind: "seal"; readonly seal: string }
      | { readonly kind: "amendment"; readonly seal: string; readonly of_seal: string }
      | { readonly kind: "erasure"; readonly of_seal: string }
    )[],
  ) => Promise<readonly number[]>;
  /** What stands for this run in the log before it has a seal. */
  readonly markOf: (birth: Pick<DeliveryInput, "evidence_id" | "disclosure_key">) => string;
  /** Has a receipt of what is logged put beside it, some time soon. */
  readonly saveReceipt: (logged: Logged) => void;
  /** The receipt as of now; undefined for what is not logged. */
  readonly receiptOf: (logged: Logged) => string | undefined;
};

/** `of_seal`: of an amendment, its envelope's seal. */
type Logged = { readonly evidence_id: string; readonly seal: string; readonly of_seal: string | null };

export type DeskEffectsWorld = {
  readonly dir: string;
  readonly store: ErasureWorld["store"];
  readonly files: DeskFiles;
  readonly tasks?: TaskFiles;
  readonly clerk: Clerk;
  readonly log: SealLog;
  readonly now: () => Instant;
};

const tell = (event: DeliveryEvent | NoticeEvent): EffectOutcome => ({ event, artifacts: [] });

export function deskEffects(world: DeskEffectsWorld): Effects {
  return {
    writeInboxItem: { repeatable: true, concurrency: 128, perform: (call) => writeInboxItem(world, call) },
    writeNotice: { repeatable: true, concurrency: 8, perform: (call) => writeNotice(world, call) },
    sealRun: { repeatable: true, concurrency: 128, perform: (call) => sealRun(world, call) },
    sealAmendment: { repeatable: true, concurrency: 8, perform: (call) => sealAmendment(world, call) },
    eraseRun: { repeatable: true, concurrency: 1, perform: async (call) => tell(await eraseRun(world, call)) },
  };
}

async function writeInboxItem({ dir, store, clerk, now }: DeskEffectsWorld, call: EffectCall): Promise<EffectOutcome> {
  const journal = store.journal(call.address);
  const { run, webhook, received_at, request } = birthOf(journal);
  const facts = factsOf(journal);
  assert(facts !== undefined, "a run that executes has its facts");
  const begun = now();
  const done = await clerk.perform({
    kind: "inbox",
    dir,
    run,
    webhook,
    received_at,
    facts,
    ...shown(store, request),
    notice: null,
  });
  assert(done.kind === "inbox", "an inbox job gives an inbox item");
  const result: Json = { file: done.file, sha256: done.sha256, bytes: done.bytes };
  return tell({
    type: "EFFECT_DONE",
    effect: call.id,
    step: {
      kind: "inbox_item",
      status: "succeeded",
      exit_code: null,
      started_at: new Date(begun).toISOString(),
      finished_at: new Date(now()).toISOString(),
      artifacts: [],
    },
    artifacts: [],
    result,
  });
}

/** Of the journal as it is by now: what was flagged stands in it, and what came since changes nothing of that. */
async function writeNotice({ dir, store, clerk }: DeskEffectsWorld, call: EffectCall): Promise<EffectOutcome> {
  const asked = noticeAskedIn(call.params);
  const run = deliveryAddress(asked.run);
  // An erasure has begun, and looks after pages that are there: none may come behind it.
  if (isErasedState(store.read(run)?.state ?? "")) return tell({ type: "EFFECT_DONE", effect: call.id, file: null });
  const journal = store.journal(run);
  const { request, ...item } = noticed(journal, asked);
  const done = await clerk.perform({ kind: "inbox", dir, ...item, ...shown(store, request) });
  assert(done.kind === "inbox", "an inbox job gives an inbox item");
  return tell({ type: "EFFECT_DONE", effect: call.id, file: done.file });
}

/** What an item shows of these bytes: of many, their beginning. */
function shown(
  store: DeskEffectsWorld["store"],
  { sha256, media_type, bytes }: ArtifactRef,
): Pick<InboxJob, "sha256" | "media_type" | "body" | "body_bytes"> {
  const body = store.artifact(sha256, bytes > READ_BYTES_MAX ? PASTED_BYTES_MAX : undefined);
  assert(body !== undefined, "what a run names is kept");
  return { sha256, media_type, body, body_bytes: bytes };
}

async function sealRun({ dir, store, clerk, log }: DeskEffectsWorld, call: EffectCall): Promise<EffectOutcome> {
  const parts = envelopeParts(recordOf(store, call), store.journal(call.address));
  assert(parts !== undefined, "a run that is sealed has an outcome");
  const done = await clerk.perform({ kind: "seal", dir, ...parts });
  assert(done.kind === "seal", "a seal job gives an envelope");
  const { evidence_id, seal_hash: seal } = done;
  // Behind the file: a leaf never names an envelope that is not there. And no seal is logged of what was not said to be received.
  await log.append([
    { kind: "received", mark: log.markOf(parts.birth) },
    { kind: "seal", seal },
  ]);
  log.saveReceipt({ evidence_id, seal, of_seal: null });
  return tell({ type: "SEALED", effect: call.id, seal_hash: done.seal_hash, file: done.file });
}

async function sealAmendment({ dir, store, clerk, log }: DeskEffectsWorld, call: EffectCall): Promise<EffectOutcome> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the machine's own words, as it asked
  const { ordinal, seal_hash, prev_seal_hash } = call.params as unknown as AmendmentAsked;
  assert(seal_hash !== null, "an amendment is of a sealed run");
  const amends = { ordinal, seal_hash, prev_seal_hash: prev_seal_hash ?? seal_hash };
  const parts = amendmentParts(recordOf(store, call), store.journal(call.address), amends);
  assert(parts !== undefined, "an amendment is of one redelivery");
  const done = await clerk.perform({ kind: "seal", dir, ...parts });
  assert(done.kind === "seal", "a seal job gives an amendment");
  await log.append([{ kind: "amendment", seal: done.seal_hash, of_seal: seal_hash }]);
  log.saveReceipt({ evidence_id: done.evidence_id, seal: done.seal_hash, of_seal: seal_hash });
  return tell({ type: "AMENDED", effect: call.id, ordinal, seal_hash: done.seal_hash });
}

function recordOf(store: DeskEffectsWorld["store"], { address }: EffectCall): ActorRecord {
  const record = store.read(address);
  assert(record !== undefined, "an effect belongs to an actor");
  return record;
}
