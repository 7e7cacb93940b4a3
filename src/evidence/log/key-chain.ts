/** Which key of a desk signs what, as the key leaves of one log say it. Their signatures are checked elsewhere (key-leaf.ts). */
import { assert } from "../../core/assert.ts";
import { keyidOf } from "../keys.ts";
import type { KeyLeaf } from "./key-leaf.ts";
import { exactBase64 } from "./note.ts";

/** A key leaf and its number in the log. */
export type KeyStep = { readonly index: number; readonly leaf: KeyLeaf };

/** The keyid of the key that a leaf brings. */
export function nextKeyid({ key }: KeyLeaf): string {
  const raw = exactBase64(key);
  assert(raw !== undefined, "a leaf that was read holds a key");
  return keyidOf(raw);
}

/** The keyid of the key that a vkey stands for, which `readVkey` read. */
export function keyidOfVkey(vkey: string): string {
  const material = exactBase64(vkey.split("+").slice(2).join("+"));
  assert(material !== undefined, "a vkey ends with its key");
  return keyidOf(material.subarray(1));
}

/** The first step that does not go on from the key before it. `steps` stand in the order of the log. */
export const brokenStep = (steps: readonly KeyStep[]): KeyStep | undefined =>
  steps.find(({ leaf }, at) => {
    const before = steps[at - 1];
    return before !== undefined && nextKeyid(before.leaf) !== leaf.prev;
  });

/**
 * Whether this key may have signed a checkpoint of so many leaves: the old key's last one covers the leaf that hands over, and the new
 * key's first one may say the same tree. A log without key leaves is its current key's alone.
 */
export function maySign(keyid: string, size: number, steps: readonly KeyStep[], current: string): boolean {
  const takes = steps.find(({ leaf }) => nextKeyid(leaf) === keyid);
  const gives = steps.find(({ leaf }) => leaf.prev === keyid);
  if (takes === undefined && gives === undefined) return steps.length === 0 && keyid === current;
  return (
    size >= (takes === undefined ? 0 : takes.index + 1) && size <= (gives === undefined ? Infinity : gives.index + 1)
  );
}
