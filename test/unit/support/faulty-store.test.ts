import { expect, test } from "vitest";
import { createMemoryStore } from "../../../src/adapters/store-memory.ts";
import { faultAt, faultyStore, seededFaults } from "../../support/faulty-store.ts";
import { birth, delivery, mailTo } from "../../support/store-changes.ts";

test("a lost write leaves nothing, and the next is well", async () => {
  const store = faultyStore(createMemoryStore(), faultAt(1, "lost"));
  await expect(store.commit([birth(delivery(1))])).rejects.toThrow("write 1 failed, lost");
  expect(store.read(delivery(1))).toBeUndefined();
  await store.commit([birth(delivery(1))]);
  expect(store.read(delivery(1))).toBeDefined();
});

test("a kept write is there although it was reported as failed", async () => {
  const store = faultyStore(createMemoryStore(), faultAt(2, "kept"));
  await store.commit([birth(delivery(1))]);
  await expect(store.append([mailTo(delivery(1))])).rejects.toThrow("write 2 failed, kept");
  expect([...store.mail()]).toHaveLength(1);
});

const drawn = (seed: number): readonly unknown[] =>
  Array.from({ length: 2000 }, (_, at) => seededFaults(seed, 0.3)(at + 1));

test("the same seed fails the same writes, about as many as asked, half of them kept", () => {
  expect(drawn(5)).toEqual(drawn(5));
  expect(drawn(5)).not.toEqual(drawn(6));
  for (const fault of ["lost", "kept"]) {
    const count = drawn(5).filter((one) => one === fault).length;
    expect(count).toBeGreaterThan(250);
    expect(count).toBeLessThan(350);
  }
});
