/** How many runs of agents wait or are under way, counted as their records change: a sender is told before there are too many. */
import { deliveryAddress, type Address, type RunId } from "./core/ids.ts";
import type { ActorRecord, Listener, Store } from "./engine/ports.ts";

const EFFECT = "runAgent";
/** More are not told apart at the start: the queue is full then whatever its bound is. */
const COUNTED_MAX = 1_000_000;

export type RunQueue = {
  /** Takes a place for a run that is about to be begun; false when there is none. */
  readonly join: (run: RunId) => boolean;
  /** Gives it back: the run could not be begun. */
  readonly leave: (run: RunId) => void;
};

export function countQueue(
  store: Pick<Store, "open">,
  placesMax: () => number,
): RunQueue & { readonly note: Listener } {
  let waiting = store.open(EFFECT, "", COUNTED_MAX).length;
  /** Posted, and no record yet: many may come before the first of them has one. */
  const coming = new Set<Address>();
  return {
    join: (run) => {
      if (waiting + coming.size >= placesMax()) return false;
      coming.add(deliveryAddress(run));
      return true;
    },
    leave: (run) => void coming.delete(deliveryAddress(run)),
    note: ({ before, record }) => {
      if (before === null) coming.delete(record.address);
      waiting += pendingIn(record) - (before === null ? 0 : pendingIn(before));
    },
  };
}

const pendingIn = ({ pending }: ActorRecord): number => pending.filter(({ name }) => name === EFFECT).length;
