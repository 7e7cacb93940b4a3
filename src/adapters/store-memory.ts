import { isDeepStrictEqual } from "node:util";
import { assert } from "../core/assert.ts";
import type { Address, Sha256 } from "../core/ids.ts";
import { StaleSequence, type ActorRecord, type Artifact, type Change, type Mail } from "../engine/ports.ts";
import type { PlacedMail, Store } from "../engine/ports.ts";
import { checkArtifact, checkChange, checkMail } from "./store-memory-checks.ts";
import { expungeFrom } from "./store-memory-expunge.ts";
import { createMemoryQueries } from "./store-memory-queries.ts";
import { untilClosed } from "./store-lifetime.ts";
import { emptyState, type MemoryState } from "./store-memory-state.ts";

export type MemoryStore = Store & {
  /** A copy of what has been flushed. */
  readonly snapshot: () => MemoryState;
  /**
   * Cuts the power. The first `reached` of the writes under way had reached the disk, the others had not; none of their promises
   * settles. What still holds this store may read on and write into the void. Gives the state to start again from.
   */
  readonly crash: (reached?: number) => MemoryState;
};

export type MemoryOptions = {
  readonly from?: MemoryState;
  /** When the writes under way are flushed, all together. By default at the end of this turn of the event loop. */
  readonly flushLater?: (flush: () => void) => void;
  /** Says for the n-th write (an append or a commit, from 1) whether it is reported as failed, and what it leaves then. */
  readonly faults?: (write: number) => "lost" | "kept" | undefined;
};

const nothing = (): void => undefined;
const atEndOfTurn = (flush: () => void): void => void setImmediate(flush);

type Write = { readonly apply: () => void; readonly done: () => void; readonly failed: (error: unknown) => void };

/**
 * The reference: everything derived is worked out from the records when it is asked for, and every call is checked. As in LMDB a
 * write can be seen when it is flushed and not before, and a condition is judged then.
 */
export function createMemoryStore(options: MemoryOptions = {}): MemoryStore {
  const { from, flushLater = atEndOfTurn, faults = () => undefined } = options;
  const state = from === undefined ? emptyState() : structuredClone(from);
  const underWay: Write[] = [];
  let writes = 0;
  let crashed = false;
  let appending = false;
  /** Number of the last batch that was acknowledged, or found at the start. */
  let { batches } = state;
  /** Known to this process; on the disk with the next append, so that a crash brings the mail back. */
  let forgotten = 0;
  let noted = state.tip;

  function flush(): void {
    if (crashed) return;
    for (const { apply, done, failed } of underWay.splice(0)) {
      try {
        apply();
        done();
      } catch (error) {
        failed(error);
      }
    }
  }

  function write(apply: () => void): Promise<void> {
    const number = (writes += 1);
    const fault = faults(number);
    return new Promise((resolve, failed) => {
      const fail = (): void => failed(new Error(`write ${number} failed`));
      underWay.push({ apply: fault === "lost" ? nothing : apply, done: fault === undefined ? resolve : fail, failed });
      if (underWay.length === 1) flushLater(flush);
    });
  }

  async function append(batch: readonly Mail[]): Promise<number> {
    if (crashed) return never;
    assert(!appending, "appends do not overlap");
    checkMail(batch);
    appending = true;
    const kept = frozen(batch);
    // A batch that was reported as failed may be there: the next one overwrites it.
    const number = batches + 1;
    const upTo = forgotten;
    const settle = (): void => {
      state.mail.set(number, kept);
      state.batches = number;
      dropMail(state, upTo);
    };
    await write(settle).finally(() => {
      appending = false;
    });
    batches = number;
    return number;
  }

  async function keep(artifact: Artifact): Promise<void> {
    if (crashed) return never;
    checkArtifact(artifact);
    const { ref, bytes } = artifact;
    const kept = new Uint8Array(bytes);
    await write(() => void state.artifacts.set(ref.sha256, kept));
  }

  async function expunge(
    ...[address, artifacts, stays, parts]: Parameters<Store["expunge"]>
  ): Promise<readonly Sha256[]> {
    if (crashed) return never;
    let shared: readonly Sha256[] = [];
    const upTo = forgotten;
    await write(() => {
      dropMail(state, upTo);
      shared = expungeFrom(state, address, artifacts, stays, parts);
    });
    return shared;
  }

  async function commit(changes: readonly Change[]): Promise<void> {
    if (crashed) return never;
    changes.forEach(checkChange);
    const kept = frozen(changes);
    const tip = noted;
    await write(() => {
      applyAll(state, kept);
      state.tip = tip;
    });
  }

  const store = untilClosed(
    {
      ...createMemoryQueries(state, () => forgotten),
      append,
      commit,
      mail: () => mailBehind(state, forgotten),
      forget: (batch) => {
        assert(batch <= batches, `batch ${batch} was appended`);
        forgotten = Math.max(forgotten, batch);
      },
      read: (address) => state.actors.get(address),
      journal: (address) => [...(state.journals.get(address) ?? [])],
      artifact: (sha256, bytesMax) => state.artifacts.get(sha256)?.subarray(0, bytesMax),
      keep,
      expunge,
      tip: () => noted,
      noteTip: (tip) => {
        noted = tip;
      },
    },
    async () => {
      dropMail(state, forgotten);
      state.tip = noted;
    },
  );
  return {
    ...store,
    close: async () => {
      flush();
      if (!crashed) await store.close();
    },
    snapshot: () => structuredClone(state),
    crash: (reached = 0) => {
      for (const { apply } of underWay.splice(0).slice(0, reached)) attempt(apply);
      crashed = true;
      return structuredClone(state);
    },
  };
}

function attempt(apply: () => void): void {
  try {
    apply();
  } catch {
    // A condition that did not hold: nobody is left to be told.
  }
}

/** A dead process is told nothing. */
const never = new Promise<never>(() => undefined);

function dropMail(state: MemoryState, upTo: number): void {
  for (const batch of state.mail.keys()) if (batch <= upTo) state.mail.delete(batch);
}

function* mailBehind(state: MemoryState, forgotten: number): Generator<PlacedMail> {
  for (const [batch, mails] of state.mail) {
    if (batch <= forgotten) continue;
    for (const [place, mail] of mails.entries()) yield { position: [batch, place], mail };
  }
}

/** All or none: conditions are judged before anything is changed. */
function applyAll(state: MemoryState, changes: readonly Change[]): void {
  const left = new Map<Address, ActorRecord>();
  for (const { record, before } of changes) {
    const now = left.get(record.address) ?? state.actors.get(record.address) ?? null;
    if (!isDeepStrictEqual(now, before)) throw new StaleSequence(record.address);
    left.set(record.address, record);
  }
  for (const change of changes) applyOne(state, change);
}

function applyOne(state: MemoryState, { record, before, entries, artifacts, index, forgetsPast }: Change): void {
  const { address, born_at } = record;
  state.actors.set(address, record);
  const past = forgetsPast === true ? [] : (state.journals.get(address) ?? []);
  state.journals.set(address, [...past, ...entries]);
  for (const { ref, bytes } of artifacts) state.artifacts.set(ref.sha256, bytes);
  for (const { id } of before?.pending ?? []) {
    if (!record.pending.some((effect) => effect.id === id)) state.positions.delete(id);
  }
  for (const { id } of record.pending) {
    if (!state.positions.has(id)) state.positions.set(id, Math.max(0, ...state.positions.values()) + 1);
  }
  for (const row of index) {
    state.index.set(JSON.stringify([row.name, row.key, address]), { row, hit: { at: born_at, address } });
  }
}

/** A copy as it would come back from a disk, which nobody can change. Bytes are copied as they are. */
function frozen<T extends readonly (Mail | Change)[]>(given: T): T {
  return deepFrozen(structuredClone(given));
}

function deepFrozen<T>(value: T): T {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  for (const part of Object.values(value)) deepFrozen(part);
  return Object.freeze(value);
}
