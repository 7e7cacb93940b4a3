/**
 * What the log commits to. The bytes of a leaf are the RFC 8785 form of an object with `v` 1 and a type `t`, of which there is exactly
 * one for each leaf.
 */
import { assert } from "../../core/assert.ts";
import { canonical } from "../../core/canonical.ts";
import type { Json } from "../../core/observation.ts";
import { latin1, sha256Hex, utf8 } from "../platform.ts";

/** Hashes and keyids are lower-case hex, keys, roots and signatures padded base64, `of` the log's index of an earlier leaf. */
export type LogLeaf =
  | { readonly kind: "seal"; readonly seal: string }
  /** `of`: the seal of the envelope that is amended. */
  | { readonly kind: "amendment"; readonly seal: string; readonly of: number }
  /** `mark`: a keyed hash that stands for an accepted delivery and tells nothing of it. */
  | { readonly kind: "received"; readonly mark: string }
  /** `of`: the seal or amendment whose openings were removed. */
  | { readonly kind: "erasure"; readonly of: number }
  /** From the next leaf on the desk seals with `key`; `prev` is the keyid of the one before it. */
  | { readonly kind: "key"; readonly key: string; readonly prev: string; readonly auth: string; readonly pop: string }
  /** The first leaf of every log of a desk but its first: the log that went before, as far as it is known. */
  | { readonly kind: "epoch"; readonly epoch: number; readonly root: string; readonly size: number };

const HEX64 = "[0-9a-f]{64}";
/** 32 and 64 bytes in padded base64 whose last digit has no bits too many. */
const BASE64_32 = "[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=";
const BASE64_64 = "[A-Za-z0-9+/]{85}[AQgw]==";
const COUNT = "0|[1-9][0-9]*";
/** Names in the order of RFC 8785; a member more, a space or another spelling of a number does not match. */
const FORMS = {
  seal: new RegExp(`^\\{"seal":"(?<seal>${HEX64})","t":"seal","v":1\\}$`),
  amendment: new RegExp(`^\\{"of":(?<of>${COUNT}),"seal":"(?<seal>${HEX64})","t":"amendment","v":1\\}$`),
  received: new RegExp(`^\\{"mark":"(?<mark>${HEX64})","t":"received","v":1\\}$`),
  erasure: new RegExp(`^\\{"of":(?<of>${COUNT}),"t":"erasure","v":1\\}$`),
  key: new RegExp(
    `^\\{"auth":"(?<auth>${BASE64_64})","key":"(?<key>${BASE64_32})","pop":"(?<pop>${BASE64_64})","prev":"(?<prev>${HEX64})","t":"key","v":1\\}$`,
  ),
  epoch: new RegExp(
    `^\\{"epoch":(?<epoch>${COUNT}),"prev":\\{"root":"(?<root>${BASE64_32})","size":(?<size>${COUNT})\\},"t":"epoch","v":1\\}$`,
  ),
} as const;
/** A key's leaf is the longest. */
const LEAF_BYTES_MAX = 384;

/** @throws for a leaf that `readLeaf` would not read: it is our bug. */
export function leafBytes(leaf: LogLeaf): Uint8Array {
  const bytes = utf8(canonical({ v: 1, t: leaf.kind, ...membersOf(leaf) }));
  assert(readLeaf(bytes) !== undefined, "a leaf has its form");
  return bytes;
}

/** Undefined for all bytes that `leafBytes` does not give. */
export function readLeaf(bytes: Uint8Array): LogLeaf | undefined {
  if (bytes.length > LEAF_BYTES_MAX) return undefined;
  const text = latin1(bytes);
  const seal = FORMS.seal.exec(text)?.groups?.["seal"];
  if (seal !== undefined) return { kind: "seal", seal };
  const mark = FORMS.received.exec(text)?.groups?.["mark"];
  if (mark !== undefined) return { kind: "received", mark };
  return readRarerLeaf(text);
}

/** Hex, 64 digits: what a leaf is known by in its log, which has none twice. */
export function leafKey(leaf: LogLeaf): string {
  if (leaf.kind === "seal" || leaf.kind === "amendment") return leaf.seal;
  return leaf.kind === "received" ? leaf.mark : sha256Hex(leafBytes(leaf));
}

/** The number of the leaf that this one is about, which stands before it. */
export const leafBefore = (leaf: LogLeaf): number | undefined =>
  leaf.kind === "amendment" || leaf.kind === "erasure" ? leaf.of : undefined;

function membersOf(leaf: LogLeaf): Readonly<Record<string, Json>> {
  switch (leaf.kind) {
    case "seal":
      return { seal: leaf.seal };
    case "amendment":
      return { seal: leaf.seal, of: leaf.of };
    case "received":
      return { mark: leaf.mark };
    case "erasure":
      return { of: leaf.of };
    case "key":
      return { key: leaf.key, prev: leaf.prev, auth: leaf.auth, pop: leaf.pop };
    case "epoch":
      return { epoch: leaf.epoch, prev: { root: leaf.root, size: leaf.size } };
  }
}

function readRarerLeaf(text: string): LogLeaf | undefined {
  const { seal, of: amended } = FORMS.amendment.exec(text)?.groups ?? {};
  if (seal !== undefined) return counted(amended, (of) => ({ kind: "amendment", seal, of }));
  const erased = FORMS.erasure.exec(text)?.groups?.["of"];
  if (erased !== undefined) return counted(erased, (of) => ({ kind: "erasure", of }));
  const { key, prev, auth, pop } = FORMS.key.exec(text)?.groups ?? {};
  if (key !== undefined && prev !== undefined && auth !== undefined && pop !== undefined)
    return { kind: "key", key, prev, auth, pop };
  const { epoch, root, size } = FORMS.epoch.exec(text)?.groups ?? {};
  if (root === undefined) return undefined;
  return counted(epoch, (number) => counted(size, (before) => epochOf(number, root, before)));
}

const FIRST_SUCCESSOR = 2;
const epochOf = (epoch: number, root: string, size: number): LogLeaf | undefined =>
  epoch < FIRST_SUCCESSOR ? undefined : { kind: "epoch", epoch, root, size };

/** For digits that are a safe integer, what is made of it. */
function counted(digits: string | undefined, make: (count: number) => LogLeaf | undefined): LogLeaf | undefined {
  const count = Number(digits);
  return Number.isSafeInteger(count) ? make(count) : undefined;
}
