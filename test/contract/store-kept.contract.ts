import { describe, expect, test } from "vitest";
import { ARTIFACT_INLINE_BYTES_MAX, THROUGH_BATCH_MAX } from "../../src/core/limits.ts";
import { artifactOf, birth, delivery } from "../support/store-changes.ts";
import { eachTestHasAStore, type StoreWorld } from "./store-world.ts";

/** What every `Store` promises of bytes that are kept ahead of what names them, and of bytes that are read in part. */
export function storeKeptContract(name: string, openWorld: () => Promise<StoreWorld>): void {
  describe(`${name} keeps bytes`, () => {
    const { store, reopen, commit } = eachTestHasAStore(openWorld);
    const sizes = [
      ["small", 10],
      ["large", ARTIFACT_INLINE_BYTES_MAX + 10],
    ] as const;

    test.each(sizes)("that are %s, before anything names them, over a restart", async (_size, bytes) => {
      const body = artifactOf(Buffer.alloc(bytes, 7));
      await store().keep(body);
      await reopen();
      expect(Buffer.compare(store().artifact(body.ref.sha256) ?? Buffer.alloc(0), body.bytes)).toBe(0);
    });

    test.each(sizes)("that are %s once, when what names them brings them again", async (_size, bytes) => {
      const body = artifactOf(Buffer.alloc(bytes, 7));
      await store().keep(body);
      await store().keep(body);
      await commit(birth(delivery(1), { change: { artifacts: [body] } }));
      expect(store().stats().artifacts).toBe(1);
      expect(store().artifact(body.ref.sha256)).toHaveLength(bytes);
    });

    test.each(sizes)("that are %s, and gives as many of them as are asked for", async (_size, bytes) => {
      const body = artifactOf(Buffer.from("ab".repeat(bytes / 2)));
      await store().keep(body);
      const read = (bytesMax: number): string =>
        Buffer.from(store().artifact(body.ref.sha256, bytesMax) ?? []).toString();
      expect([read(0), read(3), read(bytes + 1).length]).toEqual(["", "aba", bytes]);
    });
  });

  describe(`${name} commits together`, () => {
    const { store } = eachTestHasAStore(openWorld);
    const many = Array.from({ length: 4 * THROUGH_BATCH_MAX }, (_, n) => delivery(n + 1));

    test("as many actors as one joint step may touch, and more", async () => {
      await store().commit(many.map((address) => birth(address)));
      expect(many.filter((address) => store().read(address) === undefined)).toEqual([]);
    });

    test("none of them when one has moved on", async () => {
      const last = many.slice(-1).map((address) => birth(address));
      await store().commit(last);
      await expect(store().commit(many.map((address) => birth(address)))).rejects.toThrow("has moved on");
      expect(many.filter((address) => store().read(address) !== undefined)).toHaveLength(1);
    });
  });

  describe(`${name} notes how far the log is`, () => {
    const { store, reopen, commit } = eachTestHasAStore(openWorld);
    const [early, late] = [
      { epoch: 1, size: 4, root: "a".repeat(64) },
      { epoch: 2, size: 1, root: "b".repeat(64) },
    ];

    test("not before it was told", () => expect(store().tip()).toBeUndefined());

    test("at once, and over a restart", async () => {
      store().noteTip(early);
      expect(store().tip()).toEqual(early);
      await reopen();
      expect(store().tip()).toEqual(early);
    });

    test("as it was told last", async () => {
      store().noteTip(early);
      await commit(birth(delivery(1)));
      store().noteTip(late);
      await commit(birth(delivery(2)));
      await reopen();
      expect(store().tip()).toEqual(late);
      await reopen();
      expect(store().tip()).toEqual(late);
    });
  });
}
