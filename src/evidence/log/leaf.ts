/**
 * What the log commits to. The bytes are the RFC 8785 form of `{ v, t, seal, of }`, of which there is exactly one for
 * each leaf.
 */
import { assert } from "../../core/assert.ts";
import { canonical } from "../../core/canonical.ts";

/** `seal` is a seal hash in lower-case hex, `of` the log's index of the envelope that is amended. */
export type LogLeaf =
  | { readonly kind: "seal"; readonly seal: string }
  | { readonly kind: "amendment"; readonly seal: string; readonly of: number };

const SEAL_HASH = /^[0-9a-f]{64}$/;
/** Names in the order of RFC 8785; a member more, a space or another spelling of a number does not match. */
const SEAL = /^\{"seal":"([0-9a-f]{64})","t":"seal","v":1\}$/;
const AMENDMENT = /^\{"of":(0|[1-9][0-9]*),"seal":"([0-9a-f]{64})","t":"amendment","v":1\}$/;
/** A seal hash of 64 digits, an index of 16, and the members round them. */
const LEAF_BYTES_MAX = 128;

export function leafBytes(leaf: LogLeaf): Uint8Array {
  assert(SEAL_HASH.test(leaf.seal), "a leaf names a seal hash");
  switch (leaf.kind) {
    case "seal":
      return Buffer.from(canonical({ v: 1, t: "seal", seal: leaf.seal }));
    case "amendment":
      assert(Number.isSafeInteger(leaf.of) && leaf.of >= 0, "an amendment names an index");
      return Buffer.from(canonical({ v: 1, t: "amendment", seal: leaf.seal, of: leaf.of }));
  }
}

/** Undefined for all bytes that `leafBytes` does not give. */
export function readLeaf(bytes: Uint8Array): LogLeaf | undefined {
  if (bytes.length > LEAF_BYTES_MAX) return undefined;
  // Latin-1 maps each byte to one character, so no two byte strings have one text.
  const text = Buffer.from(bytes).toString("latin1");
  const [, sealed] = SEAL.exec(text) ?? [];
  if (sealed !== undefined) return { kind: "seal", seal: sealed };
  const [, of, seal] = AMENDMENT.exec(text) ?? [];
  if (seal === undefined || !Number.isSafeInteger(Number(of))) return undefined;
  return { kind: "amendment", seal, of: Number(of) };
}
