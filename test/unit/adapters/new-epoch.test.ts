/** A new epoch that is broken off at any step is finished as the same one, and nothing is lost on the way. */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { nodeLogDisk, type LogDisk } from "../../../src/adapters/log-disk.ts";
import { epochIn, logOriginOf } from "../../../src/adapters/log-epoch.ts";
import { EpochNeeded } from "../../../src/adapters/log-refused.ts";
import { fsck } from "../../../src/fsck/fsck.ts";
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
