import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ClerkFailure } from "../../../src/adapters/clerk-failure.ts";
import { nodeDisk } from "../../../src/adapters/disk.ts";
import { draft, type Placement, placeWhole, publish, sweepTemporaries } from "../../../src/adapters/durable-file.ts";
import { diskError, memoryDisk, type MemoryDisk, type Step } from "../../support/memory-disk.ts";

const WHOLE = Buffer.from("the whole of it, from the first byte to the last\n");
const OTHER = Buffer.from("what a person wrote");
const INBOX = "/desk/inbox";
const placement = (over: Partial<Placement> = {}): Placement => ({
  folder: INBOX,
  names: ["first.md", "second.md"],
  bytes: WHOLE,
  mode: 0o644,
  ...over,
});
const failure = (promise: Promise<unknown>): Promise<unknown> => promise.then(() => "it was placed", reasonOf);
const reasonOf = (thrown: unknown): unknown => (thrown instanceof ClerkFailure ? thrown.reason : thrown);
const finalNames = (names: Iterable<string>): string[] => [...names].filter((name) => !name.includes(".tmp-"));

describe("a file on a real disk", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "qoc-durable-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const here = (over: Partial<Placement> = {}): Placement => placement({ folder, ...over });

  test("has its bytes, its mode and no temporary beside it", async () => {
    expect(await placeWhole(here({ mode: 0o444 }))).toBe("first.md");
    expect(readFileSync(join(folder, "first.md"))).toEqual(WHOLE);
    expect(statSync(join(folder, "first.md")).mode & 0o777).toBe(0o444);
    expect(readdirSync(folder)).toEqual(["first.md"]);
  });

  test("is the same file when it is placed again, also when it can only be read", async () => {
    await placeWhole(here({ mode: 0o444 }));
    const before = statSync(join(folder, "first.md")).ino;
    expect(await placeWhole(here({ mode: 0o444 }))).toBe("first.md");
    expect(statSync(join(folder, "first.md")).ino).toBe(before);
    expect(readdirSync(folder)).toEqual(["first.md"]);
  });

  test("takes the next name beside a person's file, and leaves that as it is", async () => {
    writeFileSync(join(folder, "first.md"), OTHER);
    expect(await placeWhole(here())).toBe("second.md");
    expect(readFileSync(join(folder, "first.md"))).toEqual(OTHER);
  });

  test("is found under its second name when the first has become free since", async () => {
    writeFileSync(join(folder, "first.md"), OTHER);
    await placeWhole(here());
    rmSync(join(folder, "first.md"));
    expect(await placeWhole(here())).toBe("second.md");
    expect(readdirSync(folder)).toEqual(["second.md"]);
  });

  test("is not placed when every name is taken", async () => {
    writeFileSync(join(folder, "first.md"), OTHER);
    expect(await failure(placeWhole(here({ names: ["first.md"] })))).toBe("NAME_TAKEN");
    expect(readdirSync(folder)).toEqual(["first.md"]);
  });

  test("does not follow a symbolic link that has its name", async () => {
    const outside = join(folder, "outside");
    symlinkSync(outside, join(folder, "first.md"));
    expect(await placeWhole(here())).toBe("second.md");
    expect(readdirSync(folder).toSorted()).toEqual(["first.md", "second.md"]);
  });

  test("does not take a folder of its name for itself", async () => {
    mkdirSync(join(folder, "first.md"));
    expect(await placeWhole(here())).toBe("second.md");
  });

  test("is not placed in a folder that is missing", async () => {
    expect(await failure(placeWhole(here({ folder: join(folder, "gone") })))).toBe("FOLDER_MISSING");
  });

  test("temporaries of a crash are swept, and nothing else is", () => {
    const { held } = draft(here(), nodeDisk);
    expect(held.kind).toBe("temporary");
    writeFileSync(join(folder, ".tmp-notes"), OTHER);
    expect(sweepTemporaries(folder)).toBe(1);
    expect(readdirSync(folder)).toEqual([".tmp-notes"]);
  });

  test("sweeping a folder that is not there finds nothing", () => {
    expect(sweepTemporaries(join(folder, "gone"))).toBe(0);
  });
});

describe("a name that would leave the folder is refused before anything is written", () => {
  test.each(["../up.md", "a/b.md", "/etc/passwd", "..", ".", "", ".hidden", "a\\b.md", "a\0.md"])(
    "%j",
    async (name) => {
      const disk = memoryDisk([INBOX]);
      expect(await failure(placeWhole(placement({ names: ["first.md", name] }), disk))).toBe("NAME_UNSAFE");
      expect(disk.steps).toEqual([]);
    },
  );
});

test.each([
  ["ENOSPC", "NO_SPACE"],
  ["EDQUOT", "NO_SPACE"],
  ["EACCES", "NOT_PERMITTED"],
  ["EROFS", "NOT_PERMITTED"],
  ["ENOTDIR", "FOLDER_MISSING"],
  ["EIO", "DISK"],
])("%s is told as %s", async (code, reason) => {
  const disk = memoryDisk([INBOX], (step) => {
    if (step === "create") throw diskError(code);
  });
  expect(await failure(placeWhole(placement(), disk))).toBe(reason);
});

test("an item that a person has edited is not placed a second time", async () => {
  const isEdited = (found: Uint8Array): boolean => Buffer.compare(found, OTHER) === 0;
  const disk = memoryDisk([INBOX]);
  disk.put(`${INBOX}/first.md`, OTHER);
  expect(await placeWhole(placement({ isEdited }), disk)).toBe("first.md");
  expect(disk.files()).toEqual(new Map([[`${INBOX}/first.md`, OTHER]]));
});

/** The calls that one placement makes on an empty folder. */
const oncePlaced = async (): Promise<readonly Step[]> => {
  const disk = memoryDisk([INBOX]);
  await placeWhole(placement(), disk);
  return disk.steps;
};
const steps = await oncePlaced();

test("placing takes every step that the tests below let fail", () => {
  expect(steps).toEqual(["look", "look", "create", "write", "sync", "close", "link", "remove", "syncFolder"]);
});

describe.each(steps.map((step, at) => ({ step, at })))("at step $at, $step", ({ at }) => {
  test("a kill leaves no half-written file, and placing again ends in one whole file", async () => {
    let killed = true;
    const disk = memoryDisk([INBOX], (_, now) => {
      if (killed && now >= at) throw new Error("the process is gone");
    });
    expect(await failure(placeWhole(placement(), disk))).toBe("BUG");
    for (const path of finalNames(disk.files().keys())) expect(disk.files().get(path)).toEqual(WHOLE);
    killed = false;
    sweepTemporaries(INBOX, disk);
    await placeWhole(placement(), disk);
    expect(disk.files()).toEqual(new Map([[`${INBOX}/first.md`, WHOLE]]));
  });

  test.each(["kept", "lost"] as const)(
    "a power cut with unsynced names %s leaves whole files alone",
    async (unsynced) => {
      let dark = true;
      const disk = memoryDisk([INBOX], (_, now) => {
        if (dark && now >= at) throw diskError("EIO");
      });
      expect(await failure(placeWhole(placement(), disk))).toBe("DISK");
      dark = false;
      disk.cutPower(unsynced);
      for (const path of finalNames(disk.files().keys())) expect(disk.files().get(path)).toEqual(WHOLE);
      sweepTemporaries(INBOX, disk);
      await placeWhole(placement(), disk);
      disk.cutPower("lost");
      expect(disk.files()).toEqual(new Map([[`${INBOX}/first.md`, WHOLE]]));
    },
  );
});

// A temporary that cannot be removed is swept at the next start, so that step alone may fail unnoticed.
test.each(steps.map((step, at) => ({ step, at })).filter(({ step }) => step !== "remove"))(
  "a disk that is full at step $at, $step, is told, keeps nothing, and takes the next attempt",
  async ({ at }) => {
    const disk = memoryDisk([INBOX], (_, now) => {
      if (now === at) throw diskError("ENOSPC");
    });
    expect(await failure(placeWhole(placement(), disk))).toBe("NO_SPACE");
    expect([...disk.files().keys()].filter((path) => path.includes(".tmp-"))).toEqual([]);
    expect(await placeWhole(placement(), disk)).toBe("first.md");
  },
);

async function placeAll(disk: MemoryDisk, placements: readonly Placement[]): Promise<readonly string[]> {
  const drafts = placements.map((each) => draft(each, disk));
  return (await publish(drafts, disk)).map((placed) => (typeof placed === "string" ? placed : placed.reason));
}

describe("many files at once", () => {
  test("sync each folder once", async () => {
    const disk = memoryDisk([INBOX, "/desk/evidence"]);
    const there = { folder: "/desk/evidence", names: ["e.json"] };
    await placeAll(disk, [placement(), placement({ bytes: OTHER }), placement(there)]);
    expect(disk.steps.filter((step) => step === "syncFolder")).toHaveLength(2);
  });

  test("of one name give the later one the next name", async () => {
    const disk = memoryDisk([INBOX]);
    expect(await placeAll(disk, [placement(), placement({ bytes: OTHER })])).toEqual(["first.md", "second.md"]);
  });

  test("of one name and the same bytes are one file", async () => {
    const disk = memoryDisk([INBOX]);
    expect(await placeAll(disk, [placement(), placement()])).toEqual(["first.md", "first.md"]);
    expect([...disk.files().keys()]).toEqual([`${INBOX}/first.md`]);
  });

  test("fail one by one", async () => {
    let links = 0;
    const disk = memoryDisk([INBOX], (step) => {
      if (step === "link" && ++links === 1) throw diskError("EIO");
    });
    expect(await placeAll(disk, [placement(), placement({ bytes: OTHER })])).toEqual(["DISK", "first.md"]);
  });

  test("are none of them done when their folder was not synced", async () => {
    const disk = memoryDisk([INBOX], (step) => {
      if (step === "syncFolder") throw diskError("EIO");
    });
    expect(await placeAll(disk, [placement(), placement({ bytes: OTHER })])).toEqual(["DISK", "DISK"]);
  });
});
