/**
 * How records and entries lie on disk: JSON without the names of the fields that every row has. Plain text, because a store
 * that outlives its writer should need no dictionary to be read. A change of these shapes is a new schema.
 */
import { hash } from "node:crypto";
import { assert } from "../core/assert.ts";
import { effectIdOf, type Address, type EffectId } from "../core/ids.ts";
import type { Observation } from "../core/observation.ts";
import type { ActorRecord, Entry } from "../engine/ports.ts";

/** A record as text, and the number that stands for this content in conditional writes: equal content, equal number. */
export type EncodedRecord = { readonly text: string; readonly version: number };

type R = ActorRecord;
type RecordRow = readonly [
  ...what: [R["address"], R["machine"], R["version"], R["definition"]],
  ...where: [R["sequence"], R["applied"], R["born_at"], R["changed_at"], R["state"], resting: 0 | 1, R["snapshot"]],
  ...awaited: [R["pending"], R["timers"], R["parked"]],
];

export function encodeRecord(r: ActorRecord): EncodedRecord {
  const row: RecordRow = [
    r.address,
    r.machine,
    r.version,
    r.definition,
    r.sequence,
    r.applied,
    r.born_at,
    r.changed_at,
    r.state,
    r.resting ? 1 : 0,
    r.snapshot,
    r.pending,
    r.timers,
    r.parked,
  ];
  const text = JSON.stringify(row);
  return { text, version: versionOf(text) };
}

const versionOf = (text: string | Buffer): number => hash("sha256", text, "buffer").readUIntBE(0, 6);

/** The number that stands for the record of a stored row, as the row lies there. */
export const versionStored = (row: Buffer): number => versionOf(row.subarray(row.indexOf("]") + 1));

function decodeRecord(text: string): ActorRecord {
  const row: RecordRow = JSON.parse(text);
  const [address, machine, version, definition, sequence, applied, born_at, changed_at, state, resting, ...rest] = row;
  const [snapshot, pending, timers, parked] = rest;
  return {
    address,
    machine,
    version,
    definition,
    sequence,
    applied,
    born_at,
    changed_at,
    state,
    resting: resting === 1,
    snapshot,
    pending,
    timers,
    parked,
  };
}

/** A record with the positions of its pending effects in their lanes, in the record's order. */
export const encodeStored = (positions: readonly number[], record: EncodedRecord): Buffer =>
  Buffer.from(`[${positions.join(",")}]${record.text}`);

export function decodeStored(row: Buffer): { readonly positions: readonly number[]; readonly record: ActorRecord } {
  const text = row.toString();
  const cut = text.indexOf("]") + 1;
  const positions: readonly number[] = JSON.parse(text.slice(0, cut));
  return { positions, record: decodeRecord(text.slice(cut)) };
}

type ObservationRow = readonly [Observation["name"], Observation["value"], Observation["basis"]];
type EffectRow = readonly [name: string, sequence: number, index: number];
type EntryRow = readonly [
  ...head: [Entry["seq"], Entry["at"], Entry["event"], Entry["by"], Entry["from"], Entry["to"], Entry["guard"]],
  observations: readonly ObservationRow[],
  effects: readonly EffectRow[],
  data: Entry["data"],
];

/** The reader knows the address that an effect's id begins with. */
function effectRow(address: Address, id: EffectId, name: string): EffectRow {
  const colon = id.lastIndexOf(":");
  const row: EffectRow = [name, Number(id.slice(address.length + 1, colon)), Number(id.slice(colon + 1))];
  assert(effectIdOf(address, row[1], row[2]) === id, `${id} is an effect of ${address}`);
  return row;
}

export function encodeEntries(address: Address, entries: readonly Entry[]): Buffer {
  const rows = entries.map(({ seq, at, event, by, from, to, guard, observations, effects, data }): EntryRow => {
    const claims = observations.map(({ name, value, basis }): ObservationRow => [name, value, basis]);
    const asked = effects.map(({ id, name }) => effectRow(address, id, name));
    return [seq, at, event, by, from, to, guard, claims, asked, data];
  });
  return Buffer.from(JSON.stringify(rows));
}

export function decodeEntries(address: Address, chunk: Buffer): readonly Entry[] {
  const rows: readonly EntryRow[] = JSON.parse(chunk.toString());
  return rows.map(([seq, at, event, by, from, to, guard, claims, asked, data]) => ({
    seq,
    at,
    event,
    by,
    from,
    to,
    guard,
    observations: claims.map(([name, value, basis]) => ({ name, value, basis })),
    effects: asked.map(([name, sequence, index]) => ({ id: effectIdOf(address, sequence, index), name })),
    data,
  }));
}
