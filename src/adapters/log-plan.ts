/** What an append adds: leaves that are not there yet, each under the number it will have. */
import type { LogLeaf } from "../evidence/log/leaf.ts";
import { isSeal } from "./log-index.ts";

/** `of_seal` is the seal of the envelope that is amended. */
export type NewLeaf =
  | { readonly kind: "seal"; readonly seal: string }
  | { readonly kind: "amendment"; readonly seal: string; readonly of_seal: string };

export type LogPlan = {
  /**
   * The numbers of these leaves, those of the new ones among them. All or none: when one is refused, none is planned.
   * @throws when a seal is no SHA-256 in lower-case hex, or when an amendment's base is not logged.
   */
  readonly add: (leaves: readonly NewLeaf[]) => readonly number[];
  readonly fresh: () => readonly LogLeaf[];
};

export function planAppend(size: number, indexOf: (seal: string) => number | undefined): LogPlan {
  const planned = new Map<string, number>();
  const fresh: LogLeaf[] = [];

  return {
    add: (leaves) => {
      const mine = new Map<string, number>();
      const adds: LogLeaf[] = [];
      const find = (seal: string): number | undefined => mine.get(seal) ?? planned.get(seal) ?? indexOf(seal);
      const indexes = leaves.map((leaf) => {
        if (!isSeal(leaf.seal)) throw new TypeError(`not a seal: ${JSON.stringify(leaf.seal.slice(0, 80))}`);
        const known = find(leaf.seal);
        if (known !== undefined) return known;
        const index = size + fresh.length + adds.length;
        adds.push(leafOf(leaf, find));
        mine.set(leaf.seal, index);
        return index;
      });
      for (const [seal, index] of mine) planned.set(seal, index);
      for (const leaf of adds) fresh.push(leaf);
      return indexes;
    },
    fresh: () => fresh,
  };
}

function leafOf(leaf: NewLeaf, find: (seal: string) => number | undefined): LogLeaf {
  if (leaf.kind === "seal") return { kind: "seal", seal: leaf.seal };
  const of = find(leaf.of_seal);
  if (of === undefined) throw new Error(`${leaf.seal} amends ${leaf.of_seal}, which is not in the log`);
  return { kind: "amendment", seal: leaf.seal, of };
}
