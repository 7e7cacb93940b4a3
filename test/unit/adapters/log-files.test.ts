import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeLogDisk } from "../../../src/adapters/log-disk.ts";
import { openLog } from "../../../src/adapters/log-files.ts";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { decodeEntries } from "../../../src/evidence/log/tiles.ts";
import { verifyConsistency } from "../../../src/evidence/log/tree.ts";
import { manualClock } from "../../support/manual-clock.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";
import { logMemoryDisk } from "./log-memory-disk.ts";
import {
  checkpointOf,
  DIR,
  expectReceipt,
  expectWholeLog,
  openOn,
  ORIGIN,
  promptClock,
  PUBLISHED,
  sealOf,
  seals,
  signer,
} from "./log-support.ts";

const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("an empty log has a signed checkpoint", async () => {
  const log = await openOn(logMemoryDisk());
  const { origin, size, root } = checkpointOf(log.checkpoint());
  expect([origin, size, log.size()]).toEqual([ORIGIN, 0, 0]);
  // SHA-256 of nothing.
  expect(Buffer.from(root).toString("hex")).toMatch(/^e3b0c44298fc1c149afbf4c8996fb924/);
});

describe("on a real disk", () => {
  test("the log is static files that prove every leaf, and is found again", async () => {
    const folder = temporaryFolder();
    const dir = join(folder, ".qoc/evidence/log");
    const place = { dir, origin: ORIGIN, signer, clock: promptClock, disk: nodeLogDisk };
    const log = await openLog(place);
    expect(await log.append(seals(0, 300))).toEqual(Array.from({ length: 300 }, (_, n) => n));
    const first = checkpointOf(log.checkpoint());
    await log.append(seals(300, 3));
    await log.close();
    expect(readdirSync(dir, { recursive: true }).map(String).toSorted()).toEqual([
      "checkpoint",
      "tile",
      "tile/0",
      "tile/0/000",
      "tile/0/001.p",
      "tile/0/001.p/44",
      "tile/0/001.p/47",
      "tile/1",
      "tile/1/000.p",
      "tile/1/000.p/1",
      "tile/entries",
      "tile/entries/000",
      "tile/entries/001.p",
      "tile/entries/001.p/44",
      "tile/entries/001.p/47",
    ]);
    expect(readdirSync(join(folder, ".qoc/log-state")).toSorted()).toEqual(["leaves", "signed"]);
    const bundle = decodeEntries(readFileSync(join(dir, "tile/entries/001.p/47")), 47);
    expect(Buffer.from(bundle?.[46] ?? [])).toEqual(Buffer.from(leafBytes({ kind: "seal", seal: sealOf(302) })));

    const again = await openLog(place);
    expect(again.checkpoint()).toBe(readFileSync(join(dir, "checkpoint"), "utf8"));
    expect(again.size()).toBe(303);
    for (const n of [0, 255, 256, 302]) expectReceipt(again, leafBytes({ kind: "seal", seal: sealOf(n) }), sealOf(n));
    const now = checkpointOf(again.checkpoint());
    expect(verifyConsistency(300, first.root, 303, now.root, again.consistency(300))).toBe(true);
    await again.close();
  });

  test("folders that are there already are used", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, ".qoc/evidence/log/tile/0"), { recursive: true });
    const dir = join(folder, ".qoc/evidence/log");
    const log = await openLog({ dir, origin: ORIGIN, signer, clock: promptClock, disk: nodeLogDisk });
    expect(await log.append(seals(0, 1))).toEqual([0]);
    await log.close();
  });
});

describe("a seal", () => {
  test("is logged once, in one call, in several, and after a restart", async () => {
    const disk = logMemoryDisk();
    const log = await openOn(disk);
    expect(await log.append([...seals(0, 2), ...seals(0, 3)])).toEqual([0, 1, 0, 1, 2]);
    expect(await Promise.all([log.append(seals(2, 2)), log.append(seals(3, 2))])).toEqual([
      [2, 3],
      [3, 4],
    ]);
    await log.close();
    const again = await openOn(disk);
    expect(await again.append(seals(4, 2))).toEqual([4, 5]);
    expect(again.size()).toBe(6);
  });

  test("that is not logged has no number and no receipt", async () => {
    const log = await openOn(logMemoryDisk());
    expect([log.indexOf(sealOf(0)), log.proofOf(sealOf(0)), log.proofOf("no seal")]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
  });

  test("that was logged already asks for no new checkpoint", async () => {
    const log = await openOn(logMemoryDisk());
    await log.append(seals(0, 1));
    const before = log.checkpoint();
    expect(await log.append(seals(0, 1))).toEqual([0]);
    expect(log.checkpoint()).toBe(before);
  });

  test("of another form is refused, and its neighbours in the call are not logged", async () => {
    const log = await openOn(logMemoryDisk());
    const [bad, good] = await Promise.allSettled([
      log.append([...seals(0, 1), { kind: "seal", seal: "F".repeat(64) }]),
      log.append(seals(1, 1)),
    ]);
    expect([bad.status, good]).toEqual(["rejected", { status: "fulfilled", value: [0] }]);
    expect(log.indexOf(sealOf(0))).toBeUndefined();
  });
});

describe("an amendment", () => {
  const amendment = (seal: number, of: number) =>
    ({ kind: "amendment", seal: sealOf(seal), of_seal: sealOf(of) }) as const;

  test("names the number of its base, also one of the same call", async () => {
    const disk = logMemoryDisk();
    const log = await openOn(disk);
    await log.append(seals(0, 2));
    expect(await log.append([amendment(10, 1), ...seals(2, 1), amendment(11, 2)])).toEqual([2, 3, 4]);
    expectReceipt(log, leafBytes({ kind: "amendment", seal: sealOf(10), of: 1 }), sealOf(10));
    expectReceipt(log, leafBytes({ kind: "amendment", seal: sealOf(11), of: 3 }), sealOf(11));
    await log.close();
    expectReceipt(await openOn(disk), leafBytes({ kind: "amendment", seal: sealOf(11), of: 3 }), sealOf(11));
  });

  test("of what is not logged is refused with all of its call", async () => {
    const log = await openOn(logMemoryDisk());
    await expect(log.append([...seals(0, 1), amendment(10, 7)])).rejects.toThrow("is not in the log");
    expect(log.size()).toBe(0);
    expect(await log.append(seals(1, 1))).toEqual([0]);
  });
});

describe("batches", () => {
  /** How often something was signed. */
  function counted() {
    let count = 0;
    const sign = (bytes: Uint8Array): Uint8Array => {
      count += 1;
      return signer.sign(bytes);
    };
    return { signer: { ...signer, sign }, count: () => count };
  }

  test("appends that come together share one signature, and wait a few milliseconds for each other", async () => {
    const clock = manualClock();
    const watched = counted();
    const log = await openOn(logMemoryDisk(), { clock, signer: watched.signer });
    const appends = [log.append(seals(0, 1)), log.append(seals(1, 2))];
    clock.advance(4);
    await turns();
    expect(log.size()).toBe(0);
    clock.advance(1);
    expect(await Promise.all(appends)).toEqual([[0], [1, 2]]);
    expect(watched.count()).toBe(2);
  });

  test("what comes while one is written begins the next 50 ms after it", async () => {
    const clock = manualClock();
    const log = await openOn(logMemoryDisk(), { clock });
    const first = log.append(seals(0, 1));
    clock.advance(5);
    const second = log.append(seals(1, 1));
    await first;
    clock.advance(49);
    await turns();
    expect(log.size()).toBe(1);
    clock.advance(1);
    expect(await second).toEqual([1]);
  });

  test("a log that is quiet again makes nobody wait for long", async () => {
    const clock = manualClock();
    const log = await openOn(logMemoryDisk(), { clock });
    for (let n = 0; n < 3; n += 1) {
      const append = log.append(seals(n, 1));
      clock.advance(5);
      expect(await append).toEqual([n]);
      await turns();
    }
    expect(clock.now()).toBe(15);
  });

  test("a large one is taken in whole, and those behind it in batches of their own", async () => {
    const disk = logMemoryDisk();
    const log = await openOn(disk);
    const [large, small] = await Promise.all([log.append(seals(0, 5000)), log.append(seals(5000, 1))]);
    expect([large.at(-1), small]).toEqual([4999, [5000]]);
    await log.close();
    expectWholeLog(disk.files(), new Map([[sealOf(4999), 4999]]));
  });

  test("closing answers what waits, lets no timer stand, and refuses what comes later", async () => {
    const clock = manualClock();
    const disk = logMemoryDisk();
    const log = await openOn(disk, { clock });
    const waiting = log.append(seals(0, 1));
    await Promise.all([log.close(), log.close()]);
    expect(await waiting).toEqual([0]);
    expect(clock.waiting()).toBe(0);
    await expect(log.append(seals(1, 1))).rejects.toThrow("closed");
    expect(checkpointOf(disk.files().get(PUBLISHED) ?? "").size).toBe(1);
  });
});

describe("a disk that fails", () => {
  test("for a while rejects, and takes the same leaves when it works again", async () => {
    let full = false;
    const disk = logMemoryDisk((step) => (full && (step === "write" || step === "create") ? "lost" : "done"));
    const log = await openOn(disk);
    await log.append(seals(0, 1));
    const before = log.checkpoint();
    full = true;
    for (let n = 0; n < 3; n += 1) await expect(log.append(seals(1, 2))).rejects.toThrow("EIO");
    expect(log.checkpoint()).toBe(before);
    expectReceipt(log, leafBytes({ kind: "seal", seal: sealOf(0) }), sealOf(0));
    full = false;
    expect(await log.append(seals(1, 2))).toEqual([1, 2]);
    expectWholeLog(disk.files(), new Map([[sealOf(2), 2]]));
  });
});

test("partial files go when the full one is published, and stay until then", async () => {
  const disk = logMemoryDisk();
  const log = await openOn(disk);
  const partials = (): readonly string[] => [...disk.files().keys()].filter((path) => path.includes(".p/"));
  await log.append(seals(0, 250));
  await log.append(seals(250, 5));
  expect(partials()).toEqual([
    `${DIR}/tile/entries/000.p/250`,
    `${DIR}/tile/0/000.p/250`,
    `${DIR}/tile/entries/000.p/255`,
    `${DIR}/tile/0/000.p/255`,
  ]);
  await log.append(seals(255, 1));
  expect(partials()).toEqual([`${DIR}/tile/1/000.p/1`]);
});
