import { afterEach, beforeEach } from "vitest";
import type { ActorRecord, Change, Store } from "../../src/engine/ports.ts";

export type StoreWorld = {
  readonly store: Store;
  /** Closes the store and opens it again on what it left. */
  readonly reopen: () => Promise<Store>;
};

/** The store of the test that runs, and what tests do with it. */
export type StoreUnderTest = {
  readonly store: () => Store;
  readonly reopen: () => Promise<void>;
  /** Commits one change and gives its record. */
  readonly commit: (change: Change) => Promise<ActorRecord>;
};

/** Opens a store for each test of the block that it is called in, and closes it. */
export function eachTestHasAStore(openWorld: () => Promise<StoreWorld>): StoreUnderTest {
  let world: StoreWorld | undefined;
  let opened: Store | undefined;
  const store = (): Store => {
    if (opened === undefined) throw new Error("no test is running");
    return opened;
  };
  beforeEach(async () => {
    world = await openWorld();
    opened = world.store;
  });
  afterEach(() => opened?.close());
  return {
    store,
    reopen: async () => {
      opened = await world?.reopen();
    },
    commit: async (change) => {
      await store().commit([change]);
      return change.record;
    },
  };
}
