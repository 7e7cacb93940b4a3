import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { metaNumber, openTables, type Tables } from "../../../src/adapters/store-lmdb-env.ts";
import { migrate, requireSchema, SchemaNewer, type Migration } from "../../../src/adapters/store-lmdb-migrations.ts";
import { openStore, openStoreReadOnly } from "../../../src/adapters/store-lmdb.ts";
import { birth, delivery } from "../../support/store-changes.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const step = (to: number): Migration => ({
  to,
  run: ({ meta }) => {
    const trail = meta.get(Buffer.from("trail"))?.toString() ?? "";
    meta.putSync(Buffer.from("trail"), Buffer.from(`${trail}${to} `));
  },
});
const trailOf = ({ meta }: Tables): string | undefined => meta.get(Buffer.from("trail"))?.toString();

async function onTables<T>(dir: string, use: (tables: Tables) => T): Promise<T> {
  const tables = openTables(dir);
  try {
    return use(tables);
  } finally {
    await tables.root.close();
  }
}

/** A store as the first build wrote it, with something in it. */
async function oldStore(): Promise<string> {
  const dir = join(temporaryFolder(), "store");
  const store = await openStore(dir);
  await store.commit([birth(delivery(1))]);
  await store.close();
  return dir;
}

describe("an older store", () => {
  test("is brought up step by step, in order, and keeps what it holds", async () => {
    const dir = await oldStore();
    await onTables(dir, (tables) => {
      migrate(tables, [step(2), step(3)]);
      expect([metaNumber(tables, "schema"), trailOf(tables), tables.actors.getKeysCount()]).toEqual([3, "2 3 ", 1]);
    });
    await onTables(dir, (tables) => {
      migrate(tables, [step(2), step(3), step(4)]);
      expect([metaNumber(tables, "schema"), trailOf(tables)]).toEqual([4, "2 3 4 "]);
    });
  });

  test("stays at the last step that was done whole when one fails", async () => {
    const dir = await oldStore();
    const failing: Migration = {
      to: 3,
      run: (tables) => {
        step(3).run(tables);
        throw new Error("half way");
      },
    };
    await onTables(dir, (tables) => expect(() => migrate(tables, [step(2), failing, step(4)])).toThrow("half way"));
    await onTables(dir, (tables) => expect([metaNumber(tables, "schema"), trailOf(tables)]).toEqual([2, "2 "]));
  });

  test("is not read by who may not write", async () => {
    const dir = await oldStore();
    await onTables(dir, (tables) => {
      expect(() => requireSchema(tables, [step(2)])).toThrow("start the daemon once");
      expect(() => requireSchema(tables, [])).not.toThrow();
    });
  });
});

test("a new store has the newest schema and runs no migration", async () => {
  const dir = join(temporaryFolder(), "store");
  await onTables(dir, (tables) => {
    migrate(tables, [step(2)]);
    expect([metaNumber(tables, "schema"), trailOf(tables)]).toEqual([2, undefined]);
  });
});

test("a store of a newer build is refused, for writing and for reading", async () => {
  const dir = await oldStore();
  await onTables(dir, (tables) => migrate(tables, [step(2)]));
  await expect(openStore(dir)).rejects.toThrow(new SchemaNewer(2, 1));
  await expect(openStoreReadOnly(dir)).rejects.toThrow("the store has schema 2, this build knows up to 1");
});
