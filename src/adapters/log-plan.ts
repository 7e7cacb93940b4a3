/** What an append adds: leaves that are not there yet, each under the number it will have. */
import { leafBytes, leafKey, type LogLeaf } from "../evidence/log/leaf.ts";

/** `of_seal` is the seal of what is amended, or whose openings were removed. */
export type NewLeaf =
  | Exclude<LogLeaf, { readonly kind: "amendment" | "erasure" }>
  | { readonly kind: "amendment"; readonly seal: string; readonly of_seal: string }
  | { readonly kind: "erasure"; readonly of_seal: string };

export type LogPlan = {
  /**
   * The numbers of these leaves, those of the new ones among them. All or none: when one is refused, none is planned.
   * @throws when a leaf has not its form, or when what it is about is not logged.
   */
  readonly add: (leaves: readonly NewLeaf[]) => readonly number[];
  readonly fresh: () => readonly LogLeaf[];
};

export function planAppend(size: number, indexOf: (key: string) => number | undefined): LogPlan {
  const planned = new Map<string, number>();
  const fresh: LogLeaf[] = [];

  return {
    add: (leaves) => {
      const mine = new Map<string, number>();
      const adds: LogLeaf[] = [];
      const find = (key: string): number | undefined => mine.get(key) ?? planned.get(key) ?? indexOf(key);
      const indexes = leaves.map((asked) => {
        const leaf = leafOf(asked, find);
        const key = keyOf(leaf);
        const known = find(key);
        if (known !== undefined) return known;
        const index = size + fresh.length + adds.length;
        adds.push(leaf);
        mine.set(key, index);
        return index;
      });
      for (const [key, index] of mine) planned.set(key, index);
      for (const leaf of adds) fresh.push(leaf);
      return indexes;
    },
    fresh: () => fresh,
  };
}

function leafOf(asked: NewLeaf, find: (key: string) => number | undefined): LogLeaf {
  if (asked.kind !== "amendment" && asked.kind !== "erasure") return asked;
  const of = find(asked.of_seal);
  if (of === undefined) throw new Error(`${asked.of_seal}, which a leaf would be about, is not in the log`);
  return asked.kind === "erasure" ? { kind: "erasure", of } : { kind: "amendment", seal: asked.seal, of };
}

/** Throws for a leaf that cannot be written, before others are planned with it. */
function keyOf(leaf: LogLeaf): string {
  leafBytes(leaf);
  return leafKey(leaf);
}
