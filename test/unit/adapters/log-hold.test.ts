/** A log and a store that do not belong together are told apart from those that a crash left. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { nodeLogDisk } from "../../../src/adapters/log-disk.ts";
import { holdAgainstStore } from "../../../src/adapters/log-hold.ts";
import { EpochNeeded } from "../../../src/adapters/log-refused.ts";
import { openStoreReadOnly, type StoreView } from "../../../src/adapters/store-lmdb.ts";
import type { LogTip } from "../../../src/engine/ports.ts";
import { readerOverTiles, tilePath } from "../../../src/evidence/log/tiles.ts";
import { rootOf } from "../../../src/evidence/log/tree.ts";
import { liveThrough } from "../../support/lived-desk.ts";

const root = mkdtempSync(join(tmpdir(), "qoc-test-"));
const dir = join(root, "desk");
const folder = join(dir, ".qoc", "evidence", "log");
let store: StoreView;
let whole: LogTip;

beforeAll(async () => {
  mkdirSync(dir);
  await liveThrough(dir);
  store = await openStoreReadOnly(join(dir, ".qoc", "store"));
  const tip = store.tip();
  if (tip === undefined) throw new Error("the store has no tip");
  whole = tip;
});
afterAll(async () => {
  await store.close();
  rmSync(root, { recursive: true, force: true });
});

const readTile = (level: number, index: number, width: number): Uint8Array => {
  const found = nodeLogDisk.look(join(folder, tilePath(level, index, width)));
  if (typeof found === "string") throw new Error(found);
  return found;
};
const rootAt = (size: number): Uint8Array => rootOf(size, readerOverTiles(whole.size, readTile));
const tipAt = (size: number): LogTip => ({ epoch: 1, size, root: Buffer.from(rootAt(size)).toString("hex") });

/** Why it is refused, or that it is not. */
function held(tip: LogTip | undefined, world: { epoch?: number; store?: Partial<StoreView> } = {}): string {
  try {
    holdAgainstStore({
      log: { size: () => whole.size, rootAt },
      epoch: world.epoch ?? 1,
      store: { ...store, ...world.store, tip: () => tip },
      folder,
      disk: nodeLogDisk,
    });
    return "held";
  } catch (thrown) {
    if (thrown instanceof EpochNeeded) return thrown.cause_code;
    throw thrown;
  }
}

describe("a log is held against the tip of its store", () => {
  test("and goes on from it, whatever part of it the store was told of", () => {
    expect(whole.size).toBeGreaterThan(20);
    for (let size = 0; size <= whole.size; size += 1) expect([size, held(tipAt(size))]).toEqual([size, "held"]);
  });

  test("and taken as it is by a store that never noted one", () => expect(held(undefined)).toBe("held"));

  test("and refused when a new store stands in the place of one that is lost", () => {
    const bare = { addresses: () => [], unfinished: () => [] };
    expect(held(undefined, { store: bare })).toBe("STORE_OLDER");
  });

  test("and refused when it has fewer leaves, or others", () => {
    expect(held({ ...whole, size: whole.size + 1 })).toBe("LOG_OLDER");
    expect(held({ ...tipAt(7), root: tipAt(8).root })).toBe("LOG_OLDER");
  });

  test("and refused in another epoch, by who is behind", () => {
    expect(held({ ...whole, epoch: 2 })).toBe("LOG_OLDER");
    expect(held(whole, { epoch: 2 })).toBe("STORE_OLDER");
  });

  test("and refused when one leaf behind it is of no run, whichever run is missing", () => {
    const all = store.addresses("", 1000);
    const runs = all.filter((address) => address.startsWith("delivery/"));
    expect(runs.length).toBeGreaterThan(10);
    for (const missing of runs) {
      const without =
        (list: StoreView["addresses"]): StoreView["addresses"] =>
        (after, limit) =>
          list(after, limit).filter((address) => address !== missing);
      const older = { addresses: without(store.addresses), unfinished: without(store.unfinished) };
      expect(held(tipAt(0), { store: older })).toBe("STORE_OLDER");
      expect(held(whole, { store: older })).toBe("held");
    }
  });

  test("and held when a seal is in it that its run was not told of yet", () => {
    const untold: StoreView["journal"] = (address) => {
      const journal = store.journal(address);
      const until = journal.findIndex(({ event }) => event === "SEALED" || event === "AMENDED");
      return until === -1 ? journal : journal.slice(0, until);
    };
    const once = (address: Parameters<StoreView["journal"]>[0]) =>
      store.journal(address).some(({ event }) => event === "AMENDED") ? store.journal(address) : untold(address);
    expect(held(tipAt(0), { store: { journal: once } })).toBe("held");
  });
});
