import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { DeskBusy, lockDesk } from "../../../src/adapters/desk-lock.ts";
import { BACKED_UP, backupStore, restoreStore } from "../../../src/adapters/store-lmdb-backup.ts";
import { openStore, openStoreReadOnly } from "../../../src/adapters/store-lmdb.ts";
import type { Store } from "../../../src/engine/ports.ts";
import { artifactOf, birth, delivery, mailTo } from "../../support/store-changes.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const NOW = Date.parse("2026-07-05T12:00:00Z");
const LARGE = artifactOf("large ".repeat(100_000));

async function desk(): Promise<{ readonly folder: string; readonly runtime: string; readonly store: Store }> {
  const folder = temporaryFolder();
  const runtime = join(folder, "desk/.qoc");
  const store = await openStore(join(runtime, "store"));
  await store.commit([birth(delivery(1), { change: { artifacts: [LARGE, artifactOf("small")] } })]);
  await store.append([mailTo(delivery(2))]);
  return { folder, runtime, store };
}

function expectWhole(store: Pick<Store, "read" | "artifact" | "mail">): void {
  expect(store.read(delivery(1))).toEqual(birth(delivery(1)).record);
  expect(Buffer.compare(store.artifact(LARGE.ref.sha256) ?? Buffer.alloc(0), LARGE.bytes)).toBe(0);
  expect([...store.mail()].map(({ mail }) => mail.to)).toEqual([delivery(2)]);
}

describe("a backup", () => {
  test("of a store that is open for writing can be restored elsewhere", async () => {
    const { folder, runtime, store } = await desk();
    mkdirSync(join(runtime, "keys"));
    writeFileSync(join(runtime, "keys/evidence.pem"), "key");
    const { bytes } = await backupStore(runtime, join(folder, "backup"), ["keys", "evidence"]);
    expect(bytes).toBeGreaterThan(LARGE.bytes.length);
    await store.close();

    const restored = join(folder, "other/.qoc");
    await restoreStore(join(folder, "backup"), restored, NOW);
    expect(readFileSync(join(restored, "keys/evidence.pem"), "utf8")).toBe("key");
    expect(readFileSync(join(restored, "log-state/restored"), "utf8")).toBe("2026-07-05T12:00:00.000Z\n");
    const again = await openStore(join(restored, "store"));
    expectWhole(again);
    expect(await again.append([mailTo(delivery(3))])).toBe(2);
    await again.close();
  });

  test("brings back who may approve, with keys that are still closed to others, and replaces nobody's root", async () => {
    const { folder, runtime, store } = await desk();
    mkdirSync(join(runtime, "approvers"));
    writeFileSync(join(runtime, "approvers/ada.key"), "key", { mode: 0o600 });
    writeFileSync(join(runtime, "approver-root"), "root\n", { mode: 0o600 });
    await backupStore(runtime, join(folder, "backup"), BACKED_UP);
    await store.close();

    const restored = join(folder, "other/.qoc");
    mkdirSync(restored, { recursive: true });
    writeFileSync(join(restored, "approver-root"), "another\n");
    await expect(restoreStore(join(folder, "backup"), restored, NOW)).rejects.toThrow("approver-root is not empty");
    rmSync(join(restored, "approver-root"));
    await restoreStore(join(folder, "backup"), restored, NOW);
    expect(readFileSync(join(restored, "approver-root"), "utf8")).toBe("root\n");
    expect(statSync(join(restored, "approvers/ada.key")).mode & 0o777).toBe(0o600);
  });

  test("holds one moment of a store that is being written to", async () => {
    const { folder, runtime, store } = await desk();
    const writing = new AbortController();
    const write = async (): Promise<void> => {
      for (let number = 10; !writing.signal.aborted; number += 1) {
        await store.commit([birth(delivery(number), { asks: ["inbox"] })]);
      }
    };
    const writer = write();
    await backupStore(runtime, join(folder, "backup"));
    writing.abort();
    await writer;
    await store.close();
    const copy = await openStoreReadOnly(join(folder, "backup/store"));
    const born = copy.unfinished("", 10_000).filter((address) => address !== delivery(1));
    expect(born).toEqual(born.map((_, at) => delivery(10 + at)));
    expect(copy.open("inbox", "", 10_000).map(({ address }) => address)).toEqual(born);
    await copy.close();
  });

  test("does not overwrite, and leaves nothing behind that is not whole", async () => {
    const { folder, runtime, store } = await desk();
    await backupStore(runtime, join(folder, "backup"));
    await expect(backupStore(runtime, join(folder, "backup"))).rejects.toThrow("is not empty");
    expect(readdirSync(folder).toSorted()).toEqual(["backup", "desk"]);
    await store.close();
  });
});

test("what holds payloads is closed to other users", async () => {
  const { folder, runtime, store } = await desk();
  await backupStore(runtime, join(folder, "backup"));
  await store.close();
  await restoreStore(join(folder, "backup"), join(folder, "other/.qoc"), NOW);
  const folders = [runtime, join(folder, "backup"), join(folder, "other/.qoc")];
  const modes = folders.flatMap((at) => ["store", "artifacts"].map((name) => statSync(join(at, name)).mode & 0o077));
  expect(modes).toEqual([0, 0, 0, 0, 0, 0]);
});

describe("a restore", () => {
  test("is refused where there is a store", async () => {
    const { folder, runtime, store } = await desk();
    await backupStore(runtime, join(folder, "backup"));
    await store.close();
    await expect(restoreStore(join(folder, "backup"), runtime, NOW)).rejects.toThrow("is not empty");
    const untouched = await openStoreReadOnly(join(runtime, "store"));
    expectWhole(untouched);
    await untouched.close();
  });

  test("is refused while a daemon has the desk", async () => {
    const { folder, runtime, store } = await desk();
    await backupStore(runtime, join(folder, "backup"));
    await store.close();
    const restored = join(folder, "other/.qoc");
    const lock = lockDesk(restored);
    await expect(restoreStore(join(folder, "backup"), restored, NOW)).rejects.toThrow(new DeskBusy(process.pid));
    lock.release();
  });

  test("is refused for a folder that is no backup", async () => {
    const folder = temporaryFolder();
    await expect(restoreStore(folder, join(folder, "to"), NOW)).rejects.toThrow("there is no store in");
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("reading beside a daemon", () => {
  test("sees what is committed meanwhile", async () => {
    const { runtime, store } = await desk();
    const reader = await openStoreReadOnly(join(runtime, "store"));
    expectWhole(reader);
    await store.commit([birth(delivery(5))]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(reader.read(delivery(5))).toBeDefined();
    await reader.close();
    await store.close();
  });

  test("is refused where there is no store", async () => {
    await expect(openStoreReadOnly(join(temporaryFolder(), "store"))).rejects.toThrow("there is no store in");
  });
});
