/**
 * Which leaf a seal has, for a million seals in little memory: 50 to 70 bytes each, outside of the garbage collector's heap. 256
 * tables by the first byte of the key, so that one that grows moves a 256th of all.
 */
export type SealIndex = {
  readonly get: (seal: string) => number | undefined;
  /** The seal must not be there yet; its number is below 2^32. */
  readonly add: (seal: string, index: number) => void;
};

const KEY_BYTES = 32;
const SEAL = /^[0-9a-f]{64}$/;

const isSeal = (text: string): boolean => SEAL.test(text);

export function createSealIndex(): SealIndex {
  const tables = Array.from({ length: 256 }, createTable);
  return {
    get: (seal) => {
      if (!isSeal(seal)) return undefined;
      const key = Buffer.from(seal, "hex");
      return tables[key[0] ?? 0]?.get(key);
    },
    add: (seal, index) => {
      const key = Buffer.from(seal, "hex");
      tables[key[0] ?? 0]?.add(key, index);
    },
  };
}

type Table = {
  readonly get: (key: Buffer) => number | undefined;
  readonly add: (key: Buffer, index: number) => void;
};

/** Open addressing with linear probing, at most two thirds full. Keys are hashes already: their bytes 1 to 4 say where to begin. */
function createTable(): Table {
  let slots = new Uint32Array(16);
  let keys = Buffer.alloc(8 * KEY_BYTES);
  let indexes = new Uint32Array(8);
  let count = 0;

  /** The slot that holds the key, or the free one where it would stand. A slot holds the key's place plus one. */
  function slotOf(key: Buffer): number {
    const mask = slots.length - 1;
    let slot = key.readUInt32LE(1) & mask;
    for (let place = slots[slot] ?? 0; place !== 0; place = slots[slot] ?? 0) {
      const at = (place - 1) * KEY_BYTES;
      if (keys.compare(key, 0, KEY_BYTES, at, at + KEY_BYTES) === 0) return slot;
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  function growKeys(): void {
    const room = Math.ceil((indexes.length * 3) / 2);
    const [oldKeys, oldIndexes] = [keys, indexes];
    keys = Buffer.alloc(room * KEY_BYTES);
    keys.set(oldKeys);
    indexes = new Uint32Array(room);
    indexes.set(oldIndexes);
  }

  function growSlots(): void {
    slots = new Uint32Array(slots.length * 2);
    for (let place = 0; place < count; place += 1)
      slots[slotOf(keys.subarray(place * KEY_BYTES, (place + 1) * KEY_BYTES))] = place + 1;
  }

  return {
    get: (key) => {
      const place = slots[slotOf(key)] ?? 0;
      return place === 0 ? undefined : indexes[place - 1];
    },
    add: (key, index) => {
      if (count === indexes.length) growKeys();
      if ((count + 1) * 3 > slots.length * 2) growSlots();
      keys.set(key, count * KEY_BYTES);
      indexes[count] = index;
      slots[slotOf(key)] = count + 1;
      count += 1;
    },
  };
}
