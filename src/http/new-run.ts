/**
 * Makes a run of its own out of a redelivery, on a person's word that it was a second event. The new run's id is
 * derived from the redelivery, so that asking twice, or asking again after a crash between the two pieces of mail, makes one run.
 */
import { hash } from "node:crypto";
import { z } from "zod";
import type { DeliveryEvent, DeliveryInput } from "../core/delivery.ts";
import { isErasedState } from "../core/erasure.ts";
import { type RunId, deliveryAddress, evidenceIdOf, nameOf, runIdOf } from "../core/ids.ts";
import type { ArtifactRef } from "../core/observation.ts";
import { type Refusal, refuse } from "../core/refusals.ts";
import type { ActorRecord, Clock, Entropy, Entry, IndexRow, Mail } from "../engine/ports.ts";
import { UUID7_RANDOM_BYTES, uuidAt, uuidOfDigest } from "../ingress/uuid.ts";
import { type Plan, operatorMail } from "./operator-mail.ts";

type Told<T extends DeliveryEvent["type"]> = Extract<DeliveryEvent, { readonly type: T }>;
type World = { readonly clock: Pick<Clock, "now">; readonly entropy: Entropy };

export function planNewRun(
  record: ActorRecord,
  journal: readonly Entry[],
  reason: string,
  world: World,
): Plan | Refusal {
  if (isErasedState(record.state)) return refuse("NOT_NOW", `run ${nameOf(record.address)} is ${record.state}`);
  const redelivery = unreleased(record, journal);
  const normalized = toldIn(journal, "NORMALIZED", Normalized)[0];
  if (redelivery === undefined || normalized === undefined) {
    return refuse("NOT_NOW", `run ${nameOf(record.address)} has no redelivery that is not released already`);
  }
  const run = newRunId(record, redelivery.seq);
  const now = world.clock.now();
  const birth: DeliveryInput = {
    ...birthIn(journal),
    run,
    evidence_id: evidenceIdOf(uuidAt(now, world.entropy.bytes(UUID7_RANDOM_BYTES))),
    received_at: redelivery.event.received_at,
    request: artifactOf(redelivery.event, "webhook_request") ?? birthIn(journal).request,
    headers: artifactOf(redelivery.event, "webhook_headers") ?? birthIn(journal).headers,
    disclosure_key: Buffer.from(world.entropy.bytes(32)).toString("base64url"),
    ...filteredOf(redelivery.event.filtered ?? birthIn(journal).filtered),
  };
  const facts = { ...(redelivery.event.facts ?? normalized.event.facts), delivery_id: redelivery.event.delivery_id };
  const begun: Mail = {
    to: deliveryAddress(run),
    through: null,
    at: now,
    by: "operator",
    birth,
    events: eventsOf(journal, birth, facts, reason),
    artifacts: [],
    index: rowsOf(birth, facts.subject_key),
  };
  const noted = operatorMail(record, [{ type: "RELEASED_AS_NEW", run, reason }], now);
  return {
    kind: "plan",
    mails: [begun, noted],
    new_run: run,
    says: `delivery ${facts.delivery_id} becomes run ${run}`,
  };
}

/** What was masked is still; the bytes as received are gone, so that the new run's key cannot commit to them. */
const filteredOf = (filtered: DeliveryInput["filtered"]): Pick<DeliveryInput, "filtered"> =>
  filtered === undefined ? {} : { filtered: { ...filtered, raw_bytes_committed: null } };

/** The first conflict or suspected replay that no run was made of, else the first plain duplicate. */
function unreleased(
  record: ActorRecord,
  journal: readonly Entry[],
): { readonly seq: number; readonly event: Told<"REDELIVERED"> } | undefined {
  const released = new Set<RunId>(toldIn(journal, "RELEASED_AS_NEW", Released).map(({ event }) => event.run));
  const open = toldIn(journal, "REDELIVERED", Redelivered).filter(
    ({ seq, event }) => (event.same_bytes || event.facts !== null) && !released.has(newRunId(record, seq)),
  );
  return open.find(({ event }) => !event.same_id || !event.same_bytes) ?? open[0];
}

const newRunId = (record: ActorRecord, seq: number): RunId =>
  runIdOf(uuidOfDigest(hash("sha256", JSON.stringify(["qoc.run/v1", "released", nameOf(record.address), seq]), "hex")));

/**
 * What the first run was told, with the facts of the redelivery: it was verified as the first was. Nothing is said of its order, and it
 * waits for nothing: a person has looked at it.
 */
function eventsOf(
  journal: readonly Entry[],
  birth: DeliveryInput,
  facts: Told<"NORMALIZED">["facts"],
  reason: string,
): readonly DeliveryEvent[] {
  const basis = [birth.request.sha256, birth.headers.sha256];
  return [
    ...toldIn(journal, "VERIFIED", Verified)
      .slice(0, 1)
      .map(({ event }) => ({ ...event, basis })),
    { type: "NORMALIZED", facts, basis },
    ...toldIn(journal, "RECORDED", Recorded)
      .slice(0, 1)
      .map(({ event }) => ({ ...event, order: "unknown" as const, anchored: facts.commit_sha !== null })),
    { type: "RELEASE", reason },
  ];
}

/** Not in the index of bodies: the bytes keep leading to the first run. */
function rowsOf({ workspace, webhook }: DeliveryInput, subject: string | null): readonly IndexRow[] {
  const rows: IndexRow[] = [{ name: "webhook", key: `${workspace}/${webhook}` }];
  return subject === null ? rows : [...rows, { name: "subject", key: `${workspace}/${subject}` }];
}

const artifactOf = (event: Told<"REDELIVERED">, kind: string): ArtifactRef | undefined =>
  event.artifacts.find((artifact) => artifact.kind === kind);

const Basis = z.array(z.string());
/** The journal is our own: `data` of entry 0 is the birth, of any other the fields of its event. Enough is looked at to tell them apart. */
const Birth = z.custom<DeliveryInput>(
  (data) => z.object({ evidence_id: z.string(), policy: z.object({}) }).safeParse(data).success,
);
const Verified = z.custom<Told<"VERIFIED">>(
  (data) => z.object({ scheme: z.string(), basis: Basis }).safeParse(data).success,
);
const Normalized = z.custom<Told<"NORMALIZED">>(
  (data) => z.object({ facts: z.object({}), basis: Basis }).safeParse(data).success,
);
const Recorded = z.custom<Told<"RECORDED">>(
  (data) => z.object({ statement: z.string(), basis: Basis }).safeParse(data).success,
);
const Redelivered = z.custom<Told<"REDELIVERED">>(
  (data) =>
    z.object({ same_id: z.boolean(), same_bytes: z.boolean(), artifacts: z.array(z.object({})) }).safeParse(data)
      .success,
);
const Released = z.custom<Told<"RELEASED_AS_NEW">>((data) => z.object({ run: z.string() }).safeParse(data).success);

const birthIn = (journal: readonly Entry[]): DeliveryInput => Birth.parse(journal[0]?.data);

type Place<T> = { readonly seq: number; readonly event: T };

function toldIn<T extends DeliveryEvent>(
  journal: readonly Entry[],
  type: T["type"],
  shape: z.ZodType<T>,
): readonly Place<T>[] {
  return journal
    .filter((entry) => entry.event === type && typeof entry.data === "object" && !Array.isArray(entry.data))
    .map(({ seq, data }) => ({ seq, event: shape.parse(Object.assign({}, data, { type })) }));
}
