import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, test } from "vitest";
import { ENVIRONMENT } from "../../src/adapters/store-lmdb-env.ts";
import { openStore } from "../../src/adapters/store-lmdb.ts";
import type { Address } from "../../src/core/ids.ts";
import type { Store } from "../../src/engine/ports.ts";
import { artifactOf, birth, delivery, mailTo } from "../support/store-changes.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

/** Lets a process write until it has acknowledged this often, kills it with SIGKILL, and gives all that it acknowledged. */
async function killedAfter(dir: string, acknowledgements: number): Promise<readonly string[]> {
  const script = join(import.meta.dirname, "../support/writing-process.ts");
  const child = spawn(process.execPath, ["--import", "tsx", script, dir], { stdio: ["ignore", "pipe", "inherit"] });
  const said: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    said.push(line);
    if (said.length === acknowledgements) child.kill("SIGKILL");
  }
  return said;
}

/** Every batch that is there is whole: three pieces of mail, each with the bytes that its artifact's hash says. */
function expectWholeMail(store: Store): readonly number[] {
  const places = new Map<number, number[]>();
  for (const { position, mail } of store.mail()) {
    const [batch, place] = position;
    places.set(batch, [...(places.get(batch) ?? []), place]);
    expect(mail.artifacts.map(({ bytes }) => artifactOf(bytes).ref.sha256)).toEqual(
      mail.artifacts.map(({ ref }) => ref.sha256),
    );
  }
  for (const placed of places.values()) expect(placed).toEqual([0, 1, 2]);
  return [...places.keys()];
}

/** Every actor that is there has its journal, its artifact and its rows in the indexes, and no row has none. */
function expectWholeActors(store: Store): readonly Address[] {
  const unfinished = store.unfinished("", 100_000);
  expect(store.open("inbox", "", 100_000).map(({ address }) => address)).toEqual(unfinished);
  expect(store.stats()).toMatchObject({ actors: unfinished.length, artifacts: unfinished.length });
  for (const address of unfinished) expect(store.journal(address)).toEqual(birth(address, { asks: ["inbox"] }).entries);
  return unfinished;
}

test("a process killed with SIGKILL leaves all that it acknowledged, whole", { timeout: 60_000 }, async () => {
  const dir = join(temporaryFolder(), "store");
  const acknowledged: string[] = [];
  for (const times of [1, 40, 173]) {
    acknowledged.push(...(await killedAfter(dir, times)));
    const store = await openStore(dir);
    const batches = expectWholeMail(store).map((batch) => `a ${batch}`);
    const actors = expectWholeActors(store).map((address) => `c ${numberOf(address)}`);
    await store.close();
    expect([...batches, ...actors]).toEqual(expect.arrayContaining(acknowledged));
  }
  expect(acknowledged.length).toBeGreaterThanOrEqual(214);
});

const numberOf = (address: Address): number => Number.parseInt(address.slice(-12), 16);

/**
 * Power loss. A process cannot cut its machine's power, so the promise rests on two things. LMDB's: data pages are flushed with
 * `fdatasync` before the meta page that makes them the current state is written through an `O_DSYNC` descriptor, and `commit`
 * returns after that (`mdb_txn_commit` → `mdb_env_sync0`, `mdb_env_write_meta`); the tests below hold that nothing switches it
 * off, and that a promise resolves after that return: the file as it lies there at that moment has the write.
 */
describe("what a promise rests on", () => {
  test("the environment is opened with LMDB's flushing as it is", () => {
    expect(ENVIRONMENT).toEqual({
      maxDbs: 16,
      pageSize: 8192,
      encoding: "binary",
      keyEncoding: "binary",
      overlappingSync: false,
      eventTurnBatching: false,
    });
  });

  test("the data file as it is when a promise resolves holds what was promised", async () => {
    const folder = temporaryFolder();
    const dir = join(folder, "store");
    const store = await openStore(dir);
    for (const number of [1, 2, 3]) {
      const batch = await store.append([mailTo(delivery(number), { artifacts: [artifactOf("x".repeat(9000))] })]);
      const copied = await reopenedCopy(dir, join(folder, `mail-${number}`));
      expect([...copied.mail()].at(-1)?.position).toEqual([batch, 0]);
      await copied.close();
      await store.commit([birth(delivery(number))]);
      const again = await reopenedCopy(dir, join(folder, `commit-${number}`));
      expect(again.read(delivery(number))).toBeDefined();
      await again.close();
    }
    await store.close();
  });
});

async function reopenedCopy(dir: string, to: string): ReturnType<typeof openStore> {
  mkdirSync(to);
  copyFileSync(join(dir, "data.mdb"), join(to, "data.mdb"));
  return openStore(to);
}
