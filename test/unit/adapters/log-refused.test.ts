/** What a log does not start from, and what it does not go on from. */
import { generateKeyPairSync } from "node:crypto";
import { beforeEach, describe, expect, test } from "vitest";
import { LogRefused } from "../../../src/adapters/log-refused.ts";
import { leafBytes } from "../../../src/evidence/log/leaf.ts";
import { writeCheckpoint } from "../../../src/evidence/log/checkpoint.ts";
import { signerOf, signNote } from "../../../src/evidence/log/note.ts";
import { leafHash } from "../../../src/evidence/log/tree.ts";
import { type LogMemoryDisk, logMemoryDisk } from "./log-memory-disk.ts";
import {
  DIR,
  expectWholeLog,
  LEAVES,
  openOn,
  ORIGIN,
  PUBLISHED,
  sealOf,
  seals,
  SIGNED,
  signer,
} from "./log-support.ts";

const SIZE = 300;
let disk: LogMemoryDisk;
let earlier: LogMemoryDisk;
beforeEach(async () => {
  disk = logMemoryDisk();
  const log = await openOn(disk);
  await log.append(seals(0, 260));
  earlier = disk.after("kill");
  await log.append(seals(260, SIZE - 260));
  await log.close();
});

const fileOf = (from: LogMemoryDisk, path: string): Buffer => from.files().get(path) ?? Buffer.alloc(0);
const copy = (path: string, from: LogMemoryDisk): void => disk.put(path, fileOf(from, path));
const change = (path: string, to: (bytes: Buffer) => Uint8Array): void => disk.put(path, to(fileOf(disk, path)));
const frame = (leaf: Uint8Array): Uint8Array =>
  Buffer.concat([Uint8Array.of(leaf.length >> 8, leaf.length & 0xff), leafHash(leaf).subarray(0, 8), leaf]);
const noteOf = (size: number, root: Uint8Array, origin = ORIGIN, by = signer): Buffer =>
  Buffer.from(signNote(writeCheckpoint({ origin, size, root }), [by]));

/** Why the log does not open, when nothing was signed or published on the way to that. */
async function refusal(): Promise<string> {
  const notes = (): string => [SIGNED, PUBLISHED].map((path) => String(fileOf(disk, path))).join("and");
  const before = notes();
  const thrown: unknown = await openOn(disk).catch((error: unknown) => error);
  if (!(thrown instanceof LogRefused)) return "it was not refused";
  return notes() === before ? thrown.reason : "it was refused too late";
}

describe("a log does not start", () => {
  test("from an older log-state beside newer tiles", async () => {
    for (const path of [SIGNED, LEAVES]) copy(path, earlier);
    expect(await refusal()).toContain("the published checkpoint has size 300, the signed one of log-state 260");
  });

  test("from an older log-state beside newer tiles whose checkpoint was taken away", async () => {
    for (const path of [SIGNED, LEAVES]) copy(path, earlier);
    disk.drop(PUBLISHED);
    expect(await refusal()).toContain("is beyond the signed size 260");
  });

  test("without the signed checkpoint of what is published", async () => {
    disk.drop("/desk/.qoc/log-state");
    expect(await refusal()).toContain("is missing");
  });

  test("from leaves without a signed checkpoint", async () => {
    for (const path of [SIGNED, PUBLISHED]) disk.drop(path);
    expect(await refusal()).toContain("300 leaves, but no signed checkpoint");
  });

  test("from fewer leaves than were signed", async () => {
    copy(LEAVES, earlier);
    expect(await refusal()).toContain("260 leaves can be read, and 300 were signed");
  });

  test("from a leaf that was damaged", async () => {
    change(LEAVES, (bytes) => {
      bytes[1000] = (bytes[1000] ?? 0) ^ 1;
      return bytes;
    });
    expect(await refusal()).toContain("leaves can be read, and 300 were signed");
  });

  test("from a leaf that was exchanged for another one", async () => {
    const size = frame(leafBytes({ kind: "seal", seal: sealOf(0) })).length;
    change(LEAVES, (bytes) =>
      Buffer.concat([frame(leafBytes({ kind: "seal", seal: sealOf(999) })), bytes.subarray(size)]),
    );
    expect(await refusal()).toContain("the first 300 leaves do not have the root that was signed");
  });

  test.each([
    ["no leaf", Buffer.from('{"v":1}'), "leaf 300 is no leaf of a log"],
    ["a seal again", leafBytes({ kind: "seal", seal: sealOf(7) }), "leaf 300 repeats seal"],
    [
      "an amendment of itself",
      leafBytes({ kind: "amendment", seal: sealOf(999), of: SIZE }),
      "leaf 300 is about leaf 300",
    ],
  ])("from a frame that holds %s, also behind the signed size", async (_, leaf, reason) => {
    change(LEAVES, (bytes) => Buffer.concat([bytes, frame(leaf)]));
    expect(await refusal()).toContain(reason);
  });

  test("from a checkpoint of another root, though this desk's key signed it", async () => {
    for (const path of [SIGNED, PUBLISHED]) disk.put(path, noteOf(SIZE, Buffer.alloc(32, 1)));
    expect(await refusal()).toContain("do not have the root that was signed");
  });

  test("from an older published checkpoint of another root", async () => {
    disk.put(PUBLISHED, noteOf(100, Buffer.alloc(32, 1)));
    expect(await refusal()).toContain("the first 100 leaves do not have the root that was signed");
  });

  test.each([SIGNED, PUBLISHED])("when another key signed %s", async (path) => {
    const other = signerOf(ORIGIN, generateKeyPairSync("ed25519").privateKey);
    disk.put(path, noteOf(SIZE, Buffer.alloc(32, 1), ORIGIN, other));
    expect(await refusal()).toContain("is not signed by this desk's key");
  });

  test.each([SIGNED, PUBLISHED])("when %s is of another log", async (path) => {
    disk.put(path, noteOf(SIZE, Buffer.alloc(32, 1), "localhost/other/log"));
    expect(await refusal()).toContain("is no checkpoint of localhost/equity-desk/log");
  });

  test.each([SIGNED, PUBLISHED])("when %s is empty", async (path) => {
    disk.put(path, Buffer.alloc(0));
    expect(await refusal()).toContain("is not signed by this desk's key");
  });

  test("from a tile of its edge that holds something else", async () => {
    disk.put(`${DIR}/tile/0/001.p/44`, Buffer.alloc(44 * 32));
    expect(await refusal()).toContain("does not hold what the log says");
  });

  test("from a tile that is beyond what was signed", async () => {
    disk.put(`${DIR}/tile/0/001.p/45`, Buffer.alloc(45 * 32));
    expect(await refusal()).toContain("tile/0/001.p/45 is beyond the signed size 300");
  });
});

describe("a log starts, and is whole again,", () => {
  /** The size of the log that opens, when its files prove it. */
  async function sizeOpened(): Promise<number> {
    const log = await openOn(disk);
    await log.close();
    expectWholeLog(disk.files(), new Map([[sealOf(SIZE - 1), SIZE - 1]]));
    return log.size();
  }

  test("when all tiles and the published checkpoint are gone", async () => {
    disk.drop(`${DIR}/tile`);
    disk.drop(PUBLISHED);
    expect(await sizeOpened()).toBe(SIZE);
  });

  test("when a full tile of long ago is gone", async () => {
    disk.drop(`${DIR}/tile/0/000`);
    disk.drop(`${DIR}/tile/entries/000`);
    expect(await sizeOpened()).toBe(SIZE);
  });

  test("when the published checkpoint is an older one", async () => {
    copy(PUBLISHED, earlier);
    expect(await sizeOpened()).toBe(SIZE);
  });

  test("when a torn frame stands at the end", async () => {
    const whole = fileOf(disk, LEAVES);
    const torn = frame(leafBytes({ kind: "seal", seal: sealOf(SIZE) }));
    for (let length = 1; length < torn.length; length += 13) {
      disk.put(LEAVES, Buffer.concat([whole, torn.subarray(0, length)]));
      expect(await sizeOpened()).toBe(SIZE);
      expect(fileOf(disk, LEAVES)).toEqual(whole);
    }
  });

  test("when a frame was flushed and not signed, which is signed then", async () => {
    change(LEAVES, (bytes) => Buffer.concat([bytes, frame(leafBytes({ kind: "seal", seal: sealOf(SIZE) }))]));
    expect(await sizeOpened()).toBe(SIZE + 1);
  });

  test("when partial files of a tile that is full were left", async () => {
    disk.put(`${DIR}/tile/0/000.p/9`, Buffer.alloc(9 * 32));
    await openOn(disk);
    expect([...disk.files().keys()].filter((path) => path.includes("/0/000.p"))).toEqual([]);
  });
});

describe("a log that is open signs nothing more", () => {
  test("when another writer has signed", async () => {
    const log = await openOn(disk);
    const other = await openOn(disk);
    await other.append(seals(SIZE, 1));
    const leaves = fileOf(disk, LEAVES);
    await expect(log.append(seals(SIZE + 1, 1))).rejects.toThrow(LogRefused);
    expect(fileOf(disk, SIGNED).toString()).toBe(other.checkpoint());
    expect(fileOf(disk, LEAVES)).toEqual(leaves);
    await expect(log.append(seals(0, 1))).rejects.toThrow(LogRefused);
  });

  test("when another writer signs while leaves are written", async () => {
    let meanwhile = (): void => {};
    const shared = disk.after("kill", (step) => {
      if (step === "sync") meanwhile();
      return "done";
    });
    const log = await openOn(shared);
    const other = noteOf(SIZE, Buffer.alloc(32, 1));
    meanwhile = () => shared.put(SIGNED, other);
    await expect(log.append(seals(SIZE, 1))).rejects.toThrow("changed by somebody else");
    expect(fileOf(shared, SIGNED)).toEqual(other);
  });

  test("when the signed checkpoint was taken away", async () => {
    const log = await openOn(disk);
    disk.drop(SIGNED);
    await expect(log.append(seals(SIZE, 1))).rejects.toThrow("changed by somebody else");
  });
});
