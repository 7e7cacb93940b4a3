import { describe, expect, test } from "vitest";
import { openLogFrames } from "../../../src/adapters/log-frames.ts";
import { diskError } from "../../support/memory-disk.ts";
import { logMemoryDisk } from "./log-memory-disk.ts";

const FILE = "/desk/leaves";
const leaf = (text: string): Buffer => Buffer.from(text);
const texts = (frames: Iterable<{ readonly leaf: Uint8Array }>): readonly string[] =>
  [...frames].map((frame) => Buffer.from(frame.leaf).toString());

async function written(): Promise<Buffer> {
  const disk = logMemoryDisk();
  const frames = openLogFrames(FILE, disk);
  await frames.append(await frames.append(0, [leaf("one"), leaf("two")]), [leaf("three")]);
  return disk.files().get(FILE) ?? Buffer.alloc(0);
}

test("leaves are read in their order, each with the end of its frame", async () => {
  const disk = logMemoryDisk();
  disk.put(FILE, await written());
  const frames = openLogFrames(FILE, disk);
  expect(texts(frames.read())).toEqual(["one", "two", "three"]);
  expect([...frames.read()].map(({ end }) => end)).toEqual([13, 26, 41]);
});

test("a file cut at any byte gives the leaves that are whole", async () => {
  const whole = await written();
  for (let length = 0; length <= whole.length; length += 1) {
    const disk = logMemoryDisk();
    disk.put(FILE, whole.subarray(0, length));
    const count = [13, 26, 41].filter((end) => end <= length).length;
    expect(texts(openLogFrames(FILE, disk).read())).toEqual(["one", "two", "three"].slice(0, count));
  }
});

test("a byte that was changed ends the reading before its frame", async () => {
  const whole = await written();
  for (let at = 0; at < whole.length; at += 1) {
    const disk = logMemoryDisk();
    const changed = Buffer.from(whole);
    changed[at] = (changed[at] ?? 0) ^ 1;
    disk.put(FILE, changed);
    const before = [13, 26, 41].filter((end) => end <= at).length;
    expect(texts(openLogFrames(FILE, disk).read())).toEqual(["one", "two", "three"].slice(0, before));
  }
});

test("frames are found where a reading of the disk ends within them", async () => {
  const disk = logMemoryDisk();
  const leaves = Array.from({ length: 40_000 }, (_, n) => leaf(`leaf number ${n} and some more`));
  await openLogFrames(FILE, disk).append(0, leaves);
  expect(texts(openLogFrames(FILE, disk).read())).toEqual(leaves.map(String));
});

describe("an append that fails", () => {
  test.each(["write", "sync", "cut"] as const)("at %s leaves nothing in the way of the next", async (failing) => {
    let broken = false;
    const disk = logMemoryDisk((step) => (broken && step === failing ? "lost" : "done"));
    const frames = openLogFrames(FILE, disk);
    const length = await frames.append(0, [leaf("one")]);
    broken = true;
    const outcome = await frames.append(length, [leaf("lost")]).catch(String);
    expect(outcome).toBe(failing === "cut" ? 27 : String(diskError("EIO")));
    broken = false;
    await frames.append(length, [leaf("two")]);
    expect(texts(openLogFrames(FILE, disk).read())).toEqual(
      failing === "cut" ? ["one", "lost", "two"] : ["one", "two"],
    );
  });

  test("and cannot even be cut off is cut off by the next", async () => {
    let broken = false;
    const disk = logMemoryDisk((step) => (broken && step !== "openEnd" ? "lost" : "done"));
    const frames = openLogFrames(FILE, disk);
    const length = await frames.append(0, [leaf("one")]);
    broken = true;
    await expect(frames.append(length, [leaf("lost")])).rejects.toThrow("EIO");
    await expect(frames.append(length, [leaf("two")])).rejects.toThrow("EIO");
    broken = false;
    await frames.append(length, [leaf("two")]);
    expect(texts(openLogFrames(FILE, disk).read())).toEqual(["one", "two"]);
  });

  test("is not to be read again by the next process", async () => {
    let broken = false;
    const disk = logMemoryDisk((step) => (broken && step === "sync" ? "kept" : "done"));
    const frames = openLogFrames(FILE, disk);
    const length = await frames.append(0, [leaf("one")]);
    broken = true;
    await expect(frames.append(length, [leaf("lost")])).rejects.toThrow("EIO");
    expect(texts(openLogFrames(FILE, disk.after("kill")).read())).toEqual(["one"]);
  });
});
