/** What is left in the tables of an LMDB environment when an actor's bytes were taken out, read row by row. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { backupStore } from "../../../src/adapters/store-lmdb-backup.ts";
import { openStore } from "../../../src/adapters/store-lmdb.ts";
import { ARTIFACT_INLINE_BYTES_MAX } from "../../../src/core/limits.ts";
import { artifactOf, birth, delivery, mailTo } from "../../support/store-changes.ts";
import { readableStore } from "../../support/readable-store.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const CANARY = "a canary in the body of a delivery";
const body = artifactOf(CANARY);
const [one, other] = [delivery(1), delivery(2)];

describe("bytes that were taken out", () => {
  test("are in no row, also where two commits at once had stored them twice, and in no mail that was taken in", async () => {
    const dir = join(temporaryFolder(), "store");
    const store = await openStore(dir);
    const batch = await store.append([mailTo(one, { birth: {}, artifacts: [body] })]);
    await Promise.all([one, other].map((to) => store.commit([birth(to, { change: { artifacts: [body] } })])));
    store.forget(batch);
    const before = await readableStore(dir);
    expect(before.toString("latin1").split(CANARY)).toHaveLength(4);
    expect(await store.expunge(one, [body.ref.sha256], [])).toEqual([]);
    expect((await readableStore(dir)).includes(CANARY)).toBe(false);
    await store.close();
  });

  test("may still lie in the store's file, and are not in a backup of it", async () => {
    const runtime = temporaryFolder();
    const store = await openStore(join(runtime, "store"));
    const many = Array.from({ length: 60 }, (_, n) => artifactOf(`${CANARY} number ${n + 1}.${"x".repeat(400)}`));
    for (const [n, each] of many.entries())
      await store.commit([birth(delivery(n + 1), { change: { artifacts: [each] } })]);
    const gone = many.filter((_, n) => n % 2 === 0);
    await store.expunge(
      delivery(1),
      gone.map(({ ref }) => ref.sha256),
      [],
    );
    await backupStore(runtime, join(runtime, "backup"));
    await store.close();
    const heldBy = (folder: string): number => {
      const file = readFileSync(join(runtime, folder, "store", "data.mdb"));
      return gone.filter(({ bytes }) => file.includes(Buffer.from(bytes))).length;
    };
    expect(readFileSync(join(runtime, "backup", "store", "data.mdb")).includes(`${CANARY} number 2.`)).toBe(true);
    expect([heldBy("") > 0, heldBy("backup")]).toEqual([true, 0]);
  });

  test.each([
    ["small", CANARY.length],
    ["large", ARTIFACT_INLINE_BYTES_MAX + 10],
  ])("are not the %s ones that are kept ahead of mail behind the look at all mail", async (_size, length) => {
    const store = await openStore(join(temporaryFolder(), "store"));
    const again = artifactOf(Buffer.alloc(length, CANARY));
    const { sha256 } = again.ref;
    const others = Array.from({ length: 1_500 }, (_, n) => artifactOf(`other ${n}`));
    await store.commit([birth(one, { change: { artifacts: [again, ...others] } })]);
    const taken = store.expunge(one, [sha256], []);
    // By now it reads the other artifacts, and has read mail and journals.
    await new Promise((resolve) => setImmediate(resolve));
    await store.keep(again);
    await store.append([mailTo(other, { birth: { request: sha256 } })]);
    expect([await taken, store.artifact(sha256)?.length]).toEqual([[sha256], length]);
    await store.close();
  });

  test("are refused for a moment when they were kept ahead of mail that is not durable yet", async () => {
    const store = await openStore(join(temporaryFolder(), "store"));
    await store.keep(body);
    await expect(store.expunge(one, [body.ref.sha256], [])).rejects.toThrow("a moment ago");
    expect(store.artifact(body.ref.sha256)).toHaveLength(CANARY.length);
    await store.close();
  });
});
