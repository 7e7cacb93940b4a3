import type { Address, EffectId, Sha256 } from "../core/ids.ts";
import type { ActorRecord, Entry, IndexHit, IndexRow, LogTip, Mail } from "../engine/ports.ts";

/** All that a memory store has flushed, as data: enough to start another one from. */
export type MemoryState = {
  readonly mail: Map<number, readonly Mail[]>;
  readonly actors: Map<Address, ActorRecord>;
  readonly journals: Map<Address, readonly Entry[]>;
  readonly artifacts: Map<Sha256, Uint8Array>;
  /** Where each pending effect stands: in the order of the commits that asked for them. */
  readonly positions: Map<EffectId, number>;
  readonly index: Map<string, IndexedHit>;
  batches: number;
  tip: LogTip | undefined;
};

export type IndexedHit = { readonly row: IndexRow; readonly hit: IndexHit };

export const emptyState = (): MemoryState => ({
  mail: new Map(),
  actors: new Map(),
  journals: new Map(),
  artifacts: new Map(),
  positions: new Map(),
  index: new Map(),
  batches: 0,
  tip: undefined,
});
