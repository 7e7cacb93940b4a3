import { execFileSync } from "node:child_process";
import * as fs from "node:fs";
import { createHash } from "node:crypto";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createAgentFiles } from "../../../src/adapters/agent-files.ts";
import { type AgentDisk, nodeAgentDisk } from "../../../src/adapters/agent-folders.ts";
import { type DeskPath, readablePath } from "../../../src/agent/desk-paths.ts";
import { sha256Of } from "../../../src/core/ids.ts";

let above: string;
let desk: string;

beforeEach(() => {
  above = fs.mkdtempSync(path.join(os.tmpdir(), "qoc-agent-files-"));
  desk = path.join(above, "desk");
  for (const folder of ["research/deep", "inbox"]) fs.mkdirSync(path.join(desk, folder), { recursive: true });
  fs.mkdirSync(path.join(above, "outside"));
  fs.writeFileSync(path.join(above, "outside/secret.md"), "SECRET");
  fs.writeFileSync(path.join(desk, "research/nvda.md"), "0123456789");
});
afterEach(() => fs.rmSync(above, { recursive: true, force: true }));

const at = (text: string): DeskPath => {
  const judged = readablePath(text);
  if (judged.kind === "refused") throw new Error(judged.says);
  return judged;
};
const page = (entries_max: number) => ({ after: "", entries_max, looked_max: 1_000 });
const hashOf = (text: string) => sha256Of(createHash("sha256").update(text).digest("hex"));
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const inDesk = (file: string): string => path.join(desk, file);
const outside = (file: string): string => path.join(above, "outside", file);

/** By path alone, as where there is no `/proc`. */
const pathsOnly: AgentDisk = { ...nodeAgentDisk, through: (file) => path.join(above, "no-proc", String(file)) };

const isRoot = process.getuid?.() === 0;
// oxlint-disable-next-line no-console -- a test that is skipped says why
if (!isRoot) console.info("skipped: a device in the way, because only root makes one");

const openFiles = (): readonly string[] =>
  fs.readdirSync("/proc/self/fd").flatMap((file) => {
    try {
      return [fs.readlinkSync(`/proc/self/fd/${file}`)].filter((name) => name.startsWith(above));
    } catch {
      return [];
    }
  });

describe.each([
  ["through open folders", nodeAgentDisk],
  ["by path", pathsOnly],
])("an agent's files, %s", (_how, disk) => {
  const files = () => createAgentFiles(desk, disk);
  const text = async (file: string) => {
    const read = await files().read(at(file), 0, 1_000);
    return read.kind === "read" ? Buffer.from(read.bytes).toString() : read;
  };

  test("a slice of a file is read, and its size told", async () => {
    expect(await files().read(at("research/nvda.md"), 3, 4)).toEqual({
      kind: "read",
      bytes: Buffer.from("3456"),
      size: 10,
    });
    expect(await files().read(at("research/nvda.md"), 30, 4)).toMatchObject({ bytes: Buffer.from(""), size: 10 });
  });

  test("a file that is not there is gone, a folder is none", async () => {
    expect(await text("research/none.md")).toMatchObject({ kind: "refused", because: "gone" });
    expect(await text("none/none.md")).toMatchObject({ kind: "refused", because: "gone" });
    expect(await text("research/deep")).toMatchObject({ kind: "refused", because: "unsafe" });
    expect(await text(".")).toMatchObject({ kind: "refused", because: "unsafe" });
  });

  test.each([
    ["a link to a file outside", () => fs.symlinkSync(outside("secret.md"), inDesk("research/x.md")), "research/x.md"],
    ["a link to a file of the desk", () => fs.symlinkSync("nvda.md", inDesk("research/x.md")), "research/x.md"],
    ["a link to nothing", () => fs.symlinkSync("none", inDesk("research/x.md")), "research/x.md"],
    ["a folder that is a link", () => fs.symlinkSync(outside(""), inDesk("research/out")), "research/out/secret.md"],
    ["a hard link to a file outside", () => fs.linkSync(outside("secret.md"), inDesk("inbox/x.md")), "inbox/x.md"],
    ["a pipe", () => execFileSync("mkfifo", [inDesk("inbox/pipe")]), "inbox/pipe"],
  ])("%s is neither read nor listed through", async (_what, make, file) => {
    make();
    expect(await text(file)).toMatchObject({ kind: "refused", because: "unsafe" });
    expect(await files().list(at(file), page(10))).toMatchObject({ kind: "refused", because: "unsafe" });
  });

  test("a pipe and a link are seen for what they are before anything is opened", async () => {
    execFileSync("mkfifo", [inDesk("inbox/pipe")]);
    fs.symlinkSync(outside("secret.md"), inDesk("inbox/link"));
    const opened: string[] = [];
    const watched: AgentDisk = {
      ...disk,
      openSync: (file, flags, mode) => {
        opened.push(path.basename(String(file)));
        return disk.openSync(file, flags, mode);
      },
    };
    for (const file of ["inbox/pipe", "inbox/link"])
      expect(await createAgentFiles(desk, watched).read(at(file), 0, 1)).toMatchObject({ because: "unsafe" });
    expect(opened).toEqual(["desk", "inbox", "desk", "inbox"]);
  });

  test.skipIf(!isRoot)("a device is not opened", async () => {
    execFileSync("mknod", [inDesk("inbox/zero"), "c", "1", "5"]);
    expect(await text("inbox/zero")).toMatchObject({ kind: "refused", because: "unsafe" });
  });

  test("a list names links without following them and hides what is closed", async () => {
    fs.symlinkSync(outside(""), inDesk("out"));
    for (const name of [".env.qoc", ".ENV", "desk.toml"]) fs.writeFileSync(inDesk(name), "x");
    fs.mkdirSync(inDesk(".qoc"));
    expect(await files().list(at("."), page(100))).toEqual({
      kind: "listed",
      more: false,
      looked: 7,
      entries: [
        { name: "desk.toml", kind: "file", size: 1 },
        { name: "inbox", kind: "folder", size: null },
        { name: "out", kind: "link", size: null },
        { name: "research", kind: "folder", size: null },
      ],
    });
  });

  test("a large folder is listed page by page, and no further than it was told to look", async () => {
    for (let i = 10; i < 60; i += 1) fs.writeFileSync(inDesk(`inbox/${i}.md`), "");
    for (let i = 0; i < 50; i += 1) fs.writeFileSync(inDesk(`inbox/.env${i}`), "");
    const first = await files().list(at("inbox"), page(20));
    expect(first).toMatchObject({ more: true, looked: 100, entries: { length: 20, 0: { name: "10.md" } } });
    const second = await files().list(at("inbox"), { ...page(30), after: "29.md" });
    expect(second).toMatchObject({ more: false, entries: { length: 30, 0: { name: "30.md" } } });
    expect(await files().list(at("inbox"), { ...page(100), looked_max: 7 })).toMatchObject({ more: true, looked: 7 });
  });

  test("a file is made whole, with the folders above it, and nothing else is left", async () => {
    expect(await files().place(at("snapshots/new/a.md"), bytesOf("hello"))).toEqual({ kind: "written" });
    expect(fs.readFileSync(inDesk("snapshots/new/a.md"), "utf8")).toBe("hello");
    expect(fs.readdirSync(inDesk("snapshots/new"))).toEqual(["a.md"]);
    expect(fs.statSync(inDesk("snapshots/new/a.md"))).toMatchObject({ nlink: 1 });
  });

  test.each([
    ["a file", () => fs.writeFileSync(inDesk("inbox/a.md"), "a person's")],
    ["a link to nothing", () => fs.symlinkSync(outside("made.md"), inDesk("inbox/a.md"))],
    ["a folder", () => fs.mkdirSync(inDesk("inbox/a.md"))],
  ])("%s that has the name stays", async (_what, make) => {
    make();
    const before = fs.lstatSync(inDesk("inbox/a.md"));
    expect(await files().place(at("inbox/a.md"), bytesOf("agent"))).toMatchObject({ because: "taken" });
    expect(fs.lstatSync(inDesk("inbox/a.md"))).toMatchObject({ ino: before.ino, size: before.size });
    expect(fs.readdirSync(inDesk("inbox"))).toEqual(["a.md"]);
    expect(fs.existsSync(outside("made.md"))).toBe(false);
  });

  test("nothing is made below a folder that is a link", async () => {
    fs.symlinkSync(outside(""), inDesk("snapshots"));
    expect(await files().place(at("snapshots/a.md"), bytesOf("x"))).toMatchObject({ because: "unsafe" });
    expect(await files().place(at("snapshots/deep/a.md"), bytesOf("x"))).toMatchObject({ because: "unsafe" });
    expect(fs.readdirSync(outside(""))).toEqual(["secret.md"]);
  });

  test("a file is replaced while it is what the caller wrote, and not otherwise", async () => {
    const file = at("research/nvda.md");
    fs.chmodSync(inDesk("research/nvda.md"), 0o640);
    expect(await files().replace(file, bytesOf("second"), hashOf("0123456789"))).toEqual({ kind: "written" });
    expect(await text("research/nvda.md")).toBe("second");
    expect(fs.statSync(inDesk("research/nvda.md")).mode & 0o777).toBe(0o640);
    fs.writeFileSync(inDesk("research/nvda.md"), "a person's");
    expect(await files().replace(file, bytesOf("third"), hashOf("second"))).toMatchObject({ because: "changed" });
    expect(await text("research/nvda.md")).toBe("a person's");
    expect(fs.readdirSync(inDesk("research"))).toEqual(["deep", "nvda.md"]);
  });

  test("a file with a second name is not replaced", async () => {
    fs.linkSync(inDesk("research/nvda.md"), outside("second.md"));
    const replaced = await files().replace(at("research/nvda.md"), bytesOf("x"), hashOf("0123456789"));
    expect(replaced).toMatchObject({ kind: "refused", because: "unsafe" });
    expect(fs.readFileSync(outside("second.md"), "utf8")).toBe("0123456789");
  });

  test("a person's edit between the first look and the change of names is kept", async () => {
    const edits: AgentDisk = {
      ...disk,
      sync: async (file) => {
        await disk.sync(file);
        fs.writeFileSync(inDesk("research/nvda.md"), "edited meanwhile");
      },
    };
    const replaced = await createAgentFiles(desk, edits).replace(
      at("research/nvda.md"),
      bytesOf("agent"),
      hashOf("0123456789"),
    );
    expect(replaced).toMatchObject({ kind: "refused", because: "changed" });
    expect(await text("research/nvda.md")).toBe("edited meanwhile");
  });

  test("a disk that fails is no refusal, and leaves nothing under the name", async () => {
    const broken: AgentDisk = { ...disk, sync: () => Promise.reject(new Error("EIO")) };
    await expect(createAgentFiles(desk, broken).place(at("inbox/a.md"), bytesOf("x"))).rejects.toThrow("EIO");
    expect(fs.readdirSync(inDesk("inbox"))).toEqual([]);
  });

  test("what is put in the way between the look and the opening is not opened", async () => {
    const swap = swapping(disk, "nvda.md", () => {
      fs.rmSync(inDesk("research/nvda.md"));
      fs.symlinkSync(outside("secret.md"), inDesk("research/nvda.md"));
    });
    expect(await createAgentFiles(desk, swap).read(at("research/nvda.md"), 0, 100)).toMatchObject({
      kind: "refused",
      because: "unsafe",
    });
  });

  test("a hard link that takes the name for the opening alone gives nothing", async () => {
    const swap = swapping(
      disk,
      "nvda.md",
      () => {
        fs.renameSync(inDesk("research/nvda.md"), inDesk("research/kept.md"));
        fs.linkSync(outside("secret.md"), inDesk("research/nvda.md"));
      },
      () => fs.renameSync(inDesk("research/kept.md"), inDesk("research/nvda.md")),
    );
    expect(await createAgentFiles(desk, swap).read(at("research/nvda.md"), 0, 100)).toMatchObject({
      kind: "refused",
      because: "unsafe",
    });
  });

  test("a folder that becomes a link before it is opened is not entered", async () => {
    const swap = swapping(disk, "research", () => {
      fs.renameSync(inDesk("research"), inDesk("moved"));
      fs.symlinkSync(outside(""), inDesk("research"));
    });
    expect(await createAgentFiles(desk, swap).read(at("research/secret.md"), 0, 100)).toMatchObject({
      kind: "refused",
      because: "unsafe",
    });
  });

  test("a folder that becomes a link after it was opened leads nowhere else", async () => {
    const swap = swapping(
      disk,
      "research",
      () => undefined,
      () => {
        fs.renameSync(inDesk("research"), inDesk("moved"));
        fs.symlinkSync(outside(""), inDesk("research"));
      },
    );
    const placed = await createAgentFiles(desk, swap).place(at("research/a.md"), bytesOf("x"));
    expect(fs.readdirSync(outside(""))).toEqual(["secret.md"]);
    // Through the open folder it goes where the folder went; by path it is seen that the folder is another.
    const went = disk === nodeAgentDisk;
    expect(placed.kind).toBe(went ? "written" : "refused");
    expect(fs.existsSync(inDesk("moved/a.md"))).toBe(went);
  });

  test("no call leaves a file open", async () => {
    fs.symlinkSync(outside("secret.md"), inDesk("research/x.md"));
    await text("research/x.md");
    await text("research/nvda.md");
    await text("research/deep/none.md");
    await files().list(at("research"), page(1));
    await files().place(at("inbox/a.md"), bytesOf("x"));
    await files().place(at("inbox/a.md"), bytesOf("x"));
    await files().replace(at("inbox/a.md"), bytesOf("y"), hashOf("x"));
    expect(openFiles()).toEqual([]);
  });
});

/** Does something right before and right behind the one opening of this name. */
function swapping(disk: AgentDisk, name: string, before: () => void, behind = (): void => undefined): AgentDisk {
  let armed = true;
  return {
    ...disk,
    openSync: (file, flags, mode) => {
      if (!armed || path.basename(String(file)) !== name) return disk.openSync(file, flags, mode);
      armed = false;
      before();
      try {
        return disk.openSync(file, flags, mode);
      } finally {
        behind();
      }
    },
  };
}
