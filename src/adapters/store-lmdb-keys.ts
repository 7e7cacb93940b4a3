import { hash } from "node:crypto";
import { assert } from "../core/assert.ts";
import { addressOf, type Address } from "../core/ids.ts";
import type { IndexHit, IndexRow, Timer } from "../engine/ports.ts";

/** 160 bits: who wants two texts to meet in a key has 2^80 to try. */
export const DIGEST_BYTES = 20;
const DELIVERY = /^delivery\/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})$/;
const AS_TEXT = Buffer.from([0]);
const AS_UUID = Buffer.from([1]);
const isUuid = (packed: Buffer): boolean => packed[0] === AS_UUID[0];
const NOTHING = Buffer.alloc(0);

/** Eight bytes that sort as the number does. */
export function number8(value: number): Buffer {
  assert(value >= 0, `a key's number is not negative: ${value}`);
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeDoubleBE(value + 0);
  return bytes;
}

export const numberOf8 = (bytes: Buffer, offset = 0): number => bytes.readDoubleBE(offset);

/** Whether the key of a name is the whole address of a run, and not a digest of some other. */
export const isPackedRun = (key: Buffer): boolean => isUuid(key);

/** UTF-16, because a lone surrogate in a sender's text has no UTF-8, and two of them would meet. */
const bytesOf = (text: string): Buffer => Buffer.from(text, "utf16le");

const digest20 = (text: string): Buffer => hash("sha256", bytesOf(text), "buffer").subarray(0, DIGEST_BYTES);

/** The shortest bytes that `unpackAddress` turns back: 17 for a delivery. */
export function packAddress(address: Address): Buffer {
  const uuid = DELIVERY.exec(address)?.[1];
  if (uuid === undefined) return Buffer.concat([AS_TEXT, bytesOf(address)]);
  return Buffer.concat([AS_UUID, Buffer.from(uuid.replaceAll("-", ""), "hex")]);
}

export function unpackAddress(packed: Buffer): Address {
  if (!isUuid(packed)) return addressOf(packed.toString("utf16le", 1));
  const hex = packed.toString("hex", 1);
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)];
  return addressOf(`delivery/${parts.join("-")}`);
}

/** A key of at most 21 bytes, whatever the address holds. */
export function addressKey(address: Address): Buffer {
  const packed = packAddress(address);
  return isUuid(packed) ? packed : Buffer.concat([AS_TEXT, digest20(address)]);
}

export const chunkKey = (ordinal: Buffer, firstSeq: number): Buffer => Buffer.concat([ordinal, number8(firstSeq)]);

export const lanePrefix = (lane: string): Buffer => digest20(lane);
export const openKey = (lane: string, position: number): Buffer => Buffer.concat([lanePrefix(lane), number8(position)]);
export const positionOf = (key: Buffer): number => numberOf8(key, DIGEST_BYTES);

export const dueKey = (address: Address, { at, id }: Timer): Buffer =>
  Buffer.concat([number8(at), digest20(`${address}\0${id}`)]);

export const rowPrefix = ({ name, key }: IndexRow): Buffer => digest20(`${name}\0${key}`);
export const hitKey = (prefix: Buffer, { at, address }: IndexHit): Buffer =>
  Buffer.concat([prefix, number8(at), addressKey(address)]);

/** What a hit's key cannot give back: the text of an address that is not a delivery's. */
export function hitValue(address: Address): Buffer {
  const packed = packAddress(address);
  return isUuid(packed) ? NOTHING : packed;
}

export function hitOf(key: Buffer, value: Buffer): IndexHit {
  const packed = value.length > 0 ? value : key.subarray(DIGEST_BYTES + 8);
  return { at: numberOf8(key, DIGEST_BYTES), address: unpackAddress(packed) };
}

/** The first key behind all that begin with `prefix`. */
export function behind(prefix: Buffer): Buffer {
  const next = Buffer.from(prefix);
  for (let place = next.length - 1; place >= 0; place -= 1) {
    const byte = next[place] ?? 0;
    next[place] = (byte + 1) & 0xff;
    if (byte < 0xff) return next;
  }
  return Buffer.alloc(prefix.length + 1, 0xff);
}
