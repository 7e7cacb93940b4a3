import { createHash } from "node:crypto";
import { addressOf, deliveryAddress, effectIdOf, runIdOf, sha256Of, type Address } from "../../src/core/ids.ts";
import type { ActorRecord, Artifact, Change, Entry, Mail, PendingEffect, Timer } from "../../src/engine/ports.ts";

/** Builders for what a store takes, valid by default, so that a test shows what matters to it. */
export const delivery = (number: number): Address =>
  deliveryAddress(runIdOf(`00000000-0000-8000-8000-${number.toString(16).padStart(12, "0")}`));
export const subject = (key: string): Address => addressOf(`subject/desk/${key}`);

export function artifactOf(content: string | Uint8Array): Artifact {
  const bytes = Buffer.from(content);
  const sha256 = sha256Of(createHash("sha256").update(bytes).digest("hex"));
  return { ref: { sha256, kind: "body", media_type: "text/plain", bytes: bytes.length, class: "internal" }, bytes };
}

export const mailTo = (to: Address, over: Partial<Mail> = {}): Mail => ({
  to,
  through: null,
  at: 1000,
  by: "provider",
  birth: null,
  events: [{ type: "VERIFIED" }],
  artifacts: [],
  index: [],
  ...over,
});

export const entryOf = (seq: number, over: Partial<Entry> = {}): Entry => ({
  seq,
  at: 1000 + seq,
  event: "NORMALIZED",
  by: "provider",
  from: "received",
  to: "verified",
  guard: null,
  observations: [],
  effects: [],
  data: { field: "value" },
  ...over,
});

type Made = {
  readonly record?: Partial<ActorRecord>;
  readonly change?: Partial<Pick<Change, "artifacts" | "index">>;
  /** How many entries the change has. */
  readonly entries?: number;
  /** Effects that its first entry asks for, by lane; those that were pending stay. */
  readonly asks?: readonly string[];
};

function recordOf(address: Address): ActorRecord {
  return {
    address,
    machine: "delivery",
    version: "1",
    definition: "d".repeat(64),
    sequence: 0,
    applied: null,
    born_at: 1000,
    changed_at: 1000,
    state: "received",
    resting: false,
    snapshot: { status: "active", context: {} },
    pending: [],
    timers: [],
    parked: null,
  };
}

function changeOf(before: ActorRecord | null, from: ActorRecord, made: Made): Change {
  const { record = {}, change = {}, entries: count = 1, asks = [] } = made;
  const asked = asks.map((lane, index): PendingEffect => {
    const id = effectIdOf(from.address, from.sequence, index);
    return { id, name: "writeInboxItem", lane, params: {}, asked_at: 1000, started: false };
  });
  const effects = asked.map(({ id, name }) => ({ id, name }));
  const entries = Array.from({ length: count }, (_, at) => entryOf(from.sequence + at, at === 0 ? { effects } : {}));
  return {
    record: { ...from, sequence: from.sequence + count, pending: [...from.pending, ...asked], ...record },
    before,
    entries,
    artifacts: [],
    index: [],
    ...change,
  };
}

export const birth = (address: Address, made: Made = {}): Change => changeOf(null, recordOf(address), made);
export const next = (before: ActorRecord, made: Made = {}): Change => changeOf(before, before, made);

export const timerOf = (id: string, at: number, generation = 1): Timer => ({
  id,
  at,
  generation,
  event: { type: "LATE" },
});
