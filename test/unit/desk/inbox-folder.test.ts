/** The inbox as a folder: of any size, with whatever lies in it, while others write to it. */
import { pbkdf2 } from "node:crypto";
import {
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeEach, describe, expect, test } from "vitest";
import { createAgentFiles } from "../../../src/adapters/agent-files.ts";
import { createInboxFolder, type InboxFolder, isItemName } from "../../../src/desk/inbox-folder.ts";
import type { TaskFiles } from "../../../src/desk/task-status.ts";
import { temporaryFolder } from "../../support/temporary-folder.ts";

const page = (status: string, more = ""): string => `---\nkind: webhook\nstatus: ${status}\ntitle: T\n---\n${more}`;
const nameOf = (n: number): string => `2026-07-05T14-22-${String(n).padStart(2, "0")}Z-x.md`;

let dir: string;
let now: number;
let reads: string[];
let files: TaskFiles;
let folder: InboxFolder;
const write = (name: string, text: string | Uint8Array) => writeFileSync(join(dir, "inbox", name), text);

beforeEach(() => {
  dir = temporaryFolder();
  mkdirSync(join(dir, "inbox"));
  now = Date.now() + 60_000;
  reads = [];
  const real = createAgentFiles(dir);
  files = {
    ...real,
    read: (path, offset, bytesMax) => {
      reads.push(path.text);
      return real.read(path, offset, bytesMax);
    },
  };
  folder = createInboxFolder(dir, files, () => now);
});

describe("the names", () => {
  test("are those of items, the newest first; no file is read for them", async () => {
    for (const n of [2, 1, 3]) write(nameOf(n), page("new"));
    for (const name of [".hidden.md", "a\nb.md", "text.txt", "\u202egnp.md", "note.md"]) write(name, "x");
    expect(await folder.names()).toEqual(["note.md", nameOf(3), nameOf(2), nameOf(1)]);
    expect(reads).toEqual([]);
  });

  test("of a desk without the folder are none", async () => {
    rmSync(join(dir, "inbox"), { recursive: true });
    expect(await folder.names()).toEqual([]);
    expect(await folder.newItems(3)).toEqual({ items: [], count: 0, more: false });
  });

  test("are read again when the clock was set back since", async () => {
    write(nameOf(1), page("new"));
    expect(await folder.names()).toHaveLength(1);
    now -= 3_600_000;
    write(nameOf(2), page("new"));
    expect(await folder.names()).toHaveLength(2);
  });

  test("are read again when the folder has changed, also within the same instant of its clock", async () => {
    write(nameOf(1), page("new"));
    expect(await folder.names()).toHaveLength(1);
    now += 1_000;
    const stat = statSync(join(dir, "inbox"));
    write(nameOf(2), page("new"));
    utimesSync(join(dir, "inbox"), stat.atime, stat.mtime);
    expect(await folder.names()).toHaveLength(2);
    now = Date.now();
    const fresh = createInboxFolder(dir, files, () => now);
    await fresh.names();
    write(nameOf(3), page("new"));
    now += 1_000;
    expect(await fresh.names()).toHaveLength(3);
  });

  test.each(["a.md", "Größe.md"])("%s is one of an item", (name) => expect(isItemName(name)).toBe(true));
  test.each(["", ".md", "..md", "a.txt", "../a.md", "a/b.md", "a\\b.md", "a\0.md", "a\n.md", `${"é".repeat(127)}.md`])(
    "%j is none",
    (name) => expect(isItemName(name)).toBe(false),
  );
});

describe("a head", () => {
  test("is read once for as long as its file stays as it is", async () => {
    write(nameOf(1), page("new"));
    await folder.head(nameOf(1));
    expect(await folder.head(nameOf(1))).toMatchObject({ file: `inbox/${nameOf(1)}`, status: "new", title: "T" });
    expect(reads).toHaveLength(1);
    write(nameOf(1), page("open"));
    expect(await folder.head(nameOf(1))).toMatchObject({ status: "open" });
  });

  test("of a file that has just been written is read each time", async () => {
    write(nameOf(1), page("new"));
    now = Date.now();
    await folder.head(nameOf(1));
    await folder.head(nameOf(1));
    expect(reads).toHaveLength(2);
  });

  test("of a huge file is read from its beginning, and of what is no plain file there is none", async () => {
    write("huge.md", page("new"));
    truncateSync(join(dir, "inbox", "huge.md"), 3 * 1024 ** 3);
    expect(await folder.head("huge.md")).toMatchObject({ status: "new" });
    writeFileSync(join(dir, "secret"), page("new"));
    symlinkSync(join(dir, "secret"), join(dir, "inbox", "link.md"));
    linkSync(join(dir, "secret"), join(dir, "inbox", "hard.md"));
    mkdirSync(join(dir, "inbox", "folder.md"));
    for (const name of ["link.md", "hard.md", "folder.md", "gone.md", "../secret"])
      expect(await folder.head(name)).toBeUndefined();
  });
});

test("the new items are the newest of those that were looked at, with how many there are", async () => {
  for (let n = 0; n < 40; n += 1) write(nameOf(n), page(n % 2 === 0 ? "new" : "done"));
  const { items, count, more } = await folder.newItems(3);
  expect([items.map(({ file }) => file), count, more]).toEqual([
    [38, 36, 34].map((n) => `inbox/${nameOf(n)}`),
    20,
    false,
  ]);
});

test(
  "a folder of thousands of items gives its new ones without reading more than some hundred",
  { timeout: 60_000 },
  async () => {
    for (let n = 0; n < 5_000; n += 1) write(`2026-07-05T${String(n).padStart(6, "0")}.md`, "x");
    expect((await folder.newItems(5)).more).toBe(true);
    expect(reads.length).toBeLessThanOrEqual(300);
  },
);

describe("an item", () => {
  test("has its fields and its text, and is cut when it is large", async () => {
    write("a.md", page("new", `# Text\n${"x".repeat(300_000)}`));
    const item = await folder.item("inbox/a.md");
    expect(item).toMatchObject({
      cut: true,
      status: "new",
      fields: [
        ["kind", "webhook"],
        ["status", "new"],
        ["title", "T"],
      ],
    });
  });

  test.each([
    ["inbox/../desk.toml", "REQUEST_MALFORMED"],
    ["desk.toml", "REQUEST_MALFORMED"],
    ["/etc/passwd", "REQUEST_MALFORMED"],
    ["inbox/.env.md", "REQUEST_MALFORMED"],
    ["inbox/a/b.md", "REQUEST_MALFORMED"],
    ["inbox/gone.md", "NOT_FOUND"],
    ["inbox/link.md", "NOT_NOW"],
  ])("%s is refused, to be read and to be marked", async (file, code) => {
    symlinkSync("/etc/passwd", join(dir, "inbox", "link.md"));
    expect(await folder.item(file)).toMatchObject({ kind: "refused", code });
    expect(await folder.mark(file, "done")).toMatchObject({ kind: "refused", code });
  });
});

describe("marking an item", () => {
  const there = (name: string) => readFileSync(join(dir, "inbox", name), "utf8");

  test("changes its status and leaves the rest", async () => {
    write("a.md", page("new", "Text\r\n\u0000"));
    expect(await folder.mark("inbox/a.md", "snoozed")).toEqual({ kind: "marked" });
    expect(there("a.md")).toBe(page("snoozed", "Text\r\n\u0000"));
  });

  test("is done on top of what a person writes at that moment", async () => {
    write("a.md", page("new", "one\n"));
    let turns = 0;
    const busy = createInboxFolder(dir, {
      ...files,
      replace: (path, bytes, expected) => {
        if (turns++ < 3) write("a.md", page("new", `edited ${turns}\n`));
        return files.replace(path, bytes, expected);
      },
    });
    expect(await busy.mark("inbox/a.md", "done")).toEqual({ kind: "marked" });
    expect(there("a.md")).toBe(page("done", "edited 3\n"));
  });

  test("gives up on a file that never rests", async () => {
    write("a.md", page("new"));
    const changed = { kind: "refused", because: "changed", says: "it changed" } as const;
    const busy = createInboxFolder(dir, { ...files, replace: () => Promise.resolve(changed) });
    expect(await busy.mark("inbox/a.md", "done")).toMatchObject({ code: "NOT_NOW" });
  });

  test.each([
    ["without a head", "just text"],
    ["with a broken head", "---\n{[\nstatus: new\n---\n"],
    ["larger than any of ours", page("new", "x".repeat(5 * 1024 * 1024))],
  ])("%s is refused and left as it is", async (_, text) => {
    write("a.md", text);
    expect(await folder.mark("inbox/a.md", "done")).toMatchObject({ code: "NOT_NOW" });
    expect(there("a.md")).toBe(text);
  });
});

test("a look at very many items does not wait for a thread for each of them, while others keep the threads busy", async () => {
  for (let n = 0; n < 200; n += 1) write(`${String(n).padStart(3, "0")}.md`, page("new"));
  let isOn = true;
  let tasks = 0;
  const busy = async (): Promise<void> => {
    while (isOn) {
      // oxlint-disable-next-line no-await-in-loop -- as a flush of the disk does, one behind the other
      await promisify(pbkdf2)("p", "s", 2_000, 32, "sha256");
      tasks += 1;
    }
  };
  const threads = Array.from({ length: 16 }, busy);
  const { items } = await folder.newItems(200);
  isOn = false;
  await Promise.all(threads);
  expect(items).toHaveLength(200);
  // One look at the folder waits for those before it. A wait for each item would let more than a thousand pass.
  expect(tasks).toBeLessThan(400);
});
