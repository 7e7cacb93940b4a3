import { assert } from "../core/assert.ts";
import type { Address } from "../core/ids.ts";
import { StaleSequence, type ActorRecord, type Change, type Entry } from "../engine/ports.ts";
import { decodeEntries, encodeEntries, encodeRecord } from "./store-lmdb-codec.ts";
import { actorDocument, type Footing } from "./store-lmdb-document.ts";
import { nextNumber, type Tables } from "./store-lmdb-env.ts";
import { addressKey, behind, chunkKey, number8 } from "./store-lmdb-keys.ts";
import { positionBehindAll, stageRows } from "./store-lmdb-rows.ts";
import type { Unit } from "./store-lmdb-unit.ts";

/** Records and journals, and the rows that follow from them. */
export type Actors = {
  readonly read: (address: Address) => ActorRecord | undefined;
  readonly journal: (address: Address) => readonly Entry[];
  readonly ordinalOf: (address: Address) => Buffer | undefined;
  /**
   * Adds all that a change writes to a unit, on the condition that the actor is still as `before` has it.
   * `staged` holds the records that earlier changes of the same unit left.
   * @throws StaleSequence when that is already known to fail.
   */
  readonly stage: (unit: Unit, change: Change, staged: Map<Address, ActorRecord>) => void;
  /** The commit of this record failed: what was noted of it must not be built upon. */
  readonly disown: (record: ActorRecord) => void;
};

const NEVER_PUT: Footing = { ordinal: number8(0), version: 0, positions: [] };

export function createActors(tables: Tables): Actors {
  const { actors, names, journal } = tables;
  const footings = new WeakMap<ActorRecord, Footing>();
  const met = (record: ActorRecord, footing: Footing): void => void footings.set(record, footing);
  let nextOrdinal = nextNumber(actors);
  let nextPosition = positionBehindAll(tables);

  const ordinalOf = (address: Address): Buffer | undefined => names.get(addressKey(address));

  function read(address: Address): ActorRecord | undefined {
    const ordinal = ordinalOf(address);
    if (ordinal === undefined) return undefined;
    const document = actorDocument({ actors, ordinal, met, writing: null });
    document.read();
    return document.data ?? undefined;
  }

  /** `before` may be a copy of what was read: then its content decides, and the rest is read again. */
  function footingOf(before: ActorRecord): Footing {
    const known = footings.get(before);
    if (known !== undefined) return known;
    const stored = read(before.address);
    const footing = stored === undefined ? undefined : footings.get(stored);
    if (footing === undefined || footing.version !== encodeRecord(before).version)
      throw new StaleSequence(before.address);
    return footing;
  }

  /** Adds the condition, unless an earlier change of this unit left the actor in our hands. */
  function stand(unit: Unit, { record, before }: Change, staged: Map<Address, ActorRecord>): Footing {
    const { address } = record;
    const earlier = staged.get(address);
    if (before === null) {
      if (earlier !== undefined) throw new StaleSequence(address);
      const ordinal = number8(nextOrdinal++);
      const key = addressKey(address);
      unit.onlyIf({ kind: "absent", of: address, table: names, key });
      unit.put(names, key, ordinal);
      return { ...NEVER_PUT, ordinal };
    }
    if (earlier !== undefined) {
      const footing = footings.get(earlier);
      if (footing?.version !== encodeRecord(before).version) throw new StaleSequence(address);
      return footing;
    }
    const footing = footingOf(before);
    unit.onlyIf({ kind: "version", of: address, table: actors, key: footing.ordinal, is: footing.version });
    return footing;
  }

  function stage(unit: Unit, change: Change, staged: Map<Address, ActorRecord>): void {
    const { record, before, entries } = change;
    assert(before === null || before.address === record.address, "a change keeps the address");
    const footing = stand(unit, change, staged);
    const { ordinal } = footing;
    const had = new Map(before?.pending.map(({ id }, at) => [id, footing.positions[at] ?? 0]));
    const positions = record.pending.map(({ id }) => had.get(id) ?? nextPosition++);
    actorDocument({ actors, ordinal, met, writing: { unit, positions } }, record).write();
    staged.set(record.address, record);
    if (change.forgetsPast === true) for (const key of chunksOf(ordinal)) unit.remove(journal, key);
    const [first] = entries;
    if (first !== undefined) unit.put(journal, chunkKey(ordinal, first.seq), encodeEntries(record.address, entries));
    stageRows({ unit, tables, change, ordinal, had: footing.positions, has: positions });
  }

  const chunksOf = (ordinal: Buffer): readonly Buffer[] => [
    ...journal.getKeys({ start: ordinal, end: behind(ordinal) }),
  ];

  return {
    read,
    ordinalOf,
    stage,
    journal: (address) => {
      const ordinal = ordinalOf(address);
      if (ordinal === undefined) return [];
      const chunks = journal.getRange({ start: ordinal, end: behind(ordinal) });
      return [...chunks].flatMap(({ value }) => decodeEntries(address, value));
    },
    disown: (record) => void footings.delete(record),
  };
}
