import { hash } from "node:crypto";
import type { Entropy } from "../../src/engine/ports.ts";

/** The same seed draws the same bytes: SHA-256 over seed and counter. */
export function seededEntropy(seed: number): Entropy {
  let block = 0;
  return {
    bytes: (count) => {
      const drawn = Buffer.alloc(count);
      for (let place = 0; place < count; place += 32) {
        hash("sha256", `${seed}:${block++}`, "buffer").copy(drawn, place);
      }
      return drawn;
    },
  };
}
