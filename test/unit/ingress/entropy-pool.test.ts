import { expect, test } from "vitest";
import { pooledEntropy } from "../../../src/ingress/entropy-pool.ts";

/** Gives 0, 1, 2 … as two-byte numbers, and counts how often it was asked. */
function counting() {
  let next = 0;
  let calls = 0;
  const bytes = (count: number): Uint8Array => {
    calls += 1;
    const drawn = Buffer.alloc(count);
    for (let at = 0; at + 1 < count; at += 2) drawn.writeUInt16BE(next++, at);
    return drawn;
  };
  return { source: { bytes }, calls: () => calls };
}

test("no byte is given twice, over many blocks", () => {
  const { source, calls } = counting();
  const pool = pooledEntropy(source);
  const seen = Array.from({ length: 1000 }, (_, index) =>
    Buffer.from(pool.bytes(index % 2 === 0 ? 10 : 32)).toString("hex"),
  );
  expect(new Set(seen).size).toBe(1000);
  expect(seen.map((hex) => hex.length / 2)).toEqual(
    Array.from({ length: 1000 }, (_, index) => (index % 2 === 0 ? 10 : 32)),
  );
  expect(calls()).toBe(3);
});

test("what was given stays as it was when the pool is drawn anew", () => {
  const pool = pooledEntropy(counting().source);
  const first = pool.bytes(32);
  const before = Buffer.from(first);
  for (let draws = 0; draws < 500; draws += 1) pool.bytes(32);
  expect(Buffer.from(first)).toEqual(before);
});

test("more than a block comes straight from the source", () => {
  expect(pooledEntropy(counting().source).bytes(10_000)).toHaveLength(10_000);
});
