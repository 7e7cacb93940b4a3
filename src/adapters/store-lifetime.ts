import { assert } from "../core/assert.ts";
import type { Store } from "../engine/ports.ts";

/**
 * A store whose calls are refused once `close` was called: a read of a closed memory map would read whatever lies there now.
 * Writes that are under way are waited for. Closing twice is closing once.
 */
export function untilClosed(store: Omit<Store, "close">, close: () => Promise<void>): Store {
  let closing: Promise<void> | undefined;
  const underWay = new Set<Promise<unknown>>();
  const whileOpen = <A extends readonly unknown[], R>(call: (...given: A) => R): ((...given: A) => R) => {
    return (...given) => {
      assert(closing === undefined, "the store is open");
      return call(...given);
    };
  };
  async function waitedFor<T>(write: Promise<T>): Promise<T> {
    underWay.add(write);
    try {
      return await write;
    } finally {
      underWay.delete(write);
    }
  }
  async function closeAfterWrites(): Promise<void> {
    await Promise.allSettled(underWay);
    await close();
  }
  return {
    append: async (batch) => waitedFor(whileOpen(store.append)(batch)),
    mail: whileOpen(store.mail),
    forget: whileOpen(store.forget),
    commit: async (changes) => waitedFor(whileOpen(store.commit)(changes)),
    keep: async (artifact) => waitedFor(whileOpen(store.keep)(artifact)),
    expunge: async (...given) => waitedFor(whileOpen(store.expunge)(...given)),
    read: whileOpen(store.read),
    journal: whileOpen(store.journal),
    artifact: whileOpen(store.artifact),
    lanes: whileOpen(store.lanes),
    open: whileOpen(store.open),
    due: whileOpen(store.due),
    nextDue: whileOpen(store.nextDue),
    unfinished: whileOpen(store.unfinished),
    addresses: whileOpen(store.addresses),
    find: whileOpen(store.find),
    tip: whileOpen(store.tip),
    noteTip: whileOpen(store.noteTip),
    stats: whileOpen(store.stats),
    close: () => (closing ??= closeAfterWrites()),
  };
}
