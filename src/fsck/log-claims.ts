/** Which leaf is of which run: every claim of a run is looked for among the leaves, and every leaf is in the end of somebody. */
import { hash } from "node:crypto";
import { createSealIndex } from "../adapters/log-index.ts";
import { leafBytes, leafKey, type LogLeaf } from "../evidence/log/leaf.ts";
import type { Claim } from "./check-evidence.ts";

export type LogClaims = {
  /** False for a leaf that stands there already. */
  readonly take: (leaf: LogLeaf, index: number) => boolean;
  /** Whether the leaf is there. It counts as accounted for then. */
  readonly claim: (claim: Claim) => boolean;
  /** Whether something has claimed this leaf, or nothing needs to. */
  readonly isClaimed: (index: number) => boolean;
  /** Leaves that nothing has claimed. */
  readonly unclaimed: () => number;
};

/** About 60 bytes a leaf, outside of the garbage collector's heap. */
export function createLogClaims(): LogClaims {
  const index = createSealIndex();
  let claimed = Buffer.alloc(1024);
  let open = 0;

  function mark(at: number): void {
    const byte = at >> 3;
    if (byte >= claimed.length) claimed = Buffer.concat([claimed, Buffer.alloc(Math.max(claimed.length, byte + 1))]);
    claimed[byte] = (claimed[byte] ?? 0) | (1 << (at & 7));
  }
  const isClaimed = (at: number): boolean => (((claimed[at >> 3] ?? 0) >> (at & 7)) & 1) === 1;

  return {
    take: (leaf, at) => {
      const key = leafKey(leaf);
      if (index.get(key) !== undefined) return false;
      index.add(key, at);
      // They speak of the log itself, not of a run.
      if (leaf.kind === "key" || leaf.kind === "epoch") mark(at);
      else open += 1;
      return true;
    },
    claim: ({ key, kind }) => {
      const at = kind === "erasure" ? erasureAt(index.get, key) : index.get(key);
      if (at === undefined) return false;
      if (!isClaimed(at)) open -= 1;
      mark(at);
      return true;
    },
    isClaimed,
    unclaimed: () => open,
  };
}

/** An erasure names its seal by that one's number. */
function erasureAt(get: (key: string) => number | undefined, seal: string): number | undefined {
  const of = get(seal);
  return of === undefined ? undefined : get(hash("sha256", leafBytes({ kind: "erasure", of }), "hex"));
}
