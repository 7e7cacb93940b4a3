import { expect, test } from "vitest";
import { createWriteTurns } from "../../../src/adapters/write-turns.ts";

/** Transactions that end when the test says so. */
function transactions() {
  const begun: string[] = [];
  const ends = new Map<string, (failed?: Error) => void>();
  const queue = (name: string) => () =>
    new Promise<void>((resolve, reject) => {
      begun.push(name);
      ends.set(name, (failed) => (failed === undefined ? resolve() : reject(failed)));
    });
  return { begun, queue, end: (name: string, failed?: Error) => ends.get(name)?.(failed) };
}
const settled = (): Promise<void> => new Promise((go) => setImmediate(go));

test("what is asked for together begins together", async () => {
  const turns = createWriteTurns();
  const { begun, queue } = transactions();
  void turns(queue("a"));
  void turns(queue("b"));
  expect(begun).toEqual([]);
  await settled();
  expect(begun).toEqual(["a", "b"]);
});

test("two turns are open at most, and the rest share the next", async () => {
  const turns = createWriteTurns();
  const { begun, queue, end } = transactions();
  for (const name of ["a", "b", "c", "d"]) {
    void turns(queue(name));
    await settled();
  }
  expect(begun).toEqual(["a", "b"]);
  end("a");
  await settled();
  expect(begun).toEqual(["a", "b", "c", "d"]);
});

test("one that fails fails alone, and does not hold up what comes behind it", async () => {
  const turns = createWriteTurns();
  const { begun, queue, end } = transactions();
  const failing = turns(queue("a"));
  const sound = turns(queue("b"));
  await settled();
  end("a", new Error("the disk is full"));
  end("b");
  await expect(failing).rejects.toThrow("the disk is full");
  await expect(sound).resolves.toBeUndefined();
  const next = turns(queue("c"));
  await settled();
  end("c");
  await expect(next).resolves.toBeUndefined();
  expect(begun).toEqual(["a", "b", "c"]);
});
