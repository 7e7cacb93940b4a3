import type { Store } from "../../src/engine/ports.ts";

/** A write that fails either left nothing, or is kept although it was reported as failed. */
export type Fault = "lost" | "kept";

/** Says for the n-th write (an append, a commit or bytes kept ahead, from 1) whether it fails. */
export type FaultPlan = (write: number) => Fault | undefined;

export const noFaults: FaultPlan = () => undefined;
export const faultAt =
  (nth: number, fault: Fault): FaultPlan =>
  (write) =>
    write === nth ? fault : undefined;

/** Fails this share of writes, half of them kept. The same seed fails the same writes. */
export const seededFaults =
  (seed: number, share: number): FaultPlan =>
  (write) => {
    const drawn = mixed(seed, write);
    if (drawn >= share) return undefined;
    return drawn < share / 2 ? "lost" : "kept";
  };

export class InjectedFault extends Error {
  constructor(write: number, fault: Fault) {
    super(`write ${write} failed, ${fault}`);
    this.name = "InjectedFault";
  }
}

/** Any store, whose writes fail as planned. Reads and `forget` never do. */
export function faultyStore(store: Store, plan: FaultPlan): Store {
  let writes = 0;

  async function faulty<T>(write: () => Promise<T>): Promise<T> {
    const number = (writes += 1);
    const fault = plan(number);
    if (fault === "lost") throw new InjectedFault(number, fault);
    const result = await write();
    if (fault === "kept") throw new InjectedFault(number, fault);
    return result;
  }

  return {
    ...store,
    append: (batch) => faulty(() => store.append(batch)),
    keep: (artifact) => faulty(() => store.keep(artifact)),
    expunge: (...given) => faulty(() => store.expunge(...given)),
    commit: (changes) => faulty(() => store.commit(changes)),
  };
}

/** A number in [0, 1) from two: the finalizer of MurmurHash3. */
function mixed(seed: number, write: number): number {
  let bits = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(write, 0xc2b2ae35);
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}
