/** A new epoch that is broken off at any step is finished as the same one, and nothing is lost on the way. */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDeskFiles } from "../../../src/adapters/desk-files.ts";
import { openEvidenceKeys } from "../../../src/adapters/key-files.ts";
import { rotateKeys, type RotationPlace } from "../../../src/adapters/key-rotation.ts";
import { nodeLogDisk, type LogDisk } from "../../../src/adapters/log-disk.ts";
import { epochIn, logOriginOf } from "../../../src/adapters/log-epoch.ts";
import { EpochNeeded } from "../../../src/adapters/log-refused.ts";
import { openStore } from "../../../src/adapters/store-lmdb.ts";
import { nameOf, runIdOf } from "../../../src/core/ids.ts";
import { fsck } from "../../../src/fsck/fsck.ts";
import { openEvidenceLog } from "../../../src/main-evidence-log.ts";
import { rotateDeskKeys } from "../../../src/main-keys.ts";
import { beginEpoch } from "../../../src/main-new-epoch.ts";
import { live, WORKSPACE } from "../../support/lived-desk.ts";

const root = mkdtempSync(join(tmpdir(), "qoc-test-"));
const sound = join(root, "sound");
afterAll(() => rmSync(root, { recursive: true, force: true }));

beforeAll(async () => {
  mkdirSync(sound);
  const desk = await live(sound);
  await desk.send("price-alert", '{"n":1}', "N-1");
  await desk.quiet();
  await desk.send("price-alert", '{"n":"other"}', "N-1");
  await desk.quiet();
  await desk.close();
}, 60_000);

class Died extends Error {}

/** Dies at the n-th call that changes or syncs something: before it is done, or when it is done. */
function dyingAt(nth: number, when: "before" | "after"): LogDisk & { readonly calls: () => number } {
  let calls = 0;
  const step = <T>(act: () => T): T => {
    calls += 1;
    if (calls !== nth) return act();
    try {
      if (when === "after") act();
    } finally {
      // oxlint-disable-next-line no-unsafe-finally -- whatever the call came to, nobody is there any more
      throw new Died();
    }
  };
  return {
    ...nodeLogDisk,
    calls: () => calls,
    create: (path, mode) => step(() => nodeLogDisk.create(path, mode)),
    write: (file, bytes) => step(() => nodeLogDisk.write(file, bytes)),
    rename: (from, to) => step(() => nodeLogDisk.rename(from, to)),
    remove: (path) => step(() => nodeLogDisk.remove(path)),
    makeFolder: (path) => step(() => nodeLogDisk.makeFolder(path)),
  };
}

const begin = (dir: string, disk: LogDisk) =>
  beginEpoch({ dir, workspace: WORKSPACE, reason: "of the test", epochMin: 1, now: 1_783_259_101_000, disk });

const DONE = { epoch: 2, prev: { epoch: 1, size: 3 }, size: 4 };

let copies = 0;
function copyOf(dir: string): string {
  const copy = join(root, String((copies += 1)));
  cpSync(dir, copy, { recursive: true });
  return copy;
}

async function startsAs(dir: string): Promise<string> {
  try {
    await (await live(dir)).close();
    return "started";
  } catch (thrown) {
    if (thrown instanceof EpochNeeded) return thrown.cause_code;
    throw thrown;
  }
}

test("at every step, before it and behind it", { timeout: 120_000 }, async () => {
  const counting = dyingAt(Infinity, "after");
  expect(await begin(copyOf(sound), counting)).toMatchObject(DONE);
  expect(counting.calls()).toBeGreaterThan(15);
  const seen = new Set<string>();
  for (let nth = 1; nth <= counting.calls(); nth += 1) {
    for (const when of ["before", "after"] as const) {
      const dir = copyOf(sound);
      await expect(begin(dir, dyingAt(nth, when))).rejects.toThrow(Died);
      const started = await startsAs(dir);
      seen.add(started);
      // Not begun at all, or done but for its last word; in between nothing starts.
      const plan = join(dir, ".qoc", "log-state", "next");
      expect([started, existsSync(plan)]).toEqual([
        started === "started" ? "started" : "UNFINISHED",
        started !== "started",
      ]);
      const isDone = started === "started" && existsSync(join(dir, ".qoc", "evidence", "logs"));
      expect(isDone ? DONE : await begin(dir, nodeLogDisk)).toMatchObject(DONE);
      expect(await startsAs(dir)).toBe("started");
      expect(await fsck({ dir, workspace: WORKSPACE })).toMatchObject({ findings: [], envelopes: 2, leaves: 4 });
      expect(readdirSync(join(dir, ".qoc", "evidence", "logs"))).toEqual(["1"]);
    }
  }
  expect(seen).toEqual(new Set(["started", "UNFINISHED"]));
});

test("a third epoch follows the second, and one of a number that is asked for", async () => {
  const dir = copyOf(sound);
  await begin(dir, nodeLogDisk);
  expect(await begin(dir, nodeLogDisk)).toMatchObject({ epoch: 3, prev: { epoch: 2, size: 4 }, size: 4 });
  const asked = { dir, workspace: WORKSPACE, reason: "there was a seventh", epochMin: 8, now: 0 };
  expect(await beginEpoch(asked)).toMatchObject({ epoch: 8, prev: { epoch: 3, size: 4 } });
  expect(await startsAs(dir)).toBe("started");
  expect(await fsck({ dir, workspace: WORKSPACE })).toMatchObject({ findings: [], leaves: 4 });
});

test("on a disk that is full at the end, before a store can be left behind that does not know its epoch", async () => {
  const dir = copyOf(sound);
  const full = async (at: string) => ({ ...(await openStore(at)), noteTip: () => undefined });
  const asked = { dir, workspace: WORKSPACE, reason: "of the test", epochMin: 1, now: 0 };
  await expect(beginEpoch({ ...asked, openStore: full })).rejects.toThrow("is the disk full?");
  expect(await startsAs(dir)).toBe("UNFINISHED");
  expect(await beginEpoch(asked)).toMatchObject(DONE);
  expect(await startsAs(dir)).toBe("started");
});

test("of a desk whose erasure was broken off between an envelope and its amendment", { timeout: 60_000 }, async () => {
  const dir = copyOf(sound);
  let removed = 0;
  const createFiles = (of: string) => {
    const files = createDeskFiles(of);
    const remove = async (file: string) => {
      if (file.endsWith(".json") && (removed += 1) > 1) throw new Error("broken off");
      await files.remove(file);
    };
    return { ...files, remove };
  };
  const desk = await live(dir, { createFiles });
  const [run = ""] = desk.open.store.addresses("", 1).map(nameOf);
  const erase = { type: "ERASE", reason: "asked for" };
  await desk.tell(runIdOf(run), erase);
  while (removed < 2) await new Promise((look) => setTimeout(look, 5));
  await desk.close();
  expect(await begin(dir, nodeLogDisk)).toMatchObject({ epoch: 2, size: 4, set_aside: 0 });
  const again = await live(dir);
  await again.quiet();
  await again.close();
  expect(await fsck({ dir, workspace: WORKSPACE })).toMatchObject({ findings: [], leaves: 1 + 3 + 2 });
});

test.each([
  ["an envelope that cannot be read", (file: string) => truncateSync(file, 9), "cannot be read"],
  ["an amendment whose envelope is gone", (file: string) => rmSync(file), "amends an envelope that is not there"],
])("not with %s: nothing is begun", async (_name, damage, says) => {
  const dir = copyOf(sound);
  const evidence = join(dir, ".qoc", "evidence");
  const isBase = (name: string) =>
    /^[0-9a-f-]{36}\.json$/.test(name) && readFileSync(join(evidence, name), "utf8").includes('"amends":null');
  const [base = ""] = readdirSync(evidence).filter(isBase);
  const bytes = readFileSync(join(evidence, base));
  chmodSync(join(evidence, base), 0o600);
  damage(join(evidence, base));
  await expect(begin(dir, nodeLogDisk)).rejects.toThrow(says);
  expect(existsSync(join(dir, ".qoc", "log-state", "next"))).toBe(false);
  rmSync(join(evidence, base), { force: true });
  writeFileSync(join(evidence, base), bytes);
  expect(await begin(dir, nodeLogDisk)).toMatchObject(DONE);
});

describe("of a desk whose key was being changed", () => {
  const keysOf = (dir: string): string => join(dir, ".qoc", "keys");
  const runtimeOf = (dir: string): string => join(dir, ".qoc");
  const restored = (dir: string): void => writeFileSync(join(dir, ".qoc", "log-state", "restored"), "");

  test("when the new one was in its place, and its public half was not", async () => {
    const dir = copyOf(sound);
    const pub = readFileSync(join(keysOf(dir), "evidence.pub"));
    const { keyid } = await rotateDeskKeys(dir, WORKSPACE);
    cpSync(join(keysOf(dir), "evidence.key"), join(keysOf(dir), "next.key"));
    writeFileSync(join(keysOf(dir), "evidence.pub"), pub);
    restored(dir);
    expect(await begin(dir, nodeLogDisk)).toMatchObject({ epoch: 2, prev: { size: 4 }, size: 4 });
    expect(await startsAs(dir)).toBe("started");
    expect((await openEvidenceKeys(dir)).keyid).toBe(keyid);
    expect(await fsck({ dir, workspace: WORKSPACE })).toMatchObject({ findings: [] });
  });

  test("when the log had the new one, which is the desk's in the next epoch", async () => {
    const dir = copyOf(sound);
    const before = await openEvidenceKeys(dir);
    const openLogged: RotationPlace["openLog"] = async (keys, next) => {
      const log = await openEvidenceLog(runtimeOf(dir), WORKSPACE, keys, next);
      return { ...log, proofOf: () => undefined };
    };
    const place = { folder: keysOf(dir), origin: `localhost/${WORKSPACE}`, disk: nodeLogDisk, openLog: openLogged };
    await expect(rotateKeys(place)).rejects.toThrow("has no receipt");
    restored(dir);
    expect(await startsAs(dir)).toBe("RESTORED");
    expect(await begin(dir, nodeLogDisk)).toMatchObject({ epoch: 2, prev: { size: 4 }, size: 4 });
    expect(await startsAs(dir)).toBe("started");
    const { keyid, retired } = await openEvidenceKeys(dir);
    expect([keyid === before.keyid, retired?.length]).toEqual([false, 1]);
    expect(await fsck({ dir, workspace: WORKSPACE })).toMatchObject({ findings: [] });
  });
});

test("an epoch has one origin, and an origin one epoch", () => {
  expect([1, 2, 10].map((epoch) => logOriginOf("localhost/a", epoch))).toEqual([
    "localhost/a/log",
    "localhost/a/log/2",
    "localhost/a/log/10",
  ]);
  for (const epoch of [1, 2, 10, 2 ** 40])
    expect(epochIn(logOriginOf("localhost/a", epoch), "localhost/a")).toBe(epoch);
  for (const other of [
    "localhost/a/log/1",
    "localhost/a/log/02",
    "localhost/a/log/",
    "localhost/a/log2",
    "localhost/ab/log",
    "",
  ])
    expect(epochIn(other, "localhost/a")).toBeUndefined();
});
