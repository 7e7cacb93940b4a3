/** The rows that find an actor again, written from the difference between a record and the one before it. */
import type { Change, PendingEffect } from "../engine/ports.ts";
import { lastKey, type Tables } from "./store-lmdb-env.ts";
import { dueKey, hitKey, hitValue, openKey, packAddress, positionOf, rowPrefix } from "./store-lmdb-keys.ts";
import type { Unit } from "./store-lmdb-unit.ts";

export type RowChange = {
  readonly unit: Unit;
  readonly tables: Tables;
  readonly change: Change;
  readonly ordinal: Buffer;
  /** Positions of the pending effects of `before`, and of the record's. */
  readonly had: readonly number[];
  readonly has: readonly number[];
};

export function stageRows(row: RowChange): void {
  stageOpen(row);
  stageDue(row);
  stageUnfinished(row);
  stageIndex(row);
}

const placed = (pending: readonly PendingEffect[], positions: readonly number[]): ReadonlyMap<number, PendingEffect> =>
  new Map(pending.map((effect, at) => [positions[at] ?? 0, effect]));

function stageOpen({ unit, tables, change: { record, before }, had, has }: RowChange): void {
  const old = placed(before?.pending ?? [], had);
  const now = placed(record.pending, has);
  for (const [position, { lane }] of old) if (!now.has(position)) unit.remove(tables.open, openKey(lane, position));
  for (const [position, { lane, id }] of now) {
    if (old.has(position)) continue;
    unit.put(tables.open, openKey(lane, position), Buffer.from(JSON.stringify([lane, record.address, id])));
  }
}

function stageDue({ unit, tables, change: { record, before } }: RowChange): void {
  const { address } = record;
  for (const timer of before?.timers ?? []) {
    const stays = record.timers.some(({ id, at }) => id === timer.id && at === timer.at);
    if (!stays) unit.remove(tables.due, dueKey(address, timer));
  }
  for (const timer of record.timers) {
    const { at, id, generation } = timer;
    const same = before?.timers.some((old) => old.id === id && old.at === at && old.generation === generation) ?? false;
    if (!same) unit.put(tables.due, dueKey(address, timer), Buffer.from(JSON.stringify([at, address, id, generation])));
  }
}

function stageUnfinished({ unit, tables, change: { record, before }, ordinal }: RowChange): void {
  const was = before !== null && !before.resting;
  if (!record.resting && !was) unit.put(tables.unfinished, ordinal, packAddress(record.address));
  if (record.resting && was) unit.remove(tables.unfinished, ordinal);
}

function stageIndex({ unit, tables, change: { record, index } }: RowChange): void {
  const { address, born_at } = record;
  for (const row of index) {
    unit.put(tables.index, hitKey(rowPrefix(row), { at: born_at, address }), hitValue(address));
  }
}

/** Lanes are few: the last key of each is read. Keys of an earlier process need not be remembered, nobody holds one. */
export function positionBehindAll({ open }: Tables): number {
  let next = 1;
  let lane = lastKey(open);
  while (lane !== undefined) {
    next = Math.max(next, positionOf(lane) + 1);
    const prefix = lane.subarray(0, -8);
    [lane] = [...open.getKeys({ start: prefix, exclusiveStart: true, reverse: true, limit: 1 })];
  }
  return next;
}
