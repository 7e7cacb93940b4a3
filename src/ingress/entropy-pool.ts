import type { Entropy } from "../engine/ports.ts";

const POOL_BYTES = 8192;

/** Draws a block at a time: a call into the system's generator costs more than the few bytes a delivery needs. No byte is given twice. */
export function pooledEntropy(source: Entropy): Entropy {
  let pool = new Uint8Array(0);
  let used = 0;
  return {
    bytes: (count) => {
      if (count > POOL_BYTES) return source.bytes(count);
      if (used + count > pool.length) {
        pool = new Uint8Array(source.bytes(POOL_BYTES));
        used = 0;
      }
      used += count;
      return pool.subarray(used - count, used);
    },
  };
}
