import type { Address } from "../core/ids.ts";
import type { Told } from "./advance.ts";
import { goesThrough } from "./joint.ts";

/**
 * What waits for each actor, and who is being worked on. One batch of one actor at a time; an actor that is to hear of another's batch
 * is taken with it. Mail that goes through another actor waits in that one's box, in order with all that goes through it, and
 * meanwhile its addressee takes nothing: it may be about to be born.
 */
export type Mailboxes = {
  readonly put: (address: Address, told: Told) => void;
  /** The next batches to be worked on, in the order that actors came to have one. Their actors are taken until `free`. */
  readonly next: (most: number) => readonly Batch[];
  /** Takes actors that a batch turned out to touch, all or none. The answer is the first that is taken already. */
  readonly take: (addresses: readonly Address[]) => Address | undefined;
  /** Resolves once when this taken actor is given free. */
  readonly freed: (address: Address) => Promise<void>;
  readonly free: (batch: Batch, others: readonly Address[]) => void;
  /** No batch waits. Those that are taken are not counted. */
  readonly isEmpty: () => boolean;
};
export type Batch = { readonly address: Address; readonly told: readonly Told[] };

type Box = { readonly queue: Told[]; taken: boolean; heldBack: number; readonly waiters: (() => void)[] };

/** @param throughMax of mail that goes through an actor: each piece of it is one more actor in the commit */
export function createMailboxes(batchMax: number, throughMax: number): Mailboxes {
  const boxes = new Map<Address, Box>();
  /** Actors with something to do and nobody at it, in the order they became so. */
  const runnable = new Set<Address>();

  function boxOf(address: Address): Box {
    const known = boxes.get(address);
    if (known !== undefined) return known;
    const box: Box = { queue: [], taken: false, heldBack: 0, waiters: [] };
    boxes.set(address, box);
    return box;
  }

  function settle(address: Address, box: Box): void {
    const isIdle = !box.taken && box.heldBack === 0;
    if (isIdle && box.queue.length > 0) runnable.add(address);
    else runnable.delete(address);
    if (isIdle && box.queue.length === 0) boxes.delete(address);
  }

  function release(address: Address): void {
    const box = boxOf(address);
    box.taken = false;
    for (const waiter of box.waiters.splice(0)) waiter();
    settle(address, box);
  }

  return {
    put: (address, told) => {
      const through = told.kind === "mail" ? told.placed.mail.through : null;
      const box = boxOf(through?.to ?? address);
      box.queue.push(told);
      settle(through?.to ?? address, box);
      if (through === null) return;
      const addressee = boxOf(address);
      addressee.heldBack += 1;
      settle(address, addressee);
    },
    next: (most) => {
      const batches: Batch[] = [];
      for (const address of runnable) {
        if (batches.length === most) break;
        const box = boxOf(address);
        box.taken = true;
        const isThrough = box.queue.some((told) => goesThrough(told, address));
        batches.push({ address, told: box.queue.splice(0, isThrough ? throughMax : batchMax) });
      }
      for (const { address } of batches) runnable.delete(address);
      return batches;
    },
    take: (addresses) => {
      const taken = addresses.find((address) => boxes.get(address)?.taken === true);
      if (taken !== undefined) return taken;
      for (const address of addresses) {
        const box = boxOf(address);
        box.taken = true;
        settle(address, box);
      }
      return undefined;
    },
    freed: (address) => new Promise((resolve) => boxOf(address).waiters.push(resolve)),
    free: ({ address, told }, others) => {
      for (const other of others) release(other);
      for (const one of told) {
        if (one.kind !== "mail" || !goesThrough(one, address)) continue;
        const addressee = boxOf(one.placed.mail.to);
        addressee.heldBack -= 1;
        settle(one.placed.mail.to, addressee);
      }
      release(address);
    },
    isEmpty: () => runnable.size === 0,
  };
}
